//! The page's language: the browser's, unless whoever reads it chose another one here. One language is loaded at a time.

import { kept, keep } from "./words/kept.js";
import { writeAs } from "./words/figures.js";
import { LANGUAGES } from "./words/languages.js";

/** Attributes that people read or hear; `data-word-title="host.zoom"` says which words one gets. */
const READ = ["alt", "aria-label", "placeholder", "title"];

/** The words of the page's language, by room. */
export let words = null;

/** Which language the page speaks. */
export let language = null;

const chosen = () => {
  const tags = [kept("language"), ...navigator.languages].map(it => it?.split("-")[0]);
  return tags.find(it => it in LANGUAGES) ?? "en";
};

/** Loads the words, writes them into the page, and says so with an event `words` of the document. */
export async function speak(wanted = chosen()) {
  const loaded = await import(`/words/${wanted}.js`);
  [words, language] = [loaded.default, wanted];
  writeAs(wanted);
  document.documentElement.dataset.spoken = wanted;
  document.documentElement.lang = wanted;
  fill(document);
  document.dispatchEvent(new Event("words"));
}

/** Speaks another language from now on, also on the next visit. */
export function choose(wanted) {
  keep("language", wanted);
  return speak(wanted);
}

/** Writes the words into what asks for them: `data-word="join.headline"` for its text, `data-word-ATTRIBUTE` for an attribute. */
export function fill(root) {
  for (const it of root.querySelectorAll("[data-word]")) it.textContent = at(it.dataset.word);
  for (const name of READ) {
    for (const it of root.querySelectorAll(`[data-word-${name}]`)) it.setAttribute(name, at(it.getAttribute(`data-word-${name}`)));
  }
}

/** A value of an enum of Rust's, as a code and what comes with it: `"paused"`, `{ lobby: { joined, needed } }`. */
export const coded = value => (typeof value === "string" ? [value, null] : Object.entries(value)[0]);

/** The text of a table for such a value; a code without words is an error, never an empty place. */
export function told(table, value, ...more) {
  const [code, values] = coded(value);
  const text = table[code];
  if (text == null) throw new Error(`there are no words for ${JSON.stringify(value)}`);
  return typeof text === "function" ? text(values, ...more) : text;
}

function at(path) {
  const text = path.split(".").reduce((table, key) => table?.[key], words);
  if (text == null) throw new Error(`there are no words at ${path}`);
  return text;
}
