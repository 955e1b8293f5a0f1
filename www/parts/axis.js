//! Axes of charts: round numbers that cover the values and only ever grow, so that nothing moves under one's eyes.

import { bytes, fixed, loss, number, percent } from "../words/figures.js";

const PARTS = 5;
const BYTES = ["B", "kB", "MB", "GB", "TB"];

const digits = step => Math.max(0, -Math.floor(Math.log10(step) + 1e-9));

/** How values of a kind are written, in a sentence and along an axis, and between what they lie. */
export const UNITS = {
  share: { text: percent, tick: (value, { step }) => `${fixed(100 * value, digits(100 * step))}\u00a0%`, least: 0, most: 1, finest: 0.02 },
  bytes: {
    text: bytes,
    tick: (value, { high, step }) => {
      const power = Math.min(Math.max(Math.floor(Math.log10(high) / 3 + 1e-9), 0), BYTES.length - 1);
      return `${fixed(value / 1000 ** power, digits(step / 1000 ** power))}\u00a0${BYTES[power]}`;
    },
    least: 0,
    most: Infinity,
    finest: 1,
  },
  loss: { text: loss, tick: (value, { step }) => fixed(value, digits(step)), least: -Infinity, most: Infinity, finest: 0 },
  count: { text: number, tick: number, least: 0, most: Infinity, finest: 1 },
};

/** The y axis of a kind for these values, no narrower than `before`. */
export function axis(kind, before, values, unit) {
  if (kind === "whole") return { low: 0, high: 1, step: 0.2 };
  const low = values.reduce((least, it) => Math.min(least, it), kind === "zero" ? 0 : Infinity);
  const high = values.reduce((most, it) => Math.max(most, it), kind === "zero" ? 0 : -Infinity);
  return low < high || Number.isFinite(low + high) ? grown(before, low, high, unit) : before ?? grown(null, 0, 1, unit);
}

/** Round numbers around a range; `before` itself where the range lies within it. */
export function grown(before, low, high, { least, most, finest }) {
  if (before && before.low <= low && high <= before.high) return before;
  const [from, to] = [Math.min(low, before?.low ?? low), Math.max(high, before?.high ?? high)];
  const step = rounded(Math.max((to - from) / PARTS, finest) || 1);
  const floor = Math.max(least, Math.floor(from / step + 1e-9) * step);
  const ceiling = Math.min(most, Math.max(Math.ceil(to / step - 1e-9) * step, floor + step));
  return { low: ceiling > floor ? floor : ceiling - step, high: ceiling, step };
}

/** Where an axis is labelled: at every step within it. */
export function ticks({ low, high, step }) {
  return Array.from({ length: Math.floor((high - low) / step + 1e-9) + 1 }, (_, n) => low + n * step);
}

/** The next of 1, 2, 5, 10, 20, … (or a tenth, a hundredth of those). */
function rounded(step) {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * [1, 2, 5, 10].find(it => it * power >= step * (1 - 1e-9));
}
