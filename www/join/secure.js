//! What HTTPS adds on this device, and the way there, with pictures of the warning on it. Loaded only where the page came without.

import { element, svg } from "../parts/elements.js";
import { words } from "../words.js";

/** Puts the way to HTTPS into a place of the page, if the coordinator has one. */
export async function offer(place) {
  const way = await asked();
  if (!way) return;
  const draw = () => place.replaceChildren(...told(`${way.origin}${location.pathname}${location.search}`, way.warns));
  draw();
  document.addEventListener("words", draw);
  place.hidden = false;
}

async function asked() {
  try {
    return await (await fetch("/https.json")).json();
  } catch {
    // Whoever cannot be asked has no other way either.
    return null;
  }
}

function told(href, warns) {
  const { adds, go, title, warning } = words.secure;
  const way = element("p", {}, element("a", { href, class: "way" }, go));
  const inside = [element("summary", {}, title), element("p", {}, adds), way];
  if (warns) inside.push(element("p", {}, warning), element("div", { class: "warnings" }, ...["android", "ios"].map(pictured)));
  return [element("details", {}, ...inside)];
}

/** A phone with the browser's warning, its two steps marked, and the steps in words. */
function pictured(system) {
  const [first, second] = STEPS[system];
  const steps = [first, second].map(([x, y, width], at) =>
    svg("g", {}, svg("rect", { x, y, width, height: 9, rx: 4.5, class: "step" }), svg("text", { x: x + width + 3, y: y + 7.5 }, `${at + 1}`)));
  const lines = [[14, 40, 52], [14, 47, 46], [14, 54, 50], [14, 61, 30]].map(([x, y, width]) => svg("rect", { x, y, width, height: 3, rx: 1.5, class: "line" }));
  const phone = svg("rect", { x: 4, y: 2, width: 72, height: 124, rx: 9, class: "phone" });
  const sign = svg("path", { d: "M40 14 51 33H29Z M40 20v6 M40 29.5v.5", class: "sign" });
  const drawing = svg("svg", { viewBox: "0 0 80 128", width: 100, height: 160, "aria-hidden": "true" }, phone, sign, ...lines, ...steps);
  return element("figure", {}, drawing, element("figcaption", {}, words.secure[system]));
}

/** Where the two steps are: left edge, top, width. */
const STEPS = {
  android: [[14, 80, 26], [14, 108, 42]],
  ios: [[34, 76, 28], [14, 102, 46]],
};
