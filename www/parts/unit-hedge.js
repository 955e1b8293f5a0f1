//! The hedge: every group of the network as a leaf, row by row; pruned ones leave a bud, ones voted against turn. A network
//! with too many groups to draw is told row by row in words.

const CELL_MAX = 22;
const NAME_HEIGHT = 20;

/**
 * Draws rows `{name, size, alive, units, votes?}` (strings of 0 and 1, empty where there are too many) into a canvas as wide
 * as its parent, at most so high.
 * Draws again when the width or the colours change; call it again with new layers.
 */
export function draw(canvas, layers, mostHeight) {
  canvas.hedge = { layers, mostHeight };
  canvas.hidden = false;
  if (!canvas.observer) {
    canvas.observer = new ResizeObserver(() => paint(canvas));
    canvas.observer.observe(canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(canvas));
  }
  paint(canvas);
}

/** What the picture shows, in a sentence per layer. */
export function told(layers) {
  return layers.map(({ name, size, alive, votes }) => {
    const drops = votes ? `, ${count(votes)} voted to drop` : "";
    return `${name}: ${alive} of ${size} alive${drops}`;
  }).join("; ");
}

export function count(bits) {
  let n = 0;
  for (const bit of bits) n += bit === "1";
  return n;
}

function paint(canvas) {
  const { layers, mostHeight } = canvas.hedge;
  const width = canvas.parentElement.clientWidth;
  if (!width) return;
  const cell = cellSize(layers, width, mostHeight);
  const columns = Math.max(1, Math.floor(width / cell));
  const rows = it => Math.ceil(it.units.length / columns);
  const height = layers.reduce((sum, it) => sum + NAME_HEIGHT + rows(it) * cell + 6, 0);
  const ratio = devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.setAttribute("aria-label", told(layers));
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colours = Object.fromEntries(["ink", "leaf", "berry", "bud"].map(it => [it, style.getPropertyValue(`--${it}`)]));
  let top = 0;
  for (const layer of layers) {
    pen.fillStyle = colours.ink;
    pen.font = `600 13px ${style.fontFamily}`;
    pen.fillText(`${layer.name}  ${layer.alive.toLocaleString("en")} of ${layer.size.toLocaleString("en")}`, 0, top + 13);
    top += NAME_HEIGHT;
    [...layer.units].forEach((unit, at) => {
      const x = (at % columns) * cell;
      const y = top + Math.floor(at / columns) * cell;
      if (unit !== "1") bud(pen, x, y, cell, colours.bud);
      else if (layer.votes?.[at] === "1") withered(pen, x, y, cell, colours.berry);
      else leaf(pen, x, y, cell, colours.leaf);
    });
    top += rows(layer) * cell + 6;
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
