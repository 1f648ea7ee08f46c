// Builds the bubbles. Every word of a message is a text node.

import { icon, make } from "./dom.js";
import { photoList } from "./viewer.js";
import { word } from "./words.js";

let count = 0;

const spoken = (key) => make("span", { class: "spoken" }, `${word(key)} `);

/** "Question 3 of 10" with its thin line. */
function steps({ step, of }) {
  const bar = make("progress", { value: step, max: of, "aria-hidden": "true" });
  const words = make("span", { class: "steps-words" }, word("web.progress", { step, of }));
  return make("p", { class: "steps" }, words, bar);
}

/** The words of a message, line by line; a receipt code is never broken in two. */
function lines(text) {
  return text.split("\n").map((line) => {
    const parts = line.split(/(KH\d\d(?:-[0-9A-Z]+)+)/);
    const nodes = parts.map((part, at) => (at % 2 ? make("span", { class: "code" }, part) : part));
    return make("span", { class: "line", dir: "auto" }, ...nodes);
  });
}

const HINTS = " · "; // between the hints of a note
const KEYS = { "0 ": () => word("web.back_send"), "? ": () => "?" };

/** A note's hints: those that name a key ("0 back") with what pressing it sends, and the rest. */
function readHints(note) {
  const hints = note ? note.split(HINTS) : [];
  const keyed = hints.filter((hint) => hint.slice(0, 2) in KEYS);
  const rest = hints.filter((hint) => !keyed.includes(hint)).join(HINTS);
  return { rest, keyed: keyed.map((hint) => [hint, KEYS[hint.slice(0, 2)]]) };
}

/** One of our messages, without its buttons. */
export function screenMessage(screen) {
  const id = `text-${(count += 1)}`;
  const text = make("p", { class: "text", id }, spoken("web.from_us"), ...lines(screen.text));
  const { rest } = readHints(screen.note);
  const bubble = make(
    "div",
    { class: screen.progress ? "bubble stepped" : "bubble" },
    screen.progress ? steps(screen.progress) : null,
    text,
    screen.photos?.length ? photoList(screen.photos) : null,
    rest ? make("p", { class: "note" }, rest) : null,
  );
  return make(
    "article",
    { class: "message ours", "data-screen": screen.id, tabindex: "-1", "aria-labelledby": id },
    bubble,
  );
}

function choiceButton({ id, label }, place, choose) {
  const button = make(
    "button",
    { class: "choice", type: "button", "data-choice": id },
    make("span", { class: "number" }, String(place + 1)),
    make("span", { class: "label", dir: "auto" }, label),
  );
  // `detail` is 0 when a key or a screen reader pressed the button.
  button.addEventListener("click", (event) => choose({ id, label }, event.detail === 0));
  return button;
}

function photoButtons(pick) {
  const button = (name, sign, source) => {
    const attributes = { class: "button", type: "button", "data-pick": source };
    const made = make("button", attributes, icon(sign), make("span", {}, word(name)));
    made.addEventListener("click", () => pick(source));
    return made;
  };
  const taking = button("web.camera", "camera", "camera");
  return make("div", { class: "pick" }, taking, button("web.gallery", "picture", "photo"));
}

function hintButtons(keyed, say) {
  const buttons = keyed.map(([hint, words]) => {
    const button = make("button", { class: "link", type: "button", "data-hint": hint[0] }, hint);
    button.addEventListener("click", () => say(words()));
    return button;
  });
  return make("div", { class: "hints" }, ...buttons);
}

/** The buttons of the present question, or null when it has none. */
export function screenControls(screen, { choose, pick, say }) {
  const wantsPhoto = screen.accepts?.includes("photo");
  const { keyed } = readHints(screen.note);
  if (!screen.choices?.length && !wantsPhoto && !keyed.length) return null;
  return make(
    "div",
    { class: "choices", role: "group", "aria-label": word("web.answer_label") },
    wantsPhoto ? photoButtons(pick) : null,
    ...(screen.choices ?? []).map((choice, place) => choiceButton(choice, place, choose)),
    keyed.length ? hintButtons(keyed, say) : null,
  );
}

/** What the person answered: words, photos or both. The slash of a command is not worth showing. */
export function mineMessage({ text, photos, eventId }) {
  const bubble = make(
    "div",
    { class: "bubble" },
    make("p", { class: "text", dir: "auto" }, spoken("web.from_me"), text?.replace(/^\/(?=\p{L})/u, "")),
    photos?.length ? photoList(photos) : null,
  );
  const state = make("p", { class: "state" });
  return make("article", { class: "message mine", "data-event": eventId }, bubble, state);
}

/** The small button that reopens an answered question. */
export function editButton(step, edit) {
  const label = word("web.edit_label", { step });
  const attributes = { class: "link edit", type: "button", "aria-label": label };
  const button = make("button", attributes, word("web.edit"));
  button.addEventListener("click", () => edit(word("web.edit_send", { step })));
  return button;
}

/** A refusal in the server's own words. */
export function troubleMessage(text) {
  const words = make("p", { class: "text" }, text);
  const bubble = make("div", { class: "bubble" }, icon("warning"), words);
  return make("article", { class: "message ours trouble", tabindex: "-1" }, bubble);
}

/** Small buttons under an answer that could not be sent: `[label key, act]` each. */
export function actionRow(actions) {
  const row = make("div", { class: "actions" });
  for (const [key, act] of actions) {
    const button = make("button", { class: "link", type: "button" }, word(key));
    button.addEventListener("click", act);
    row.append(button);
  }
  return row;
}
