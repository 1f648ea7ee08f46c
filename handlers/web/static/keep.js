// The link with which a person continues on another device, and the sheet that gives it out.

import { byId } from "./dom.js";
import { word } from "./words.js";

const dialog = byId("keep");
const field = byId("keep-link");

/** Take the link of the present conversation; without one there is nothing to offer. */
export function setResume(link) {
  byId("keep-open").hidden = !link;
  field.value = link ? new URL(link, window.location.href).href : "";
}

/** The secret inside the link, to resume this conversation after a lost session; null without. */
export function resumeToken() {
  return field.value ? readResume(new URL(field.value)) : null;
}

/** The secret in an address: `?resume=` or `#resume=`. */
export function readResume(url) {
  return url.searchParams.get("resume") ?? new URLSearchParams(url.hash.slice(1)).get("resume");
}

async function copy() {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // no clipboard API on plain http: the old way, or the selection
  }
  byId("keep-copied").textContent = word("web.copied");
}

/** Wire the sheet. */
export function watchKeep() {
  byId("keep-open").addEventListener("click", () => {
    byId("keep-copied").textContent = "";
    dialog.showModal();
  });
  byId("keep-copy").addEventListener("click", copy);
  byId("keep-close").addEventListener("click", () => dialog.close());
}
