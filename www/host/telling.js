//! The host screen in words: a view, a connection and a language give all that is read on it, and nothing else does.

import { coded, told } from "../words.js";
import { loss, percent, seconds, times } from "../words/figures.js";
import { density } from "../parts/density.js";

const NONE = "–";

/** How the session stands to this screen: its phase, or how the connection does where there is no session to speak of. */
export const stateOf = (view, link) => (coded(link)[0] === "online" ? view.phase : coded(link)[0]);

/** All texts of the page by the elements that show them; `view` is `null` before the first one came. */
export function texts(words, view, link) {
  const [code, values] = coded(link);
  const isOther = code === "refused" && refusal(words, values) === "other";
  return {
    phase: code === "online" ? phase(words, view) : told(words.links, link),
    sentence: sentence(words, view, link),
    problem: isOther ? values.why : (code === "online" && detail(view.problem)) || "",
    start: view?.is_paused ? words.host.goOn : words.host.start,
    ...(view ? session(words, view) : NOTHING),
  };
}

/** Before there is a session to speak of. */
const NOTHING = {
  ...{ recipe: "", about: "", data: "", code: "", link: "", obstacle: "" },
  ...{ round: NONE, voids: "", measure: "", accuracy: NONE, alive: "", density: NONE, weights: "", kept: "" },
  ...{ saved: NONE, moved: "", count: "", refusals: "" },
};

function session(words, view) {
  return { ...about(words, view), ...figures(words, view), ...bytes(words, view), ...people(words, view) };
}

const here = view => view.clients.filter(it => it.state !== "gone").length;

const phase = (words, view) => told(words.phases, view.phase, view, here(view));

/** What stands in the way, if anything does. */
function sentence(words, view, link) {
  const [code, values] = coded(link);
  if (code === "offline") return words.host.retrying(values.retry_secs);
  if (code === "refused") return told(words.farewells, refusal(words, values));
  return view?.problem ? told(words.problems, view.problem) : "";
}

/** Whose refusal it is: something between here and the coordinator has words of its own. */
const refusal = (words, { why }) => (Object.hasOwn(words.farewells, why) ? why : "other");

/** What the system says of a problem. */
const detail = problem => (problem && typeof problem === "object" ? Object.values(problem)[0].detail : null);

function about(words, view) {
  return {
    recipe: view.recipe,
    about: view.about,
    data: told(words.found, view.data),
    code: view.code,
    link: view.join_url.replace(/^https?:\/\//, ""),
    obstacle: view.obstacle ? told(words.obstacles, view.obstacle) : "",
  };
}

function figures(words, view) {
  const voids = view.history.reduce((sum, it) => sum + it.void, 0);
  const last = view.history.at(-1);
  const { pattern, saves_time: savesTime, draws_parts: drawsParts, unit_density: share } = view;
  const stage = view.levels > 1 ? words.host.level(view.stages[view.stage], view.level + 1, view.levels) : view.stages[view.stage];
  return {
    round: words.host.of(view.rounds_committed, view.rounds),
    voids: voids ? words.host.voids(voids) : last ? words.host.took(seconds(last.seconds)) : "",
    // A topic model has no right answers.
    measure: view.has_classes ? words.host.accuracy : words.host.lossEach,
    accuracy: view.has_classes ? percent(view.accuracy) : loss(view.loss),
    alive: told(words.alive, pattern),
    density: percent(share),
    weights: words.host.weightsAlive(view.n_alive_weights / view.n_params, view.n_params),
    kept: density(words, { pattern, stage, stages: view.stages.length, share, savesTime, drawsParts }),
  };
}

function bytes(words, { history }) {
  const sum = of => history.reduce((total, it) => total + of(it), 0);
  const moved = sum(it => it.bytes_up + it.bytes_down);
  const dense = sum(it => it.bytes_dense);
  return { saved: moved ? times(dense / moved) : NONE, moved: moved ? words.host.moved(moved, dense) : words.host.againstDense };
}

function people(words, view) {
  const kinds = Object.entries(view.refusals).map(([kind, n]) => words.host.times(n, told(words.refused, kind)));
  return {
    count: view.clients.length ? words.host.here(here(view)) : words.host.nobody,
    refusals: kinds.length ? words.host.refusals(kinds.join(", ")) : "",
  };
}
