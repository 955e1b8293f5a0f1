//! The mean loss of the shared model, and in training.

import { afterRounds, ofShared } from "./rounds.js";

export default (words, view) => {
  const series = [
    { name: words.host.shared, points: ofShared(view, it => (it.n ? it.loss : null)), tone: "leaf" },
    { name: words.host.training, points: afterRounds(view.history, it => it.loss), tone: "sky" },
  ];
  return { title: words.host.loss, unit: "loss", axis: "zero", series };
};
