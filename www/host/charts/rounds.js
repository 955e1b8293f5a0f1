//! Figures by round, as points of a chart; what nobody measured is left out.

/** After how many rounds a figure of their records came to what. */
export const afterRounds = (history, figure) => known(history.map(it => [it.round + 1, figure(it)]));

/**
 * Of the committed model: on the host's test data, else on what clients held out before they trained on. What nobody has trained
 * yet is left out: it would only widen the axis.
 */
export function ofShared({ history, has_evaluator: isTested }, figure) {
  if (isTested) return afterRounds(history, it => it.test && figure(it.test));
  return known(history.filter(it => it.round).map(it => [it.round, figure(it.received)]));
}

const known = points => points.filter(it => it[1] != null);
