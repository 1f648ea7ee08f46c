// Choosing photos: camera or gallery, a preview to remove from, then one answer with all of them.

import { byId, icon, make } from "./dom.js";
import { shrink } from "./shrink.js";
import { word } from "./words.js";

const MOST_BYTES = 20 * 1024 * 1024;
const chosen = []; // {name, blob, url}
let left = []; // names left out as too large

function remove(photo) {
  chosen.splice(chosen.indexOf(photo), 1);
  URL.revokeObjectURL(photo.url);
  drawPhotos();
  (byId("previews").querySelector("button") ?? byId("answer")).focus();
}

function item(photo, place) {
  const number = place + 1;
  const image = make("img", { src: photo.url, alt: word("web.photo_number", { number }) });
  const label = word("web.photo_remove", { number });
  const attributes = { class: "square", type: "button", "aria-label": label };
  const button = make("button", attributes, icon("close"));
  button.addEventListener("click", () => remove(photo));
  return make("li", {}, image, button);
}

/** Show what is chosen, in the present language. */
export function drawPhotos() {
  byId("previews").replaceChildren(...chosen.map(item));
  byId("send-photos").textContent = word("web.photos_send", { count: chosen.length });
  byId("send-photos").hidden = byId("cancel-photos").hidden = !chosen.length;
  const tooBig = left.map((name) => word("web.photo_too_big", { name }));
  byId("preview-note").textContent = tooBig.join("\n");
  byId("preview").hidden = !chosen.length && !left.length;
}

async function take(input) {
  const files = [...input.files];
  input.value = ""; // so that the same file can be chosen again
  left = [];
  for (const file of files) {
    const blob = await shrink(file);
    if (blob.size > MOST_BYTES) left.push(file.name);
    else chosen.push({ name: file.name || "photo.jpg", blob, url: URL.createObjectURL(blob) });
  }
  drawPhotos();
  if (chosen.length) byId("send-photos").focus({ preventScroll: true });
}

function clear({ forget }) {
  if (forget) chosen.forEach(({ url }) => URL.revokeObjectURL(url));
  chosen.length = 0;
  left = [];
  drawPhotos();
  byId("main").focus({ preventScroll: true });
}

/** Open the camera ("camera") or the photos of the device ("photo"). */
export const pickPhotos = (source) => byId(source).click();

/** Wire the inputs; `send` gets the chosen photos `{name, blob, url}`; false leaves them chosen. */
export function watchPhotos(send) {
  for (const id of ["photo", "camera"]) {
    byId(id).addEventListener("change", (event) => take(event.target));
  }
  byId("attach").addEventListener("click", () => pickPhotos("photo"));
  byId("add-photos").addEventListener("click", () => pickPhotos("photo"));
  byId("cancel-photos").addEventListener("click", () => clear({ forget: true }));
  byId("send-photos").addEventListener("click", () => {
    if (send([...chosen]) !== false) clear({ forget: false });
  });
}
