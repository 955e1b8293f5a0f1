//! A drawing of the page as an SVG file: colours and fonts written out, its name and its keys above it.

import { svg } from "./elements.js";

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline"];
const HEAD = 58;

/** `plot` under its `title` and `keys` (`{ text, tone }`), as the text of a file. */
export function picture(plot, title, keys) {
  const [width, height] = [plot.clientWidth, plot.clientHeight];
  const style = getComputedStyle(plot);
  const colour = name => style.getPropertyValue(`--${name}`).trim();
  const copy = plot.cloneNode(true);
  const [from, to] = [plot, copy].map(it => [...it.querySelectorAll("*")]);
  from.forEach((it, at) => written(it, to[at]));
  for (const name of [...copy.attributes].map(it => it.name)) copy.removeAttribute(name);
  const text = (x, y, size, weight, fill, content) =>
    svg("text", { x, y, fill, "font-size": size, "font-weight": weight, "font-family": style.fontFamily }, content);
  const line = svg("text", { x: 12, y: -12, "font-size": 14, "font-family": style.fontFamily });
  for (const it of keys) line.append(svg("tspan", { fill: colour(it.tone), "font-weight": 600 }, "● "), svg("tspan", { fill: colour("ink") }, `${it.text}   `));
  copy.prepend(svg("rect", { y: -HEAD, width, height: height + HEAD, fill: colour("paper") }), text(12, -34, 18, 600, colour("ink"), title), line);
  const size = { xmlns: "http://www.w3.org/2000/svg", width, height: height + HEAD, viewBox: `0 ${-HEAD} ${width} ${height + HEAD}` };
  for (const [name, value] of Object.entries(size)) copy.setAttribute(name, value);
  return new XMLSerializer().serializeToString(copy);
}

/** What the page's styles say of an element, as its own attributes. */
function written(from, to) {
  const style = getComputedStyle(from);
  for (const name of STYLES) to.setAttribute(name, style.getPropertyValue(name));
  to.removeAttribute("class");
}
