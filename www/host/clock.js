//! The deadline clock: how long the open round may still take.

let opened = null;
let timer = null;

/**
 * Shows what is left in `element`. The coordinator says it where it can (`seconds_left`); else it is counted from
 * when this screen saw the round open, and nothing is shown for a round that was open before.
 */
export function clock(element, view) {
  const isNew = !opened || opened.round !== view.rounds_committed || view.counted < opened.counted
    || opened.phase !== view.phase;
  if (isNew) {
    const sawOpening = opened !== null;
    opened = { round: view.rounds_committed, phase: view.phase };
    opened.ends = sawOpening ? performance.now() + view.deadline_secs * 1000 : null;
  }
  opened.counted = view.counted;
  if (view.seconds_left != null) opened.ends = performance.now() + view.seconds_left * 1000;
  clearInterval(timer);
  element.textContent = "";
  if (view.phase !== "collecting" || opened.ends === null) return;
  const show = () => {
    const left = Math.max(0, Math.ceil((opened.ends - performance.now()) / 1000));
    element.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    element.title = "Until this round’s deadline";
    element.classList.toggle("late", left <= 5);
  };
  show();
  timer = setInterval(show, 500);
}
