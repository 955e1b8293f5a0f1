//! The join page in words: a view and a language give all that is read on it, and nothing else does.

import { coded, told } from "../words.js";
import { loss, percent } from "../words/figures.js";
import { density } from "../parts/density.js";

/** Over: nothing runs any more. */
export const OVER = ["done", "left", "failed"];

/** After these the page itself has to be renewed before another attempt can do better. */
const RELOADS = ["unreadable", "recipe", "plan_before_data", "plan"];

/** What the body is said to be in, for styles: a lost connection stands before everything else. */
export const stateOf = view => (isOffline(view) ? "offline" : coded(view.state)[0]);
export const isOffline = view => coded(view.connection)[0] === "offline";
export const isBusy = view => ["training", "recovering"].includes(coded(view.state)[0]);

/** All texts of the page by the elements that show them. `left` is how many seconds are left until the next attempt to connect. */
export function texts(words, view, left) {
  const [code, state] = coded(view.state);
  const failure = code === "failed" ? state : null;
  const { session, round, device } = view;
  return {
    state: isOffline(view) ? words.join.offline : words.states[code],
    detail: isOffline(view) ? words.join.retrying(left, isBusy(view)) : beside(words, view),
    refusal: failure ? failed(words, failure) : view.refusal ? words.join.refused(told(words.refusals, view.refusal)) : "",
    problem: detail(view.state) ?? detail(view.own) ?? "",
    round: roundOf(words, view),
    loss: loss(view.loss),
    accuracy: percent(view.accuracy),
    density: percent(round?.density),
    kept: session && round ? density(words, { ...round, pattern: session.pattern, share: round.density, isPart: round.is_own_part, savesTime: round.saves_time }) : "",
    votes: votes(words, view),
    device: device ? deviceOf(words, device) : "–",
    tried: (device?.reports ?? []).map(it => report(words, it)).join("\n"),
    samples: [view.samples && words.join.samples(view.samples), view.own && told(words.own, view.own)].filter(Boolean).join(" · ") || "–",
    bytes: view.traffic.up || view.traffic.down ? words.join.traffics(view.traffic) : "–",
    about: session ? words.join.about(session, told(words.found, JSON.parse(session.data))) : "–",
    again: reloads(failure) ? words.join.reload : failure ? words.join.retry : words.join.again,
  };
}

/** The loss as `line-chart` draws it. */
export function lossChart(words, { losses, cuts, session }) {
  const { rounds, after, cut, loss: name, lossByRound: title } = words.join;
  const points = losses.points.map(it => [it.at, it.loss]);
  const labels = { x: rounds, mark: cut, at: after };
  return { title, series: [{ name, points, tone: "leaf" }], marks: cuts, labels, unit: "loss", axis: "zero", span: 1, end: session?.rounds ?? Infinity };
}

/** Whether only a renewed page can do better. */
export function reloads(failure) {
  if (!failure) return false;
  const [code, why] = coded(failure);
  return RELOADS.includes(code) || (code === "refused" && coded(why)[0] === "WrongVersion");
}

/** What the state's word leaves open, and what goes on beside it. */
function beside(words, view) {
  const [code, state] = coded(view.state);
  const [link, connection] = coded(view.connection);
  const groups = words.groups[view.session?.pattern ?? "unit"];
  const trouble = code === "recovering" ? capital(told(words.troubles, state.trouble)) : "";
  const attempt = code === "connecting" && link === "connecting" && connection.attempt > 1;
  const parts = [
    told(words.doing, view.state, { round: view.round, groups }, trouble),
    attempt && words.join.attempt(connection.attempt),
    view.compiling && words.join.compiling(view.compiling),
  ];
  return parts.filter(Boolean).join(" · ");
}

function failed(words, failure) {
  const [code, why] = coded(failure);
  const inner = { refused: words.refusals, unreadable: words.refusals, device: words.troubles }[code];
  return told(words.failures, failure, inner && told(inner, why));
}

/** What a library or a driver said, wherever it stands in a value. */
function detail(value) {
  if (!value || typeof value !== "object") return null;
  return "detail" in value ? value.detail : Object.values(value).map(detail).find(Boolean);
}

function roundOf(words, { state, session, round }) {
  const [code, end] = coded(state);
  if (code === "done") return words.join.roundsDone(end.rounds);
  if (!session || !round) return words.join.noRound;
  return round.number < session.rounds ? words.join.round(round.number + 1, session.rounds) : words.join.lastLook;
}

function votes(words, { session, round, layers }) {
  if (!session || !round) return words.join.noNetwork;
  if (!layers.length) return words.join.nothingToPrune;
  if (!layers.some(it => it.vote)) return round.wants_vote ? words.join.votesLater : words.join.noVote;
  return words.join.votes(words.counted[session.pattern](layers.reduce((sum, it) => sum + (it.vote?.n ?? 0), 0)));
}

function deviceOf(words, { kind, name, why }) {
  return words.join.device(named(name), told(words.why, why, kind, noGpu(words, why)));
}

/** Why there is no GPU, if that is what `it` is about. */
function noGpu(words, it) {
  const [code, reason] = coded(it);
  if (code !== "no_gpu" && code !== "absent") return "";
  const [what, trouble] = coded(reason);
  return told(words.noGpu, reason, what === "trouble" ? told(words.troubles, trouble) : "");
}

function report(words, { kind, name, verdict, step_micros }) {
  const time = step_micros == null ? "" : `, ${words.verdicts.step(step_micros)}`;
  const said = detail(verdict);
  return `${named(name || kind)}: ${told(words.verdicts, verdict, noGpu(words, verdict))}${time}${said ? ` (${said})` : ""}`;
}

/** Names begin with the kind. */
const named = name => name.replace(/^[cg]pu/, it => it.toUpperCase());
const capital = text => text[0].toUpperCase() + text.slice(1);
