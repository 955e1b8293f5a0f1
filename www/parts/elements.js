//! Elements in a line: a name, attributes, what is inside.

const SVG = "http://www.w3.org/2000/svg";

export const element = (name, attributes = {}, ...inside) => filled(document.createElement(name), attributes, inside);

export const svg = (name, attributes = {}, ...inside) => filled(document.createElementNS(SVG, name), attributes, inside);

function filled(it, attributes, inside) {
  for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, value);
  it.append(...inside);
  return it;
}
