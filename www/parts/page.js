//! What every screen does to its page: elements by name, texts that change only when they differ, and a way on when all else fails.

export const $ = id => document.getElementById(id);

/** Puts a text into an element; the same text again touches nothing, so that no screen reader repeats it. */
export function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

/** Hides an element, or shows it; as it is already, nothing is touched. */
export function hide(id, isHidden) {
  if ($(id).hidden !== isHidden) $(id).hidden = isHidden;
}

/** Shows that this page has failed, with a way on; the problem stands in a folded detail. */
export function broken(problem) {
  document.body.dataset.broken = "";
  const detail = document.querySelector(".stuck pre");
  if (detail) detail.textContent = String(problem?.stack ?? problem);
}

// Scripts of the browser's extensions fail here too, and are not this page.
const isOurs = event => event.filename?.startsWith(location.origin);

addEventListener("error", event => event.error && isOurs(event) && broken(event.error));
addEventListener("unhandledrejection", event => broken(event.reason));
