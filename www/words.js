//! The page's language: the browser's, unless whoever reads it chose another one here. One language is loaded at a time.

import { kept, keep } from "./words/kept.js";
import { plural, writeAs } from "./words/figures.js";
import { LANGUAGES } from "./words/languages.js";
import { phrases } from "./words/phrases.js";

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
  [words, language] = [spoken(loaded.default), wanted];
  writeAs(wanted);
  document.documentElement.dataset.spoken = wanted;
  document.documentElement.lang = wanted;
  fill(document);
  document.dispatchEvent(new Event("words"));
}

/** The texts by room; those with places are functions of what goes there. */
function spoken(texts) {
  const all = phrases(texts);
  const said = (text, phrase) => (text.match(PLACES) ? (...it) => filled(text, phrase ? phrase(...it) : it) : text);
  const entries = (room, texts) => Object.entries(texts).map(([key, text]) => [key, said(text, all[room]?.[key])]);
  return Object.fromEntries(Object.entries(texts).map(([room, texts]) => [room, Object.fromEntries(entries(room, texts))]));
}

/** `{0}` is the first value; `{0|# one|# others}` counts it; `{0?so|or so}` asks whether there is one, and may have places itself. */
const PLACES = /\{(\d)(?:([?|])((?:[^{}]|\{\d\})*))?\}/g;

function filled(text, values) {
  if (values == null) return "";
  return text.replace(PLACES, (_, at, kind, choice) => {
    const value = values[at];
    if (kind == null) return value;
    const [first, second] = choice.split("|");
    return kind === "|" ? plural(value, { one: first, other: second }) : filled(value ? first : second, values);
  });
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
