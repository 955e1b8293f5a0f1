//! What a recipe prunes and how much of it is alive, as a bar and a line.

import { percent } from "../words/figures.js";

/** What lives or dies as one, by the recipe's name for it. */
export const noun = pattern => pattern.replaceAll("_", " ");

/**
 * Fills a bar and its label: the stage, how much is alive, and whether what is dead saves time. `isPart` where this client
 * trains a part that was drawn for it, `drawsParts` where every client does.
 */
export function density(bar, label, { pattern, stage, stages, share, savesTime, isPart, drawsParts }) {
  const what = isPart ? `your part today: ${percent(share)} of the ${noun(pattern)}s` : `${percent(share)} of the ${noun(pattern)}s alive`;
  const where = stages > 1 || stage !== "train" ? `Stage ${stage}` : "";
  const parts = drawsParts ? "every client trains its own part of them" : "";
  const saves = savesTime || share === 1 ? "" : "the others save bytes, not time";
  bar.value = share;
  const text = [where, what, parts, saves].filter(Boolean).join("; ");
  const line = text[0].toUpperCase() + text.slice(1);
  if (label.textContent !== line) label.textContent = line;
}
