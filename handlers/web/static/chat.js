// The start: wires the page's parts to its one conversation.

import { watchComposer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { byId } from "./dom.js";
import { watchKeep } from "./keep.js";
import { hideTrouble, showTrouble } from "./net.js";
import { watchPhotos } from "./photos.js";
import { watchFrame } from "./scroller.js";
import { cleanAddress, readAddress } from "./session.js";
import { watchViewer } from "./viewer.js";
import { drawLanguages, word } from "./words.js";

const { surface } = document.body.dataset;
const conversation = new Conversation(surface);

/** Digits press the numbered buttons while the reader is in the conversation, not while typing. */
function pressByKey(event) {
  const inside = byId("main").contains(document.activeElement);
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
  if (inside && plain && /^[1-9]$/.test(event.key)) conversation.log.press(Number(event.key));
}

/** Put the keyboard where it is wanted first, without opening a phone's keyboard. */
function placeFocus() {
  if (document.activeElement !== document.body) return;
  const desk = window.matchMedia("(hover: hover) and (pointer: fine)").matches;
  byId(surface === "officer" && desk ? "answer" : "main").focus({ preventScroll: true });
}

function watchNetwork() {
  window.addEventListener("offline", () => showTrouble(word("web.waiting"), null));
  window.addEventListener("online", () => {
    hideTrouble();
    conversation.retry();
  });
  window.addEventListener("pageshow", (event) => event.persisted && conversation.retry());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) conversation.count(0);
  });
}

byId("dock").hidden = false; // without scripts there is nothing to answer with
watchFrame();
watchViewer();
watchKeep();
watchNetwork();
watchComposer((text) => conversation.say(text));
watchPhotos((photos) => conversation.sendPhotos(photos));
document.addEventListener("keydown", pressByKey);
for (const button of document.querySelectorAll("[data-send]")) {
  button.addEventListener("click", () => conversation.say(word(button.dataset.send)));
}
drawLanguages((locale) => conversation.changeLanguage(locale));
byId("opening").hidden = false;
conversation.begin(readAddress()).then(() => {
  cleanAddress();
  placeFocus();
});
