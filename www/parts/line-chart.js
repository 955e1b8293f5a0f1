//! A line chart: lines that are read off by pointer, finger or arrow keys, with all values as a table, and saved as SVG.

import { words } from "../words.js";
import { UNITS, axis, grown, ticks } from "./axis.js";
import { element, svg } from "./elements.js";
import { picture } from "./picture.js";
import { fill, xs } from "./value-table.js";

const TONES = ["leaf", "sky", "berry", "dense", "muted", "ink"];
/** Past this many lines only the highest, the lowest and the last are named: more are not legible. */
const MOST_KEYS = 5;
/** Past this many marks each is a notch on the axis instead of a line. */
const MOST_LINES = 16;
const MARGIN = { top: 10, right: 14, bottom: 28 };
const CHARACTER = 8;

/**
 * `show({ title, series: [{ name, points: [[x, y], …], tone }], marks: [x, …], labels: { x, mark, at }, unit, axis, span, end })`:
 * points in the order of their x; `tone` is a colour of `style.css` (default: one after another), `labels.x` names the x axis,
 * `labels.mark` what a mark means, `labels.at(x)` writes an x. `unit` is `share`, `bytes`, `loss` or `count`. The y axis is
 * `whole` (0 to 1), `zero` (from 0) or `near` the values. The last two end at round numbers and only grow, as the x axis does:
 * it reaches to `span` at least, and not beyond `end` where that is known and no point is.
 */
customElements.define("line-chart", class extends HTMLElement {
  #shown = null;
  #chart = null;
  #axes = { x: null, y: null, isScaled: false };
  /** The x that is read off; `null` for the latest. */
  #at = null;
  #parts = null;

  connectedCallback() {
    if (this.#parts) return;
    this.#parts = built();
    const { root, plot, save, values, table } = this.#parts;
    plot.addEventListener("pointermove", it => this.#readOff(this.#nearest(it.offsetX)));
    plot.addEventListener("pointerdown", it => this.#readOff(this.#nearest(it.offsetX)));
    plot.addEventListener("pointerleave", it => it.pointerType === "mouse" && this.#readOff(null));
    plot.addEventListener("blur", () => this.#readOff(null));
    plot.addEventListener("keydown", it => this.#step(it));
    save.addEventListener("click", () => download(this.#chart.title, this.svg()));
    values.addEventListener("click", () => {
      fill(table, this.#chart);
      table.showModal();
    });
    this.replaceChildren(root);
    new ResizeObserver(() => requestAnimationFrame(() => this.#draw())).observe(plot);
  }

  /** Shows a chart; the same object again costs nothing. */
  show(chart) {
    if (chart === this.#shown) return;
    this.#shown = chart;
    this.#chart = { ...chart, series: chart.series.map(complete) };
    this.#axes = axes(this.#axes, this.#chart);
    this.#draw();
  }

  /** The chart as a picture that stands alone, in the colours of the moment. */
  svg() {
    const keys = this.#keys().map(it => ({ ...it, text: `${it.name} ${it.value}` }));
    return picture(this.#parts.plot, this.#chart.title, keys);
  }

  #draw() {
    const { plot, lines, caption, save, values, empty } = this.#parts;
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    if (!this.#chart || !width || !height) return;
    const { title, series } = this.#chart;
    write(caption, title);
    write(save, words.parts.saveSvg);
    write(values, words.parts.values);
    for (const [it, text] of [[save, words.parts.saveSvg], [values, words.parts.values]]) it.setAttribute("aria-label", `${text}: ${title}`);
    const isEmpty = series.every(it => !it.points.length);
    empty.hidden = !isEmpty;
    write(empty, words.parts.noValues);
    save.disabled = values.disabled = isEmpty;
    plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
    lines.replaceChildren(...drawn(this.#chart, this.#axes, frame(this.#axes, this.#chart, width, height)));
    this.#tell();
  }

  #readOff(at) {
    if (at === this.#at) return;
    this.#at = at;
    this.#tell();
  }

  /** Writes what is read off: the keys, the rule, and what a screen reader says. */
  #tell() {
    const { plot, rule, keys, where } = this.#parts;
    const { title, series, labels, marks } = this.#chart;
    const xs = this.#xs();
    if (!xs.includes(this.#at)) this.#at = null;
    const at = this.#at ?? xs.at(-1);
    const told = this.#keys();
    keys.replaceChildren(...told.map(key), ...rest(series, told));
    write(where, at == null ? "" : labels.at(at) + (marks.includes(at) ? ` · ${labels.mark}` : ""));
    rule.replaceChildren(...(this.#at == null ? [] : this.#rule(told)));
    plot.setAttribute("aria-label", title);
    const text = [where.textContent, ...told.map(it => `${it.name} ${it.value}`)].join(", ");
    const spoken = xs.length
      ? { role: "slider", tabindex: 0, "aria-valuemin": xs[0], "aria-valuemax": xs.at(-1), "aria-valuenow": at, "aria-valuetext": text }
      : { role: "img" };
    for (const name of ["role", "tabindex", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"]) {
      if (name in spoken) plot.setAttribute(name, spoken[name]);
      else plot.removeAttribute(name);
    }
  }

  /** Each named line with its value at what is read off. */
  #keys() {
    const { series, unit } = this.#chart;
    const told = series.map(({ name, points, tone }) => {
      const [x, y] = points.findLast(it => this.#at == null || it[0] <= this.#at) ?? [null, null];
      const last = points.at(-1)?.[1] ?? 0;
      return { name, tone, x, y, last, value: y == null ? "–" : UNITS[unit].text(y) };
    });
    if (told.length <= MOST_KEYS) return told;
    const sorted = told.slice(0, -1).sort((a, b) => b.last - a.last);
    return [sorted[0], sorted.at(-1), told.at(-1)];
  }

  #rule(told) {
    const { plot } = this.#parts;
    const { x, y, top, bottom } = frame(this.#axes, this.#chart, plot.clientWidth, plot.clientHeight);
    const at = x(this.#at).toFixed(1);
    const dots = told.filter(it => it.y != null).map(it => dot(x(it.x), y(it.y), it.tone));
    return [svg("line", { x1: at, x2: at, y1: top, y2: bottom, class: "rule" }), ...dots];
  }

  #xs() {
    return xs(this.#chart.series);
  }

  #nearest(offset) {
    const { plot } = this.#parts;
    if (!this.#chart) return null;
    const { x } = frame(this.#axes, this.#chart, plot.clientWidth, plot.clientHeight);
    const distance = it => Math.abs(x(it) - offset);
    return this.#xs().reduce((best, it) => (best == null || distance(it) < distance(best) ? it : best), null);
  }

  #step(event) {
    const xs = this.#xs();
    const now = this.#at == null ? xs.length - 1 : xs.indexOf(this.#at);
    const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: xs.length - 1 }[event.key];
    if (event.key === "Escape") this.#readOff(null);
    if (next == null) return;
    event.preventDefault();
    this.#readOff(xs[Math.min(Math.max(next, 0), xs.length - 1)] ?? null);
  }
});

function built() {
  const caption = element("h2");
  const [save, values] = [element("button", { type: "button" }), element("button", { type: "button" })];
  const where = element("span", { class: "where" });
  const keys = element("ul", { class: "keys" });
  const [lines, rule] = [svg("g"), svg("g")];
  const plot = svg("svg", {}, lines, rule);
  const empty = element("p", { class: "empty", hidden: "" });
  const table = element("dialog");
  const tools = element("div", { class: "tools" }, values, save);
  const head = element("figcaption", {}, caption, where, tools, keys);
  const root = element("figure", {}, head, element("div", { class: "plot" }, plot, empty), table);
  return { root, caption, save, values, where, keys, lines, rule, plot, empty, table };
}

/** A line with a colour, and without what is no number. */
function complete({ name, points, tone }, n) {
  const isFinite = ([x, y]) => Number.isFinite(x) && Number.isFinite(y);
  return { name, points: points.filter(isFinite), tone: tone ?? TONES[n % TONES.length] };
}

function axes(before, { series, unit, axis: kind = "zero", span = 1, end = Infinity }) {
  const of = at => series.flatMap(it => it.points.map(point => point[at]));
  const last = of(0).reduce((most, it) => Math.max(most, it), span);
  const x = grown(before.x, 0, last, UNITS.count);
  // Without values there is no scale yet for the next ones to keep to.
  const isScaled = of(1).length > 0;
  const y = axis(kind, before.isScaled ? before.y : null, of(1), UNITS[unit]);
  return { x: { ...x, high: Math.min(x.high, Math.max(end, last)) }, y, isScaled };
}

/** Where values lie in a picture of this size. */
function frame({ x, y }, { unit }, width, height) {
  const labels = ticks(y).map(it => UNITS[unit].tick(it, y));
  const left = 12 + CHARACTER * Math.max(...labels.map(it => it.length));
  const [right, top, bottom] = [width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  const along = ({ low, high }, from, to) => value => from + ((value - low) / (high - low)) * (to - from);
  return { left, right, top, bottom, x: along(x, left, right), y: along(y, bottom, top) };
}

function drawn({ series, marks, labels, unit }, axes, at) {
  const { left, right, top, bottom, x, y } = at;
  const line = (x1, y1, x2, y2, name) => svg("line", { x1, y1, x2, y2, class: name });
  const text = (x, y, name, content) => svg("text", { x, y, class: name }, content);
  const isEmpty = series.every(it => !it.points.length);
  const grid = ticks(axes.y).flatMap(it => [
    line(left, y(it), right, y(it), "grid"),
    // Without values there is no scale to speak of.
    text(left - 8, y(it), "tick y", isEmpty ? "" : UNITS[unit].tick(it, axes.y)),
  ]);
  const isFree = it => x(it) < right - CHARACTER * (labels.x.length + 6);
  const below = ticks(axes.x).filter(isFree).map(it => text(x(it), bottom + 18, "tick x", UNITS.count.tick(it, axes.x)));
  below.push(text(right, bottom + 18, "tick last", `${labels.x} ${UNITS.count.tick(axes.x.high, axes.x)}`));
  const notch = marks.length > MOST_LINES ? bottom - 8 : top;
  const cuts = marks.map(it => line(x(it), notch, x(it), bottom, "mark"));
  const lines = series.filter(it => it.points.length).flatMap(({ points, tone }, n) => {
    const d = points.map(([px, py], at) => `${at ? "L" : "M"}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join("");
    const [px, py] = points.at(-1);
    return [svg("path", { d, class: `line line-${n % 4} ${tone}` }), dot(x(px), y(py), tone)];
  });
  return [...grid, ...below, ...cuts, ...lines];
}

const dot = (cx, cy, tone) => svg("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: 4.5, class: `dot ${tone}` });

const key = ({ name, tone, value }) => element("li", {}, element("i", { class: tone }), `${name} `, element("b", {}, value));

function rest(series, told) {
  const n = series.length - told.length;
  return n ? [element("li", {}, words.parts.moreLines(n))] : [];
}

function write(it, text) {
  if (it.textContent !== text) it.textContent = text;
}

function download(title, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  element("a", { href: url, download: `pleach ${title}.svg` }).click();
  // Browsers have taken it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
