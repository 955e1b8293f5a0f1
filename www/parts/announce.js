//! What a screen reader says by itself: the latest of what is new, and at most so often.

import { $ } from "./page.js";

const PAUSE_MILLIS = 5000;
let latest = "";
let next = 0;
let timer = null;

/** Has `text` said, once; what comes before the pause is over waits, and only the last of it is said. */
export function announce(text) {
  if (text === latest) return;
  latest = text;
  timer ??= setTimeout(say, Math.max(0, next - performance.now()));
}

function say() {
  timer = null;
  next = performance.now() + PAUSE_MILLIS;
  $("announce").textContent = latest;
}
