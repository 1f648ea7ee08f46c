// Where the reader looks: follows the conversation at its end, and never moves a reader who is
// elsewhere. The button "new message" leads down.

import { byId } from "./dom.js";

const NEAR = 64;
const SETTLED = 500;
const page = byId("page");
const newer = byId("newer");
let following = true;
let target = null;
// What was shown last, as long as the reader has not turned away from it.
let shown = null;
let width = page.clientWidth;
let turned = -SETTLED;

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const atEnd = () => page.scrollHeight - page.scrollTop - page.clientHeight < NEAR;

const toEnd = () => (page.scrollTop = page.scrollHeight);

/** True when the reader is at the end of the conversation. */
export const isFollowing = () => following;

/** Show `node` from its first line; when all after it fits, show the very end. */
export function reveal(node, { smooth = true } = {}) {
  const top = Math.max(0, document.querySelector(".top").getBoundingClientRect().bottom);
  const to = page.scrollTop + node.getBoundingClientRect().top - top - 12;
  page.scrollTo({ top: to, behavior: smooth && !calm.matches ? "smooth" : "auto" });
  following = true;
  shown = node;
  offer(null);
}

/** Offer the way to `node` without going there; null takes the offer back. */
export function offer(node) {
  target = node;
  newer.hidden = node === null;
}

/** Do `change` while `node` stays where it is on the screen. */
export function steady(node, change) {
  const before = node.getBoundingClientRect().top;
  change();
  page.scrollTop += node.getBoundingClientRect().top - before;
}

/** Turned or enlarged, everything is laid out anew: the question at hand stays the one in sight. */
function keepInSight() {
  if (page.clientWidth !== width) turned = performance.now();
  width = page.clientWidth;
  if (justTurned()) reveal(shown, { smooth: false });
}

// Width and height come one after the other, in either order: both are waited for.
const justTurned = () => shown?.isConnected && performance.now() - turned < SETTLED;

/** Let the page fill what the keyboard leaves, and keep the end in sight while it changes. */
export function watchFrame() {
  const view = window.visualViewport;
  const fit = () => {
    // Pinch zoom makes the visual viewport small too, but then the page must stay as it is.
    const height = view && Math.abs(view.scale - 1) < 0.05 ? view.height : window.innerHeight;
    document.documentElement.style.setProperty("--height", `${height}px`);
    document.body.classList.toggle("short", height < 480);
    if (page.clientWidth !== width || justTurned()) keepInSight();
    else if (following) toEnd();
    if (window.scrollY) window.scrollTo(0, 0);
  };
  (view ?? window).addEventListener("resize", fit);
  new ResizeObserver(() => following && !justTurned() && toEnd()).observe(byId("dock"));
  new ResizeObserver(keepInSight).observe(page);
  fit();
  page.addEventListener("scroll", () => {
    following = atEnd();
    if (following) offer(null);
  });
  const turnAway = () => (shown = atEnd() ? shown : null);
  for (const kind of ["wheel", "touchmove"]) page.addEventListener(kind, turnAway, { passive: true });
  newer.addEventListener("click", () => {
    const to = target?.isConnected ? target : page.lastElementChild;
    reveal(to);
    to.focus({ preventScroll: true });
  });
}
