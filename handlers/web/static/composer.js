// The answer box: grows with its text, Enter sends, the limit is shown before it is reached.

import { byId } from "./dom.js";
import { number, word } from "./words.js";

export const LIMIT = 10_000;
const SHOW_FROM = 9_000;
const DRAFT = `draft ${document.body.dataset.base}`;
const box = byId("answer");

/** Show counter and height for what stands in the box, and remember it for a reload of this tab. */
export function drawComposer() {
  const length = [...box.value].length; // the server counts characters, not UTF-16 units
  const over = length - LIMIT;
  const place = byId("length");
  place.classList.toggle("over", over > 0);
  if (over > 0) place.textContent = word("web.too_long", { over: number(over) });
  else if (length < SHOW_FROM) place.textContent = "";
  else place.textContent = word("web.length", { length: number(length), limit: number(LIMIT) });
  box.setAttribute("aria-invalid", String(over > 0));
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 4}px`;
  try {
    sessionStorage.setItem(DRAFT, box.value);
  } catch {
    // Storage forbidden or full: the draft then lives only in the box.
  }
}

/** Put `text` into an empty box, so that it can be changed and sent again. */
export function takeBack(text) {
  if (!box.value.trim()) box.value = text;
  drawComposer();
  box.focus();
}

function submit(send) {
  const text = box.value.trim();
  if (!text || [...text].length > LIMIT) return box.focus();
  if (send(text) === false) return box.focus(); // not open yet: the text waits in the box
  box.value = "";
  drawComposer();
  box.focus();
}

/** Wire the box; `send` gets each text. */
export function watchComposer(send) {
  box.addEventListener("input", drawComposer);
  box.addEventListener("keydown", (event) => {
    // While an input method composes (Telex, VNI), Enter belongs to it; 229 is Safari's sign.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    submit(send);
  });
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(send);
  });
  try {
    box.value = sessionStorage.getItem(DRAFT) ?? "";
  } catch {
    // Storage forbidden: nothing was remembered.
  }
  drawComposer();
}
