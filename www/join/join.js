//! The join page: starts the worker, shows what it sends, and keeps it awake.

import { $, broken } from "../parts/page.js";
import "../parts/language-switch.js";
import { coded, speak } from "../words.js";
import { isForeign } from "../parts/foreign.js";
import { keep, kept } from "../words/kept.js";
import { FIRST, whole } from "./received.js";
import { show } from "./screen.js";
import { leave, resume, take } from "./seat.js";
import { OVER, isBusy, isOffline, reloads } from "./telling.js";

const query = new URLSearchParams(location.search);
const code = decodeURIComponent(location.pathname.match(/^\/j\/([^/]+)/)?.[1] ?? "");
let worker = null;
let wakeLock = null;
let view = FIRST;
let retryAt = 0;
let retry = null;
/** Whether the coordinator has ever let this page in. */
let isKnown = false;

await speak();
if (!isSecureContext) offerHttps();
if (code) await join();
else find();

/** Not waited for: whoever joins without HTTPS joins at once. */
async function offerHttps() {
  const { offer } = await import("./secure.js");
  await offer($("secure"));
}

function find() {
  $("find").hidden = false;
  $("find").addEventListener("submit", event => {
    event.preventDefault();
    location.href = `/j/${encodeURIComponent($("typed").value.trim())}`;
  });
}

async function join() {
  $("code").textContent = code;
  document.title = `Pleach ${code}`;
  $("name").value = query.get("name") ?? kept("name") ?? "";
  $("join").addEventListener("submit", event => {
    event.preventDefault();
    start(null);
  });
  $("leave").addEventListener("click", stop);
  $("again").addEventListener("click", again);
  document.addEventListener("words", () => worker && draw());
  const token = await resume(code);
  if (token || query.get("join") === "1") return start(token);
  leave(code);
  $("join").hidden = false;
}

function start(token) {
  worker?.terminate();
  const name = $("name").value.trim();
  // A name from a link is not this device's own.
  if (!query.has("name")) keep("name", name);
  const device = query.get("device") ?? "";
  worker = new Worker("/join/worker.js", { type: "module" });
  worker.onmessage = ({ data }) => hear(data);
  worker.onerror = event => {
    event.preventDefault();
    hear({ ...view, state: { failed: { crashed: { detail: event.message ?? "" } } } });
  };
  worker.postMessage({ type: "join", settings: { code, name, device, origin: location.origin, token: token ?? "" } });
  $("join").hidden = true;
  $("live").hidden = false;
  view = FIRST;
  draw();
  $("state").focus();
}

/** A view of the worker's, or what it says of itself when it has none. */
function hear(sent) {
  view = "losses" in sent ? whole(view, sent) : { ...view, connection: "none", state: sent };
  if (view.session) take(code, view.session.token);
  const [link, connection] = coded(view.connection);
  isKnown ||= link === "online";
  if (link === "offline") lose(connection.retry_secs);
  else clearInterval(retry);
  if (coded(view.state)[0] === "failed") {
    worker?.terminate();
    worker = null;
  }
  draw();
}

function draw() {
  try {
    show(view, Math.max(0, Math.ceil((retryAt - performance.now()) / 1000)));
  } catch (error) {
    broken(error);
    throw error;
  }
  keepAwake();
}

/** A socket that is refused does not say why: the coordinator may not know the address at which this page stands. */
async function lose(secs) {
  count(secs);
  if (isKnown || !(await isForeign())) return;
  hear({ ...view, connection: "none", state: { failed: { foreign: { origin: location.origin } } } });
}

/** Counts down to the next attempt to connect. */
function count(secs) {
  clearInterval(retry);
  retryAt = performance.now() + secs * 1000;
  retry = setInterval(draw, 1000);
}

async function again() {
  const [state, failure] = coded(view.state);
  if (state === "failed" && reloads(failure)) location.reload();
  else start(await resume(code));
}

function stop() {
  const leaving = worker;
  worker = null;
  leave(code);
  leaving?.postMessage({ type: "leave" });
  // A moment to say goodbye; then this tab computes nothing any more.
  setTimeout(() => leaving?.terminate(), 500);
  if (leaving) leaving.onmessage = null;
  clearInterval(retry);
  view = { ...view, connection: "none", state: "left" };
  draw();
}

/** Phones sleep between rounds unless asked not to; where they cannot be asked, the page says to keep the screen on. */
async function keepAwake() {
  const isOver = OVER.includes(coded(view.state)[0]);
  const wanted = worker && !isOver && document.visibilityState === "visible";
  if (wanted && !wakeLock && navigator.wakeLock) {
    wakeLock = navigator.wakeLock.request("screen").catch(() => null);
    const lock = await wakeLock;
    if (lock) lock.addEventListener("release", () => (wakeLock = null));
  } else if (!wanted && wakeLock) {
    const lock = await wakeLock;
    wakeLock = null;
    lock?.release();
  }
}

function wake() {
  if (document.visibilityState === "visible") worker?.postMessage({ type: "wake" });
  keepAwake();
}
document.addEventListener("visibilitychange", wake);
addEventListener("online", wake);
addEventListener("pageshow", wake);
addEventListener("beforeunload", event => {
  if (worker && isBusy(view)) event.preventDefault();
});
