//! The host screen: shows the session's view, and gives the host's three orders.

import { bytes, loss, percent, plural, seconds, times } from "../words/figures.js";
import "../parts/unit-hedge.js";
import { clock } from "./clock.js";
import { roster } from "./roster.js";
import { density } from "../parts/density.js";
import { $, say } from "../parts/page.js";
import { speak, words } from "../words.js";

await speak();
const code = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const CHARTS = ["accuracy", "bytes", "density", "loss"];
const PHASES = {
  lobby: view => `Waiting for clients: ${here(view)} of ${view.needed}`,
  collecting: view => `Training: ${view.counted} of ${view.cohort} answered`,
  paused: () => "Paused",
  closing: () => "Measuring the final model",
  done: () => "Done",
};
const MOST_RETRY_SECS = 8;

let socket = null;
let retrySecs = 1;
let rounds = [];
let chartsOf = "";
let downloadsShown = "";
let isRefused = false;

connect();

function connect() {
  const secret = location.hash.slice(1);
  if (!secret) return refuse("This link lacks the host’s secret (the part after #). Open the host link that the coordinator printed.");
  socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/ws/host/${encodeURIComponent(code)}`);
  socket.onopen = () => {
    rounds = [];
    socket.send(JSON.stringify({ secret }));
  };
  socket.onmessage = ({ data }) => {
    const view = JSON.parse(data);
    if (view.error) return refuse(view.error);
    retrySecs = 1;
    show({ ...view, history: remembered(view) });
  };
  socket.onclose = ({ code: why, reason }) => {
    // 1008 is a refusal: the same secret would be refused again.
    if (why === 1008) return refuse(reason || "The coordinator refused this secret. Open the host link that it printed.");
    if (isRefused) return;
    trouble(`No connection to the coordinator; trying again in ${plural(retrySecs, { one: "# second", other: "# seconds" })}. Clients keep their work meanwhile.`);
    setTimeout(connect, retrySecs * 1000);
    retrySecs = Math.min(retrySecs * 2, MOST_RETRY_SECS);
  };
}

/** All rounds so far: a message carries those that are new, or newly measured. */
function remembered(view) {
  for (const record of view.history) rounds[record.round] = record;
  rounds.length = Math.min(rounds.length, view.rounds_committed);
  return rounds.filter(Boolean);
}

function refuse(sentence) {
  isRefused = true;
  document.body.dataset.state = "refused";
  say("phase", "Not connected");
  trouble(sentence);
}

function trouble(sentence) {
  say("trouble", sentence);
  $("trouble").hidden = false;
  for (const id of ["start", "pause", "stop"]) $(id).disabled = true;
}

function show(view) {
  document.body.dataset.state = view.phase;
  document.body.dataset.round = view.rounds_committed;
  document.title = `Pleach ${view.code}: round ${view.rounds_committed} of ${view.rounds}`;
  say("recipe", view.recipe);
  say("about", view.about);
  say("data", `Data: ${view.data}`);
  say("phase", PHASES[view.phase](view));
  clock($("clock"), view);
  orders(view);
  invite(view);
  headlines(view);
  charts(view);
  // On a projector the picture takes what height is left, on anything smaller what it needs.
  const isProjector = matchMedia("(min-width: 90rem)").matches;
  const rows = view.spaces.map(it => ({ ...it, vote: null }));
  $("units").show(rows, isProjector ? Math.max(90, $("units").parentElement.clientHeight) : 400);
  roster(view);
  $("trouble").hidden = !view.problem;
  say("trouble", view.problem ?? "");
  say("refusals", refusals(view.refusals));
  downloads(view);
}

const here = view => view.clients.filter(it => it.state !== "gone").length;

function orders(view) {
  const isOver = view.phase === "done" || view.phase === "closing";
  const isWaiting = view.phase === "lobby" || view.is_paused;
  $("start").disabled = isOver || !isWaiting;
  say("start", view.is_paused ? "Go on" : "Start");
  $("pause").disabled = isOver || view.is_paused;
  $("stop").disabled = isOver;
}

function invite(view) {
  say("code", view.code);
  say("link", view.join_url.replace(/^https?:\/\//, ""));
  $("link").href = view.join_url;
  const qr = `data:image/svg+xml,${encodeURIComponent(view.qr_svg)}`;
  if ($("qr").src !== qr) $("qr").src = qr;
  $("qr").alt = `QR code of ${view.join_url}`;
}

function headlines(view) {
  const sum = of => view.history.reduce((total, it) => total + of(it), 0);
  const moved = sum(it => it.bytes_up + it.bytes_down);
  const dense = sum(it => it.bytes_dense);
  const voids = sum(it => it.void);
  say("round", `${view.rounds_committed} of ${view.rounds}`);
  say("voids", voids ? `${plural(voids, { one: "# attempt", other: "# attempts" })} void` : lastTook(view));
  // A topic model has no right answers.
  say("measure", view.has_classes ? "Accuracy" : "Loss per document");
  say("accuracy", view.has_classes ? percent(view.accuracy) : loss(view.loss));
  const { pattern, saves_time: savesTime, draws_parts: drawsParts, unit_density: share } = view;
  const stage = view.stages[view.stage] + (view.levels > 1 ? `, level ${view.level + 1} of ${view.levels}` : "");
  const groups = words.groups[pattern];
  say("alive", `${groups[0].toUpperCase()}${groups.slice(1)} alive`);
  say("density", percent(share));
  $("share").value = share;
  say("kept", density(words, { pattern, stage, stages: view.stages.length, share, savesTime, drawsParts }));
  say("weights", `${percent(view.n_alive_weights / view.n_params)} of ${view.n_params.toLocaleString("en")} weights`);
  say("saved", moved ? times(dense / moved) : "–");
  say("moved", moved ? `${bytes(moved)}, dense FedAvg ${bytes(dense)}` : "against dense fp32 FedAvg");
}

const lastTook = view => (view.history.length ? `the last took ${seconds(view.history.at(-1).seconds)}` : "");

/** New charts when something measured is new: a round, or a late evaluation of one. */
function charts(view) {
  const version = `r=${view.rounds_committed}&e=${view.history.filter(it => it.test).length}&p=${view.phase === "done"}`;
  if (version === chartsOf) return;
  chartsOf = version;
  $("chart-accuracy").hidden = !view.has_classes;
  for (const name of CHARTS) {
    const next = new Image();
    next.src = `/s/${encodeURIComponent(view.code)}/charts/${name}.svg?${version}`;
    // Swapped once it is there, so that nothing flickers.
    next.decode().then(() => ($(`chart-${name}`).src = next.src), () => (chartsOf = ""));
  }
}

function refusals(kinds) {
  const list = Object.entries(kinds);
  return list.length ? `Refused: ${list.map(([kind, n]) => `${n} × ${kind.replaceAll("_", " ")}`).join(", ")}` : "";
}

function downloads(view) {
  const list = Object.entries(view.downloads ?? {});
  $("downloads").hidden = !list.length;
  // Links may be renewed, but replacing them under a pointer for nothing would be rude.
  if (JSON.stringify(list) === downloadsShown) return;
  downloadsShown = JSON.stringify(list);
  $("downloads").replaceChildren(...list.map(([name, url]) => {
    const link = document.createElement("a");
    link.href = url;
    link.download = "";
    link.textContent = name;
    return link;
  }));
}

const order = word => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ order: word }));
$("start").addEventListener("click", () => order("start"));
$("pause").addEventListener("click", () => order("pause"));
$("stop").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => {
  if ($("sure").returnValue === "stop") order("stop");
  $("sure").returnValue = "";
});

$("zoom").addEventListener("click", zoom);
addEventListener("keydown", event => {
  if (event.key === "Escape" && document.body.classList.contains("zoomed")) zoom();
});
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement) document.body.classList.remove("zoomed");
});

function zoom() {
  const isZoomed = document.body.classList.toggle("zoomed");
  // Where full screen is refused, the code still fills the window.
  if (isZoomed) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
}
