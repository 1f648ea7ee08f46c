// Photos in messages, and the dialog that shows them large.

import { byId, make } from "./dom.js";
import { word } from "./words.js";

const dialog = byId("viewer");
let photos = [];
let place = 0;

function draw() {
  const { full, alt } = photos[place];
  byId("viewer-image").src = full;
  byId("viewer-image").alt = alt;
  byId("viewer-alt").textContent = alt;
  byId("viewer-count").textContent = word("web.viewer_count", {
    number: place + 1,
    count: photos.length,
  });
  byId("viewer-steps").hidden = photos.length < 2;
}

function step(by) {
  place = (place + by + photos.length) % photos.length;
  draw();
}

function open(list, at) {
  photos = list;
  place = at;
  draw();
  dialog.showModal();
}

/** A row of small photos, each `{thumb, full, alt}`, that open large. */
export function photoList(list) {
  const items = list.map(({ thumb, alt }, at) => {
    const image = make("img", { src: thumb, alt: "", width: 96, height: 96, decoding: "async" });
    const label = word("web.viewer_open", { alt });
    const button = make("button", { class: "thumb", type: "button", "aria-label": label }, image);
    button.addEventListener("click", () => open(list, at));
    return make("li", {}, button);
  });
  return make("ul", { class: "photos", role: "list" }, ...items);
}

/** Keys and buttons of the dialog; Escape is the browser's own. */
export function watchViewer() {
  byId("viewer-close").addEventListener("click", () => dialog.close());
  byId("viewer-previous").addEventListener("click", () => step(-1));
  byId("viewer-next").addEventListener("click", () => step(1));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
}
