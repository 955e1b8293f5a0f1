//! How figures are written in the page's language: counts, bytes, shares, losses, seconds.

/** Decimal units are symbols, the same in every language. */
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const NONE = "–";

let language = "en";
let plurals = new Intl.PluralRules(language);

/** Whose way of writing figures is used from now on, as a BCP 47 tag. */
export function writeAs(tag) {
  language = tag;
  plurals = new Intl.PluralRules(tag);
}

/** A number with so many digits after the point. */
export const fixed = (value, digits) =>
  new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** A count, its thousands set apart. */
export const number = n => new Intl.NumberFormat(language).format(n);

/** What is counted, by the language's rules: `forms` by their names (`one`, `other`, …), with `#` for the number. */
export const plural = (n, forms) => (forms[plurals.select(n)] ?? forms.other).replace("#", number(n));

export function bytes(n) {
  const step = Math.min(Math.floor(Math.log10(Math.max(n, 1)) / 3), UNITS.length - 1);
  const value = n / 1000 ** step;
  return `${fixed(value, value >= 100 || step === 0 ? 0 : 1)}\u00a0${UNITS[step]}`;
}

/** A share of 0 to 1; a tenth of a percent matters where accuracies end up, and only there. */
export function percent(share) {
  if (share == null || !Number.isFinite(share)) return NONE;
  return `${fixed(share * 100, share > 0.9 && share < 0.9995 ? 1 : 0)}\u00a0%`;
}

export const loss = value => (value == null ? NONE : fixed(value, value < 1 ? 3 : 2));

export function seconds(n) {
  if (n < 100) return `${fixed(n, n < 10 ? 1 : 0)}\u00a0s`;
  return `${fixed(Math.floor(n / 60), 0)}\u00a0min ${fixed(n % 60, 0)}\u00a0s`;
}

export const times = ratio => (Number.isFinite(ratio) ? `${fixed(ratio, ratio >= 10 ? 0 : 1)}×` : NONE);
