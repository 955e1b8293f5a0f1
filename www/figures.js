//! How figures are written: bytes, shares, losses, seconds.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytes(n) {
  const step = Math.min(Math.floor(Math.log10(Math.max(n, 1)) / 3), UNITS.length - 1);
  const value = n / 1000 ** step;
  return `${value.toFixed(value >= 100 || step === 0 ? 0 : 1)} ${UNITS[step]}`;
}

export function percent(share) {
  if (share == null || !Number.isFinite(share)) return "–";
  // A tenth of a percent matters where accuracies end up, and only there.
  return `${(share * 100).toFixed(share > 0.9 && share < 0.9995 ? 1 : 0)} %`;
}

export function loss(value) {
  if (value == null) return "–";
  return Number.isFinite(value) ? value.toFixed(value < 1 ? 3 : 2) : "not finite";
}

export function seconds(n) {
  if (n < 10) return `${n.toFixed(1)} s`;
  return n < 100 ? `${Math.round(n)} s` : `${Math.floor(n / 60)} min ${Math.round(n % 60)} s`;
}

export function times(ratio) {
  return Number.isFinite(ratio) ? `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}×` : "–";
}

export function plural(n, word) {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}
