//! What this tab is doing, as its latest view says: writes the words of `telling.js` into the page and draws its pictures.

import { $, hide, say } from "../parts/page.js";
import { announce } from "../parts/announce.js";
import "../parts/unit-hedge.js";
import { coded, words } from "../words.js";
import { OVER, isOffline, lossChart, stateOf, texts } from "./telling.js";

const MOST_HEIGHT = 420;

/** What draws the loss is loaded when there is some, so that nobody waits for it before training begins. */
let chart = null;

/** Shows a view. `left` is how many seconds are left until the next attempt to connect. */
export function show(view, left) {
  const { session, round, losses, layers } = view;
  const all = texts(words, view, left);
  for (const [id, text] of Object.entries(all)) say(id, text);
  announce(all.state);
  const state = coded(view.state)[0];
  const isOver = OVER.includes(state);
  document.body.dataset.state = stateOf(view);
  document.body.dataset.round = round ? round.number : "";
  if (session) document.body.dataset.client = session.client;
  $("bar").value = view.progress;
  $("share").value = round ? round.density : 1;
  hide("refusal", !all.refusal);
  hide("said", !all.problem || isOffline(view));
  hide("leave", isOver);
  hide("again", !isOver || state === "done");
  // Comes at once, so that nothing jumps.
  hide("rest", !round);
  hide("units", !layers.length);
  if (layers.length) $("units").show(layers, MOST_HEIGHT);
  if (losses.points.length) curve(view);
}

async function curve(view) {
  chart ??= loadChart();
  await chart;
  $("curve").show(lossChart(words, view));
}

function loadChart() {
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `/parts/line-chart.css` });
  document.head.append(style);
  return import(`/parts/line-chart.js`);
}
