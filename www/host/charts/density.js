//! How much is alive: by row, from a full one on, and of all weights.

import { afterRounds } from "./rounds.js";

export default (words, { spaces, history, n_params: all }) => {
  const points = share => [[0, 1], ...afterRounds(history, share)];
  const rows = spaces.map(({ name, size }, row) => ({ name, points: points(it => it.alive[row] / Math.max(size, 1)) }));
  const weights = { name: words.host.weights, points: points(it => it.n_alive_weights / Math.max(all, 1)), tone: "ink" };
  return { title: words.host.aliveShare, unit: "share", axis: "whole", series: [...rows, weights] };
};
