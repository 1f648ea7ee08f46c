// The page's own words in every language, embedded in the page; a switch redraws without a reload.

import { byId, make } from "./dom.js";

const all = JSON.parse(byId("words").textContent);
let locale = document.documentElement.lang;

/** The language shown now. */
export const currentLocale = () => locale;

/** The text of `key` with its `{name}` places filled. */
export function word(key, values = {}) {
  const text = all[locale][key];
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** A whole number as this language writes it. */
export const number = (value) => new Intl.NumberFormat(locale).format(value);

/** Show the page in `next`; a language the page does not carry changes nothing. */
export function setLocale(next) {
  if (!all[next]) return;
  locale = next;
  document.documentElement.lang = next;
  document.title = word(document.body.dataset.title);
  for (const node of document.querySelectorAll("[data-word]")) {
    node.textContent = word(node.dataset.word);
  }
  for (const node of document.querySelectorAll("[data-word-label]")) {
    node.setAttribute("aria-label", word(node.dataset.wordLabel));
  }
  for (const node of document.querySelectorAll("[data-word-placeholder]")) {
    node.placeholder = word(node.dataset.wordPlaceholder);
  }
}

/** Draw one button for each language not shown now; `choose` gets the locale. */
export function drawLanguages(choose) {
  const others = Object.keys(all).filter((name) => name !== locale);
  byId("languages").replaceChildren(
    ...others.map((name) => {
      const attributes = { class: "link", type: "button", lang: name, "data-locale": name };
      const button = make("button", attributes, all[name]["web.language_name"]);
      button.addEventListener("click", () => choose(name));
      return button;
    }),
  );
}
