//! The charts of a session: what a view's history says round by round, as `line-chart` takes it.

import accuracy from "./charts/accuracy.js";
import bytes from "./charts/bytes.js";
import density from "./charts/density.js";
import loss from "./charts/loss.js";

/** By name, in the order in which they stand: each a function of the words and a view, `null` where the model has no such figures. */
export const CHARTS = { accuracy, bytes, density, loss };

/** Short sessions show from the start how far they go. */
const SPAN = 12;

/** What all charts of a view share: rounds along the axis, and marks where the mask changed. */
export function shared(words, { history, rounds }) {
  return {
    marks: history.filter(it => it.mask_event).map(it => it.round + 1),
    labels: { x: words.host.round, mark: words.host.cut, at: words.host.atRound },
    span: Math.min(rounds, SPAN),
    end: rounds,
  };
}
