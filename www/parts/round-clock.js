//! The round's clock: how long the open round may still take, counted down between two views.

import { words } from "../words.js";

const LATE_SECS = 5;

/** `show(seconds)` from now on; `null` where no round is open. */
customElements.define("round-clock", class extends HTMLElement {
  #ends = null;
  #timer = null;

  connectedCallback() {
    this.setAttribute("role", "timer");
  }

  show(seconds) {
    this.#ends = seconds == null ? null : performance.now() + seconds * 1000;
    clearInterval(this.#timer);
    if (seconds != null) this.#timer = setInterval(() => this.#write(), 500);
    this.#write();
  }

  #write() {
    const left = this.#ends == null ? null : Math.max(0, Math.ceil((this.#ends - performance.now()) / 1000));
    const text = left == null ? "" : words.parts.left(`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    if (this.textContent !== text) this.textContent = text;
    this.setAttribute("aria-label", left == null ? "" : words.parts.deadline);
    this.classList.toggle("late", left != null && left <= LATE_SECS);
  }
});
