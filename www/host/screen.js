//! The host screen as its latest view and connection say: writes the words of `telling.js` and draws the pictures.

import { $, hide, say } from "../parts/page.js";
import { announce } from "../parts/announce.js";
import { element } from "../parts/elements.js";
import "../parts/client-roster.js";
import "../parts/line-chart.js";
import "../parts/round-clock.js";
import "../parts/unit-hedge.js";
import { CHARTS, shared } from "./charts.js";
import { told } from "../words.js";
import { stateOf, texts } from "./telling.js";

const LEAST_HEIGHT = 90;
/** Where nothing scrolls but a long roster, as host.css has it. */
const WHOLE = "(min-width: 75rem) and (min-height: 42rem)";
const MOST_HEIGHT = 400;

/** What the charts were drawn of: they are drawn anew for another round, another measurement, another language. */
let drawn = {};

/** Shows a view, `null` before the first one came, and how the connection stands. */
export function show(words, view, link) {
  const all = texts(words, view, link);
  for (const [id, text] of Object.entries(all)) say(id, text);
  announce(all.sentence || all.phase);
  const state = stateOf(view, link);
  if (document.body.dataset.state !== state) document.body.dataset.state = state;
  hide("trouble", !all.sentence);
  hide("said", !all.problem);
  hide("obstacle", !all.obstacle);
  const isOnline = link === "online";
  const isOver = ["done", "closing"].includes(view?.phase);
  enable("start", isOnline && !isOver && (view.phase === "lobby" || view.is_paused));
  enable("pause", isOnline && !isOver && !view.is_paused);
  enable("stop", isOnline && !isOver);
  $("clock").show(isOnline && view.phase === "collecting" ? view.seconds_left : null);
  if (view) picture(words, view);
}

function picture(words, view) {
  document.body.dataset.round = view.rounds_committed;
  document.title = words.host.title(view.code, view.rounds_committed, view.rounds);
  invite(words, view);
  $("share").value = view.unit_density;
  // Where everything is seen at once, the picture takes what height is left, elsewhere what it needs.
  const height = matchMedia(WHOLE).matches ? Math.max(LEAST_HEIGHT, $("units").parentElement.clientHeight) : MOST_HEIGHT;
  $("units").show(view.spaces.map(it => ({ ...it, vote: null })), height);
  $("roster").show(view.clients);
  downloads(view.downloads);
  plot(words, view);
}

function plot(words, view) {
  const { history, phase } = view;
  if (drawn.history === history && drawn.phase === phase && drawn.words === words) return;
  drawn = { history, phase, words };
  for (const [name, chart] of Object.entries(CHARTS)) {
    const id = `chart-${name}`;
    if (!$(id)) $("charts").append(element("line-chart", { id }));
    const shown = chart(words, view);
    hide(id, !shown);
    if (shown) $(id).show({ ...shared(words, view), ...shown });
  }
}

function invite(words, view) {
  const qr = `data:image/svg+xml,${encodeURIComponent(view.qr_svg)}`;
  if ($("qr").src !== qr) $("qr").src = qr;
  $("qr").alt = words.host.qr(view.join_url);
  $("link").href = view.join_url;
  const others = view.ways.filter(it => it.join_url !== view.join_url);
  // Once people are in, they have found the way.
  hide("ways", !others.length || view.phase !== "lobby");
  list("ways", others.map(it => [it.join_url, told(words.ways, it.link)]), ([href, by]) =>
    element("li", {}, element("a", { href }, href.replace(/^https?:\/\//, "")), element("small", {}, by)));
}

function downloads(files) {
  const entries = Object.entries(files);
  hide("offered", !entries.length);
  list("downloads", entries, ([name, href]) => element("a", { href, download: "" }, name));
}

/** Fills a list. What is in it may be renewed, but replacing it under a pointer for nothing would be rude. */
function list(id, entries, made) {
  const key = JSON.stringify(entries);
  if ($(id).dataset.of === key) return;
  $(id).dataset.of = key;
  $(id).replaceChildren(...entries.map(made));
}

function enable(id, isEnabled) {
  if ($(id).disabled === isEnabled) $(id).disabled = !isEnabled;
}
