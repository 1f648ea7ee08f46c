// Waits for messages that come by themselves (a notice, a decision), one long poll after another.
// While an answer is being sent it is silent, so that no message is drawn twice or out of order.

import { Problem, getScreens } from "./api.js";

const LEAST_ROUND = 2_000; // an empty answer that comes sooner must not become a busy loop
const LONGEST_PAUSE = 60_000;
const WELL_AFTER = 3_000; // a request that has not failed by then has reached the server

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Listener {
  /**
   * `hooks`: `came(answer)`, `trouble(kind, words)`, `calm()`, `lost()`. A citizen's phone rests
   * while the page is hidden (`restsHidden`); an officer's tab goes on and counts in its title.
   */
  constructor(hooks, restsHidden) {
    this.hooks = hooks;
    this.restsHidden = restsHidden;
    this.paused = true;
    this.cursor = null;
    this.wake = () => undefined;
    this.request = null;
    document.addEventListener("visibilitychange", () => this.wake());
    window.addEventListener("try-again", () => this.wake());
  }

  /** Begin; call once. */
  start() {
    this.paused = false;
    this.run();
  }

  /** Stop asking, or go on. */
  pause(flag) {
    this.paused = flag;
    if (flag) this.request?.abort();
    else this.wake();
  }

  get mayAsk() {
    return !this.paused && !(this.restsHidden && document.hidden);
  }

  async run() {
    for (let pause = LEAST_ROUND; ; ) {
      while (!this.mayAsk) await new Promise((resolve) => (this.wake = resolve));
      pause = (await this.ask()) ? LEAST_ROUND : Math.min(2 * pause, LONGEST_PAUSE);
      if (pause > LEAST_ROUND) await this.rest(pause);
    }
  }

  /** One round; true when the server answered. */
  async ask() {
    const began = Date.now();
    this.request = new AbortController();
    const well = setTimeout(() => navigator.onLine && this.hooks.calm(), WELL_AFTER);
    try {
      const answer = await getScreens(this.cursor, this.request.signal);
      this.hooks.calm();
      if (this.paused) return true;
      this.hooks.came(answer);
      if (!answer.screens.length) await sleep(Math.max(0, LEAST_ROUND - (Date.now() - began)));
      return true;
    } catch (error) {
      return this.paused || this.stumble(error);
    } finally {
      clearTimeout(well);
    }
  }

  async stumble(error) {
    if (error instanceof Problem && !error.passing) {
      await this.hooks.lost(); // the conversation or the cursor is gone: begin anew
      return false;
    }
    this.hooks.trouble(error instanceof Problem ? "busy" : "waiting", error.detail);
    if (error.wait) await sleep(error.wait);
    return false;
  }

  rest(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
