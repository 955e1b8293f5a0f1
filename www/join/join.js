//! The join page: starts the worker, shows what it tells, and keeps it awake.

import { resume, take, leave } from "./seat.js";
import { show, enter, isBusy, isOver } from "./live.js";
import { $ } from "../parts/page.js";
import "../parts/language-switch.js";
import { speak } from "../words.js";

await speak();
const query = new URLSearchParams(location.search);
const code = decodeURIComponent(location.pathname.match(/^\/j\/([^/]+)/)?.[1] ?? "");
let worker = null;
let wakeLock = null;

if (code) {
  $("code").textContent = code;
  document.title = `Pleach: ${code}`;
  $("name").value = query.get("name") ?? remembered() ?? "";
  $("join").addEventListener("submit", event => {
    event.preventDefault();
    start(null);
  });
  $("leave").addEventListener("click", stop);
  $("again").addEventListener("click", async () => start(await resume(code)));
  const token = await resume(code);
  if (token || query.get("join") === "1") start(token);
  else {
    leave(code);
    $("join").hidden = false;
  }
} else {
  $("find").hidden = false;
  $("find").addEventListener("submit", event => {
    event.preventDefault();
    location.href = `/j/${encodeURIComponent($("typed").value.trim())}`;
  });
}

function start(token) {
  worker?.terminate();
  const name = $("name").value.trim();
  remember(name);
  const device = ["gpu", "gpu-f16", "cpu"].includes(query.get("device")) ? query.get("device") : null;
  worker = new Worker("/join/worker.js", { type: "module" });
  worker.onmessage = ({ data }) => hear(data);
  worker.onerror = event => {
    event.preventDefault();
    hear({ type: "failed", message: event.message || "the training worker could not be loaded" });
  };
  worker.postMessage({ type: "join", settings: { code, name, device, origin: location.origin, token } });
  $("join").hidden = true;
  $("live").hidden = false;
  enter("probing");
  keepAwake();
}

function hear(event) {
  if (event.type === "welcome") take(code, event.token);
  show(event);
  if (event.type === "failed") {
    worker?.terminate();
    worker = null;
  }
  keepAwake();
}

function stop() {
  const leaving = worker;
  worker = null;
  leave(code);
  leaving?.postMessage({ type: "leave" });
  // A moment to say goodbye; then this tab computes nothing any more.
  setTimeout(() => leaving?.terminate(), 500);
  if (leaving) leaving.onmessage = null;
  enter("left");
  keepAwake();
}

/** Phones sleep between rounds unless asked not to; where they cannot be asked, the page says to keep the screen on. */
async function keepAwake() {
  const wanted = worker && !isOver() && document.visibilityState === "visible";
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
  if (worker && isBusy()) event.preventDefault();
});

function remembered() {
  try {
    return localStorage.getItem("pleach name");
  } catch {
    return null;
  }
}

function remember(name) {
  try {
    if (!query.has("name")) localStorage.setItem("pleach name", name);
  } catch {
    // Remembering a name is a courtesy.
  }
}
