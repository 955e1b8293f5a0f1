//! The values of a chart as a table, for whoever reads rather than looks.

import { words } from "../words.js";
import { UNITS } from "./axis.js";
import { element } from "./elements.js";

/** All the x that lines have points at, in order. */
export const xs = series => [...new Set(series.flatMap(it => it.points.map(point => point[0])))].sort((a, b) => a - b);

/** Fills a dialog with a chart's name, its values and a way back. */
export function fill(dialog, { title, series, labels, marks, unit }) {
  const values = series.map(it => new Map(it.points));
  const names = [labels.x, ...series.map(it => it.name)].map(it => element("th", { scope: "col" }, it));
  const row = x => {
    const cells = values.map(it => element("td", {}, it.has(x) ? UNITS[unit].text(it.get(x)) : "–"));
    const at = labels.at(x) + (marks.includes(x) ? ` · ${labels.mark}` : "");
    return element("tr", {}, element("th", { scope: "row" }, at), ...cells);
  };
  const body = element("tbody", {}, ...xs(series).map(row));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...names)), body);
  const pane = element("div", { class: "pane", tabindex: 0, role: "region", "aria-label": title }, table);
  const close = element("form", { method: "dialog" }, element("button", {}, words.parts.close));
  dialog.setAttribute("aria-label", title);
  dialog.replaceChildren(element("h2", {}, title), pane, close);
}
