//! The bytes of each round beside those of dense federated averaging.

import { afterRounds } from "./rounds.js";

export default (words, { history }) => {
  const series = [
    { name: words.host.movedBytes, points: afterRounds(history, it => it.bytes_up + it.bytes_down), tone: "leaf" },
    { name: words.host.denseBytes, points: afterRounds(history, it => it.bytes_dense), tone: "dense" },
  ];
  return { title: words.host.bytesEach, unit: "bytes", axis: "zero", series };
};
