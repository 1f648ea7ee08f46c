// Opens or resumes the conversation, patiently: until the server answers, or refuses for good.

import { Problem, openSession } from "./api.js";
import { readResume } from "./keep.js";

const LONGEST_PAUSE = 30_000;

/** What the address asks for: a place from a QR code, a conversation to resume or to join. */
export function readAddress() {
  const url = new URL(window.location.href);
  const join = new URLSearchParams(url.hash.slice(1)).get("join");
  const wishes = { place: url.searchParams.get("place"), resume: readResume(url), join };
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value));
}

/** Take the asked-for things out of the address bar: a resume link is a secret. */
export function cleanAddress() {
  const url = new URL(window.location.href);
  url.searchParams.delete("place");
  url.searchParams.delete("resume");
  if (/\b(resume|join)=/.test(url.hash)) url.hash = "";
  window.history.replaceState(null, "", url.pathname + url.search + url.hash);
}

/**
 * Open with `wishes`; `wait(error, ms)` shows the trouble and resolves when to try again. A resume
 * link that the server refuses is dropped once (`{...session, resumeRefused: true}`). Throws the
 * Problem of a refusal that stays.
 */
export async function open(wishes, wait) {
  for (let pause = 1_000, refused = false; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return { ...(await openSession(wishes)), resumeRefused: refused };
    } catch (error) {
      if (error instanceof Problem && !error.passing) {
        if (!wishes.resume) throw error;
        wishes = { ...wishes, resume: undefined };
        refused = true;
      } else {
        await wait(error, error.wait ?? pause);
      }
    }
  }
}
