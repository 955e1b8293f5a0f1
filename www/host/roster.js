//! The roster: who is here, and how each stands.

import { loss, plural, seconds } from "../words/figures.js";

const rows = new Map();

/** Brings the list up to date; rows stay where they are, so that nothing jumps. */
export function roster(view) {
  const list = document.getElementById("roster");
  const present = view.clients.filter(it => it.state !== "gone").length;
  const heading = view.clients.length ? `${plural(present, { one: "# client", other: "# clients" })} here` : "Nobody is here yet";
  document.getElementById("count").textContent = heading;
  for (const client of view.clients) {
    if (!rows.has(client.id)) {
      rows.set(client.id, row());
      list.append(rows.get(client.id).item);
    }
    fill(rows.get(client.id), client);
  }
}

function row() {
  const item = document.createElement("li");
  const [mark, name, state, facts] = ["i", "b", "span", "small"].map(it => document.createElement(it));
  item.append(mark, name, state, facts);
  return { item, name, state, facts };
}

function fill({ item, name, state, facts }, client) {
  item.className = client.state;
  name.textContent = client.name || `client ${client.id}`;
  name.title = name.textContent;
  state.textContent = client.state;
  const known = [
    client.practice && "practice",
    client.device,
    client.loss != null && `loss ${loss(client.loss)}`,
    client.train_millis > 0 && seconds(client.train_millis / 1000),
    client.rounds && plural(client.rounds, { one: "# round", other: "# rounds" }),
    client.refusals && `${client.refusals} refused`,
  ];
  // Lines break between facts, not within one.
  facts.textContent = known.filter(Boolean).map(it => it.replaceAll(" ", "\u00a0")).join(" · ");
}
