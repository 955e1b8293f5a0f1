//! How much of a network is alive, in a line.

import { told } from "../words.js";

/**
 * The stage, how much is alive, and whether what is dead saves time. `isPart` where this client trains a part that was drawn
 * for it, `drawsParts` where every client does.
 */
export function density(words, { pattern, stage, stages, share, savesTime, isPart, drawsParts }) {
  const groups = told(words.groups, pattern);
  const what = isPart ? words.parts.ownPart(share, groups) : words.parts.aliveShare(share, groups);
  const where = stages > 1 || stage !== "train" ? words.parts.stage(stage) : "";
  const parts = drawsParts ? words.parts.ownParts : "";
  const saves = savesTime || share === 1 ? "" : words.parts.savesBytes;
  const text = [where, what, parts, saves].filter(Boolean).join("; ");
  return text[0].toUpperCase() + text.slice(1);
}
