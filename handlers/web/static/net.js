// The quiet bar above the answer box: waiting for the network, or the server's own words when busy.

import { byId, icon, make } from "./dom.js";
import { word } from "./words.js";

const bar = byId("net");
const PATIENCE = 600; // a stumble shorter than this is not worth a word
let shown = null;
let timer = null;

function draw() {
  const words = make("span", {}, shown.text);
  const row = make("div", { class: "column net-row" }, icon("waiting"), words);
  if (shown.retry) {
    const attributes = { class: "link", type: "button", id: "retry" };
    const button = make("button", attributes, word("web.retry"));
    button.addEventListener("click", shown.retry);
    row.append(button);
  }
  bar.replaceChildren(row);
}

/** Say `text`; `retry` makes a button of it. Repeating the same text changes nothing. */
export function showTrouble(text, retry) {
  if (shown?.text === text) return;
  const soon = shown === null;
  shown = { text, retry };
  clearTimeout(timer);
  if (soon) timer = setTimeout(draw, PATIENCE);
  else draw();
}

/** All is well again. */
export function hideTrouble() {
  if (shown === null) return;
  shown = null;
  clearTimeout(timer);
  bar.replaceChildren();
}
