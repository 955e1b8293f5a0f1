//! The loss of one client as a small curve.

const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [320, 64];

customElements.define("loss-curve", class extends HTMLElement {
  #line = document.createElementNS(NS, "polyline");

  connectedCallback() {
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", `0 -4 ${WIDTH} ${HEIGHT + 8}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#line);
    this.setAttribute("role", "img");
    this.replaceChildren(svg);
  }

  /** Shows points `{at, loss}` from first to last, and `label` to those who cannot see them. */
  show(points, label) {
    const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1];
    const most = points.reduce((sum, it) => Math.max(sum, it.loss), 1e-9);
    const x = at => ((WIDTH * (at - first)) / (last - first || 1)).toFixed(1);
    const y = value => (HEIGHT * (1 - value / most)).toFixed(1);
    this.#line.setAttribute("points", points.map(it => `${x(it.at)},${y(it.loss)}`).join(" "));
    this.setAttribute("aria-label", label);
  }
});
