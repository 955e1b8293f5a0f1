//! What this tab is doing, as its worker tells it.

import { bytes, loss, percent, plural, seconds } from "../words/figures.js";
import { count, draw } from "../parts/unit-hedge.js";
import { curve } from "./curve.js";
import { density, noun } from "../parts/density.js";
import { $, say } from "../parts/page.js";

/** State words, as `data-state` of the body has them, and what they mean to a person. */
const STATES = {
  probing: "Trying out this device…",
  connecting: "Connecting…",
  waiting: "Waiting for others",
  next: "A round is under way; you are in the next one",
  paused: "The host paused",
  rested: "Resting: people have joined, so practice clients step aside",
  watching: "Watching: one client trains on all of the data",
  training: "Training",
  voted: "Voted",
  sent: "Sent",
  recovering: "The device was lost; starting this round again",
  done: "Done. Thank you!",
  left: "You left. Nothing runs here any more.",
  failed: "This did not work",
};
const STANDBY = { lobby: "waiting", next_round: "next", paused: "paused", stepped_aside: "rested", watching: "watching" };
const OVER = ["done", "left", "failed"];

let state = "ready";
let isOffline = false;
let retry = null;
let sizes = [];
let pattern = "unit";
let plan = null;
let addLoss = null;
let working = "";
let shown = "";
let compiling = "";

export const isBusy = () => state === "training" || state === "recovering";
export const isOver = () => OVER.includes(state);

/** Puts the page into a state. */
export function enter(word, detail = "") {
  state = word;
  $("leave").hidden = isOver();
  if (word === "probing") $("refusal").hidden = true;
  $("again").hidden = !isOver() || state === "done";
  say("again", word === "failed" ? "Try again" : "Join again");
  if (isOver()) online();
  reflect(detail);
}

/** Shows one event of the worker. */
export function show(event) {
  SHOWS[event.type]?.(event);
}

const SHOWS = {
  probing: () => enter("probing"),
  compiling: ({ done, total }) => {
    compiling = done < total ? `Compiling shaders: ${done} of ${total}` : "";
    if (!isOffline) sayDetail();
  },
  device: ({ kind, name, why, reports }) => {
    // Names begin with the kind.
    say("device", `${(name || kind).replace(/^[cg]pu/, it => it.toUpperCase())}: ${why}`);
    $("device").title = (reports ?? []).map(told).join("\n");
  },
  connecting: ({ attempt }) => enter("connecting", attempt > 1 ? `Attempt ${attempt}` : ""),
  offline: ({ retry_secs }) => offline(retry_secs),
  online: () => {
    online();
    reflect();
  },
  welcome: ({ client, recipe, about, data, n_params, spaces, pattern: kind }) => {
    online();
    if (state === "probing" || state === "connecting") enter("connecting", "Here; the host has the word.");
    say("about", `${recipe}: ${about} Data: ${data}. ${n_params.toLocaleString("en")} weights. You are client ${client}.`);
    [sizes, pattern] = [spaces, kind];
    document.body.dataset.client = client;
  },
  data: ({ n_train, n_held_out, bytes: size }) =>
    say("samples", `${plural(n_train, { one: "# sample", other: "# samples" })} to train on, ${n_held_out} held out to check (${bytes(size)})`),
  standby: ({ reason, joined, needed }) =>
    enter(STANDBY[reason] ?? "waiting", reason === "lobby" && needed ? `${joined} of ${needed} are here` : ""),
  plan: event => {
    const { round, rounds, stage, n_alive_weights, density: share, is_own_part, saves_time, wants_vote, bytes: size } = event;
    plan = event;
    document.body.dataset.round = round;
    say("round", round < rounds ? `Round ${round + 1} of ${rounds}` : "Last look at the final model");
    $("bar").value = round / rounds;
    say("density", percent(share));
    density($("share"), $("kept"), { pattern, stage, share, savesTime: saves_time, isPart: is_own_part });
    working = `${n_alive_weights.toLocaleString("en")} weights alive, ${bytes(size)} received`;
    hedge(null, wants_vote ? "My votes come at the end of the round." : undefined);
    enter("training", working);
  },
  tick: ({ step, steps, loss: value }) => {
    if (state !== "training") enter("training", working);
    say("loss", loss(value));
    addLoss ??= curve($("curve"));
    addLoss(value);
    if (plan) $("bar").value = (plan.round + 0.9 * (steps ? Math.min(step / steps, 1) : 0)) / plan.rounds;
  },
  sent: ({ round, loss: value, accuracy, vote, bytes: size, train_millis }) => {
    if (value != null) say("loss", loss(value));
    if (accuracy != null) say("accuracy", percent(accuracy));
    if (plan) $("bar").value = Math.min((round + 0.95) / plan.rounds, 1);
    $("refusal").hidden = true;
    hedge(vote);
    enter(vote ? "voted" : "sent", `Trained ${seconds(train_millis / 1000)}, sent ${bytes(size)}; now waiting`);
  },
  refused: ({ message }) => {
    warn(`The host did not count this: ${message}`);
  },
  traffic: ({ up, down }) => say("bytes", `${bytes(up)} up, ${bytes(down)} down`),
  device_lost: ({ message }) => enter("recovering", message),
  done: ({ rounds, accuracy, density: share }) => {
    $("bar").value = 1;
    say("round", `${plural(rounds, { one: "# round", other: "# rounds" })} done`);
    if (accuracy != null) say("accuracy", percent(accuracy));
    say("density", percent(share));
    const reached = accuracy == null ? "" : `The network you grew together is right ${percent(accuracy)} of the time, `;
    enter("done", reached ? `${reached}with ${percent(share)} of its ${noun(pattern)}s.` : "");
  },
  failed: ({ message }) => {
    enter("failed");
    warn(message);
  },
};

function warn(sentence) {
  say("refusal", sentence);
  $("refusal").hidden = false;
}

/** The network with this tab's votes; without, as the plan brought it. */
function hedge(votes, noVotes = "No vote in this round.") {
  if (!sizes.length) return say("votes", "This network has nothing to prune.");
  draw($("units"), sizes.map((row, at) => ({ ...row, alive: plan.alive[at], units: plan.mask[at], votes: votes?.[at] })), 420);
  const drops = votes ? votes.reduce((sum, it) => sum + count(it), 0) : 0;
  say("votes", votes ? `I vote to drop ${plural(drops, { one: `# ${noun(pattern)}`, other: `# ${noun(pattern)}s` })}.` : noVotes);
}

function offline(secs) {
  isOffline = true;
  let left = Math.max(0, Math.round(secs));
  clearInterval(retry);
  retry = setInterval(() => {
    left -= 1;
    countdown(left);
  }, 1000);
  reflect();
  countdown(left);
}

/** Beside the live region, so that no screen reader counts aloud. */
function countdown(left) {
  const when = left > 0 ? `Trying again in ${left} s` : "Trying again now";
  say("detail", `${when} — your work is kept${isBusy() ? ", training goes on" : ""}`);
  if (left <= 0) clearInterval(retry);
}

function online() {
  isOffline = false;
  clearInterval(retry);
}

function reflect(detail) {
  document.body.dataset.state = isOffline ? "offline" : state;
  say("state", isOffline ? "Connection lost" : STATES[state]);
  if (isOffline) return;
  shown = detail ?? "";
  sayDetail();
}

/** What the state's word leaves open, and what goes on beside it. */
function sayDetail() {
  say("detail", [shown, compiling].filter(Boolean).join(" · "));
}

function told({ kind, name, verdict, step_micros }) {
  return `${kind} ${name ?? ""}: ${verdict}${step_micros ? `, ${(step_micros / 1000).toFixed(1)} ms a step` : ""}`;
}
