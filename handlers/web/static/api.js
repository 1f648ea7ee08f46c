// Talks to the server: one function a route. What goes wrong is a Problem (the server said no) or
// Unreachable (nobody answered), nothing else.

const base = document.body.dataset.base;
const PATIENCE = 40_000; // a turn answers within 10 s, a long poll within 25 s

/** A refusal is said in the page's language, which need not be the browser's. */
const manners = () => ({
  Accept: "application/json",
  "Accept-Language": document.documentElement.lang,
});

/** The server's refusal: `status`, its own words in `detail`, `wait` in ms if it named a time. */
export class Problem extends Error {
  constructor(status, detail, wait) {
    super(`HTTP ${status}`);
    Object.assign(this, { status, detail, wait });
  }

  /** True when the same request may succeed later. */
  get passing() {
    return this.status >= 500 || [408, 425, 429].includes(this.status);
  }

  /** True when the conversation itself is unknown to the server. */
  get sessionLost() {
    return this.status === 401 || this.status === 404;
  }
}

/** No answer came: no network, or the server is away. */
export class Unreachable extends Error {}

/** A random UUID; `crypto.randomUUID` is absent on plain-http addresses of a local network. */
export function newEventId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Retry-After in milliseconds, whether seconds or a date; null when absent. */
function readWait(header) {
  if (!header) return null;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}

/** The answer's content, or a thrown Problem or Unreachable. */
function readAnswer(status, text, retryAfter) {
  let content = null;
  try {
    content = text ? JSON.parse(text) : { screens: [] };
  } catch {
    // A page of some proxy or login wall stands where our answer should be: nobody of ours spoke.
    if (status < 400) throw new Unreachable("not JSON");
  }
  if (status >= 200 && status < 300) return content;
  const said = content?.detail ?? content?.title;
  throw new Problem(status, typeof said === "string" ? said : null, readWait(retryAfter));
}

async function ask(path, options = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  options.signal?.addEventListener("abort", () => stop.abort());
  try {
    const response = await fetch(base + path, {
      credentials: "same-origin",
      cache: "no-store",
      ...options,
      headers: { ...manners(), ...options.headers },
      signal: stop.signal,
    });
    return readAnswer(response.status, await response.text(), response.headers.get("Retry-After"));
  } catch (error) {
    throw error instanceof Problem ? error : new Unreachable(error.message);
  } finally {
    clearTimeout(timer);
  }
}

const post = (path, body) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** Open or resume the conversation; `wishes` may hold locale, place, resume. */
export const openSession = (wishes) => post("/sessions", wishes);

/** Send a choice or a text. */
export const sendEvent = (event) => post("/events", event);

/** Messages after `cursor`; waits up to 25 s on the server. `signal` ends the wait. */
export const getScreens = (cursor, signal) =>
  ask(cursor ? `/screens?after=${encodeURIComponent(cursor)}` : "/screens", { signal });

/** Send photos as one answer; `onProgress` gets 0..100. A transfer standing still is given up. */
export function sendPhotos({ event_id, screen, photos }, onProgress) {
  const form = new FormData();
  form.append("event_id", event_id);
  form.append("screen", screen ?? "");
  for (const photo of photos) form.append("photo", photo.blob, photo.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new Unreachable("upload"));
    const moves = () => {
      clearTimeout(request.stall);
      request.stall = setTimeout(() => request.abort(), PATIENCE);
    };
    request.open("POST", `${base}/photos`);
    for (const [name, value] of Object.entries(manners())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      moves();
      if (event.lengthComputable) onProgress(Math.round((100 * event.loaded) / event.total));
    });
    request.addEventListener("load", () => {
      try {
        const wait = request.getResponseHeader("Retry-After");
        resolve(readAnswer(request.status, request.responseText, wait));
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    request.addEventListener("loadend", () => clearTimeout(request.stall));
    moves();
    request.send(form);
  });
}
