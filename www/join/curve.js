//! The live loss of this tab as a small curve.

const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MOST_POINTS] = [320, 64, 320];

/** A curve inside `figure`; the function it returns adds a point. */
export function curve(figure) {
  const svg = document.createElementNS(NS, "svg");
  const line = document.createElementNS(NS, "polyline");
  svg.setAttribute("viewBox", `0 -4 ${WIDTH} ${HEIGHT + 8}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.append(line);
  figure.append(svg);
  let points = [];
  let stride = 1;
  let seen = 0;
  return loss => {
    if (!Number.isFinite(loss) || seen++ % stride) return;
    points.push(loss);
    // A long session stays one picture: every other point goes.
    if (points.length > MOST_POINTS) {
      points = points.filter((_, at) => at % 2 === 0);
      stride *= 2;
    }
    const most = points.reduce((a, b) => Math.max(a, b), 1e-9);
    const x = at => (points.length > 1 ? (at / (points.length - 1)) * WIDTH : 0).toFixed(1);
    const y = value => (HEIGHT * (1 - value / most)).toFixed(1);
    line.setAttribute("points", points.map((it, at) => `${x(at)},${y(it)}`).join(" "));
    svg.setAttribute("aria-label", `Training loss in this tab: from ${points[0].toFixed(2)} to ${loss.toFixed(2)}`);
  };
}
