//! What the coordinator sends, made whole: a view with all rounds, of which each message carries those that are new or newly measured.

/** Puts into `view`, as it came, the rounds known from the views before; the same list again where none is new. */
export function whole(history, view) {
  const isNew = view.history.length > 0 || history.length > view.rounds_committed;
  view.history = isNew ? merged(history, view) : history;
  return view;
}

function merged(history, view) {
  const rounds = new Map([...history, ...view.history].map(it => [it.round, it]));
  return [...rounds.values()].filter(it => it.round < view.rounds_committed).sort((a, b) => a.round - b.round);
}
