//! The languages that the page speaks, as each calls itself. A file of words for each lies beside this one.

export const LANGUAGES = { de: "Deutsch", en: "English" };
