//! The charts of a session, as `line-chart` takes them: what a view's history says, round by round.

/** Short sessions show from the start how far they go. */
const SPAN = 12;

/** Charts by name; those that the model has no figures for are left out. */
export function charts(words, view) {
  const shared = {
    marks: view.history.filter(it => it.mask_event).map(it => it.round + 1),
    labels: { x: words.host.round, mark: words.host.cut, at: words.host.atRound },
    span: Math.min(view.rounds, SPAN),
    end: view.rounds,
  };
  const all = { bytes: bytes(words, view), density: density(words, view), loss: losses(words, view) };
  // A topic model has no right answers.
  if (view.has_classes) all.accuracy = accuracies(words, view);
  return Object.fromEntries(Object.entries(all).map(([name, it]) => [name, { ...shared, ...it }]));
}

const rightOf = it => (it.n && it.correct != null ? it.correct / it.n : null);
const lossOf = it => (it.n ? it.loss : null);

/** Of the committed model: on the host's test data, else on what clients held out before they trained on. */
function ofShared({ history }, figure) {
  if (history.some(it => it.test)) return afterRounds(history, it => it.test && figure(it.test));
  return history.map(it => [it.round, figure(it.received)]).filter(it => it[1] != null);
}

const afterRounds = (history, figure) => history.map(it => [it.round + 1, figure(it)]).filter(it => it[1] != null);

function accuracies(words, view) {
  const shared = ofShared(view, rightOf);
  // The clients' word on the final model belongs to no round's record.
  const isMissing = !shared.length || shared.at(-1)[0] < view.rounds_committed;
  if (view.phase === "done" && view.accuracy != null && isMissing) shared.push([view.rounds_committed, view.accuracy]);
  const trained = afterRounds(view.history, it => rightOf(it.trained));
  const series = [{ name: words.host.shared, points: shared, tone: "leaf" }, { name: words.host.trained, points: trained, tone: "sky" }];
  return { title: words.host.accuracy, unit: "share", axis: "near", series };
}

function losses(words, view) {
  const training = afterRounds(view.history, it => it.loss);
  const series = [
    { name: words.host.shared, points: ofShared(view, lossOf), tone: "leaf" },
    { name: words.host.training, points: training, tone: "sky" },
  ];
  return { title: words.host.loss, unit: "loss", axis: "zero", series };
}

/** By row, from a full one on, and of all weights. */
function density(words, { spaces, history, n_params: all }) {
  const points = share => [[0, 1], ...afterRounds(history, share)];
  const rows = spaces.map(({ name, size }, row) => ({ name, points: points(it => it.alive[row] / Math.max(size, 1)) }));
  const weights = { name: words.host.weights, points: points(it => it.n_alive_weights / Math.max(all, 1)), tone: "ink" };
  return { title: words.host.aliveShare, unit: "share", axis: "whole", series: [...rows, weights] };
}

function bytes(words, { history }) {
  const moved = afterRounds(history, it => it.bytes_up + it.bytes_down);
  const dense = afterRounds(history, it => it.bytes_dense);
  const series = [{ name: words.host.movedBytes, points: moved, tone: "leaf" }, { name: words.host.denseBytes, points: dense, tone: "dense" }];
  return { title: words.host.bytesEach, unit: "bytes", axis: "zero", series };
}
