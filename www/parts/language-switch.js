//! Chooses the page's language.

import { choose, language, words } from "../words.js";
import { LANGUAGES } from "../words/languages.js";

customElements.define("language-switch", class extends HTMLElement {
  connectedCallback() {
    const choice = document.createElement("select");
    choice.append(...Object.entries(LANGUAGES).map(([tag, name]) => Object.assign(new Option(name, tag), { lang: tag })));
    choice.addEventListener("change", () => choose(choice.value));
    const show = () => {
      choice.value = language;
      choice.setAttribute("aria-label", words.common.language);
    };
    document.addEventListener("words", show);
    if (words) show();
    this.replaceChildren(choice);
  }
});
