//! The hedge: every group of the network as a leaf, row by row; pruned ones leave a bud, ones voted against a cross. A network
//! with too many groups to draw is told row by row in words.

import { words } from "../words.js";

const CELL_MAX = 22;
const NAME_HEIGHT = 20;
const COLOURS = ["ink", "leaf", "berry", "bud"];

/**
 * Shows rows `{name, size, alive, units, vote}`: `units` and the `units` of a `vote` are strings of 0 and 1, empty where there
 * are too many; `vote` is null where none was cast. As wide as the element, and at most so high as it was last shown.
 */
customElements.define("unit-hedge", class extends HTMLElement {
  #canvas = document.createElement("canvas");
  #layers = [];
  #mostHeight = 400;
  #shown = "";

  connectedCallback() {
    this.setAttribute("role", "img");
    this.replaceChildren(this.#canvas);
    // What is painted may be higher than before: not while sizes are being observed.
    new ResizeObserver(() => requestAnimationFrame(() => this.#paint())).observe(this);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  /** Draws what is new; the same again costs nothing. */
  show(layers, mostHeight) {
    const label = described(layers);
    const shown = JSON.stringify([layers, mostHeight, label]);
    if (shown === this.#shown) return;
    [this.#layers, this.#mostHeight, this.#shown] = [layers, mostHeight, shown];
    this.setAttribute("aria-label", label);
    this.#paint();
  }

  #paint() {
    const width = this.clientWidth;
    if (width) paint(this.#canvas, this.#layers, width, this.#mostHeight);
  }
});

/** What the picture shows, in words for each row. */
function described(layers) {
  const row = ({ name, size, alive, vote }) => {
    const told = words.parts.layerTold(name, alive, size);
    return vote ? words.parts.layerVoted(told, vote.n) : told;
  };
  return layers.map(row).join("; ");
}

function paint(canvas, layers, width, mostHeight) {
  const cell = cellSize(layers, width, mostHeight);
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = it => Math.ceil(it.units.length / columns);
  const height = layers.reduce((sum, it) => sum + NAME_HEIGHT + rows(it) * cell + 6, 0);
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colours = Object.fromEntries(COLOURS.map(it => [it, style.getPropertyValue(`--${it}`)]));
  let top = 0;
  for (const { name, size, alive, units, vote } of layers) {
    pen.fillStyle = colours.ink;
    pen.font = `600 13px ${style.fontFamily}`;
    pen.fillText(words.parts.layer(name, alive, size), 0, top + 13);
    top += NAME_HEIGHT;
    [...units].forEach((unit, at) => {
      const x = (at % columns) * cell;
      const y = top + Math.floor(at / columns) * cell;
      if (unit !== "1") bud(pen, x, y, cell, colours.bud);
      else if (vote?.units[at] === "1") withered(pen, x, y, cell, colours.berry);
      else leaf(pen, x, y, cell, colours.leaf);
    });
    top += rows({ units }) * cell + 6;
  }
}

/** The largest cell with which everything fits. */
function cellSize(layers, width, mostHeight) {
  for (let cell = CELL_MAX; cell > 3; cell--) {
    const columns = Math.floor(width / cell);
    const height = layers.reduce((sum, it) => sum + NAME_HEIGHT + 6 + Math.ceil(it.units.length / columns) * cell, 0);
    if (height <= mostHeight) return cell;
  }
  return 3;
}

function leaf(pen, x, y, cell, colour) {
  const [low, high] = [cell * 0.1, cell * 0.9];
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(x + low, y + high);
  pen.quadraticCurveTo(x + low, y + low, x + high, y + low);
  pen.quadraticCurveTo(x + high, y + high, x + low, y + high);
  pen.fill();
}

function bud(pen, x, y, cell, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(x + cell / 2, y + cell / 2, Math.max(cell * 0.13, 0.8), 0, 7);
  pen.fill();
}

/** A cross as well as a colour, so that no one depends on hue. */
function withered(pen, x, y, cell, colour) {
  const [low, high] = [cell * 0.2, cell * 0.8];
  pen.strokeStyle = colour;
  pen.lineWidth = Math.max(cell * 0.2, 1.2);
  pen.beginPath();
  pen.moveTo(x + low, y + low);
  pen.lineTo(x + high, y + high);
  pen.moveTo(x + high, y + low);
  pen.lineTo(x + low, y + high);
  pen.stroke();
}
