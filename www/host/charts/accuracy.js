//! How often the shared model, and clients' own after training, are right.

import { afterRounds, ofShared } from "./rounds.js";

const rightOf = it => (it.n && it.correct != null ? it.correct / it.n : null);

export default (words, view) => {
  // A topic model has no right answers.
  if (!view.has_classes) return null;
  const points = ofShared(view, rightOf);
  // The clients' word on the final model belongs to no round's record.
  const isMissing = !points.length || points.at(-1)[0] < view.rounds_committed;
  if (view.phase === "done" && view.accuracy != null && isMissing) points.push([view.rounds_committed, view.accuracy]);
  const series = [
    { name: words.host.shared, points, tone: "leaf" },
    { name: words.host.trained, points: afterRounds(view.history, it => rightOf(it.trained)), tone: "sky" },
  ];
  return { title: words.host.accuracy, unit: "share", axis: "near", series };
};
