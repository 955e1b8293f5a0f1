//! What a worker sends, made whole: a view as the client's heart has it, with all of its losses.

/** A client before its worker says anything: the fields are those of `View` in client-wasm/src/view.rs. */
export const FIRST = {
  state: "probing",
  connection: "none",
  session: null,
  samples: null,
  own: null,
  device: null,
  compiling: null,
  round: null,
  progress: 0,
  loss: null,
  accuracy: null,
  layers: [],
  losses: { from: 0, points: [], stride: 0 },
  cuts: [],
  traffic: { up: 0, down: 0 },
  refusal: null,
};

/** Puts a view in the place of the one before; of the losses only the new ones travel. */
export function whole(before, view) {
  const { from, points, stride } = view.losses;
  return { ...view, losses: { from: 0, points: [...before.losses.points.slice(0, from), ...points], stride } };
}
