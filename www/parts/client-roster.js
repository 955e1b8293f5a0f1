//! The roster: who is here, and how each stands. Rows stay where they are, so that nothing jumps.

import { told, words } from "../words.js";
import { loss, seconds } from "../words/figures.js";
import { element } from "./elements.js";

/** `show(clients)`, each as `ClientView` of the coordinator has it. */
customElements.define("client-roster", class extends HTMLElement {
  #list = element("ul");
  #rows = new Map();

  connectedCallback() {
    this.replaceChildren(this.#list);
  }

  show(clients) {
    for (const [id, { item }] of this.#rows) {
      if (clients.some(it => it.id === id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    for (const client of clients) {
      if (!this.#rows.has(client.id)) {
        this.#rows.set(client.id, row());
        this.#list.append(this.#rows.get(client.id).item);
      }
      fill(this.#rows.get(client.id), client);
    }
  }
});

function row() {
  const [name, state, facts] = [element("b"), element("span"), element("small")];
  return { item: element("li", {}, element("i"), name, state, facts), name, state, facts };
}

function fill({ item, name, state, facts }, client) {
  if (item.className !== client.state) item.className = client.state;
  const called = client.name || told(words.nameless, client.role, client.id + 1);
  const known = [
    told(words.roles, client.role),
    client.device || words.parts.unknownDevice,
    client.loss != null && words.parts.loss(loss(client.loss)),
    client.train_millis > 0 && seconds(client.train_millis / 1000),
    client.rounds && words.parts.rounds(client.rounds),
    client.refusals && words.parts.refused(client.refusals),
  ];
  // Lines break between facts, not within one.
  const text = known.filter(Boolean).map(it => it.replaceAll(" ", "\u00a0")).join(" · ");
  for (const [it, written] of [[name, called], [state, told(words.members, client.state)], [facts, text]]) {
    if (it.textContent !== written) it.textContent = written;
  }
  if (name.title !== called) name.title = called;
}
