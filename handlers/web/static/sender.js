// Sends the kept answers, oldest first and one at a time, each under the event id it was given when
// the person answered, until the server has taken or refused it. Sending again, also from another
// tab, is therefore harmless.

import { Problem, sendEvent, sendPhotos } from "./api.js";
import { drop, keep, listKept } from "./queue.js";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const WORKING_PAUSE = 1_500;

export class Sender {
  /**
   * `hooks`: `state(answer, name, percent?)` while it travels; `taken(answer, result)` and
   * `refused(answer, problem)` at its end; `trouble(kind, words, wait)` and `calm()` for the
   * network bar; `lost()` opens a new conversation; `busy(flag)` when sending begins and ends.
   */
  constructor(hooks) {
    this.hooks = hooks;
    this.ended = new Set();
    this.held = new Set(); // waits for the person's word
    this.wake = () => undefined;
    this.again = false;
    this.running = false;
  }

  /** Keep a new answer on disk, then send it. */
  async add(answer) {
    this.hooks.state(answer, "sending");
    await keep(answer);
    this.nudge();
  }

  /** Every answer not yet ended, oldest first. */
  async listWaiting() {
    return (await listKept()).filter(({ event_id: id }) => !this.ended.has(id));
  }

  /** Leave a kept answer unsent until `release` or `discard`. */
  hold(eventId) {
    this.held.add(eventId);
  }

  /** Send a held answer after all. */
  release(eventId) {
    this.held.delete(eventId);
    this.nudge();
  }

  /** Forget a held answer. */
  async discard(eventId) {
    this.ended.add(eventId);
    await drop(eventId);
  }

  /** Send what waits now instead of at the end of the present pause. */
  nudge() {
    this.again = true;
    this.wake();
    if (!this.running) this.run();
  }

  async run() {
    this.running = true;
    this.hooks.busy(true);
    while (this.again) {
      this.again = false;
      await this.drain();
    }
    this.running = false;
    this.hooks.busy(false);
  }

  async drain() {
    for (let next = await this.next(); next; next = await this.next()) await this.deliver(next);
  }

  async next() {
    return (await this.listWaiting()).find(({ event_id: id }) => !this.held.has(id));
  }

  async deliver(answer) {
    let pause = FIRST_PAUSE;
    let reopened = false;
    while (!this.held.has(answer.event_id)) {
      try {
        const result = await this.send(answer);
        if (!result.pending || answer.photos) return await this.finish(answer, "taken", result);
        this.hooks.state(answer, "working");
        await this.rest(WORKING_PAUSE);
      } catch (error) {
        if (error instanceof Problem && error.sessionLost && !reopened) {
          reopened = true;
          await this.hooks.lost(answer);
        } else if (error instanceof Problem && !error.passing) {
          return await this.finish(answer, "refused", error);
        } else {
          const wait = error.wait ?? pause * (0.75 + Math.random() / 2);
          this.hooks.state(answer, "kept");
          const kind = error instanceof Problem ? "busy" : "waiting";
          this.hooks.trouble(kind, error.detail, error.wait);
          await this.rest(wait, error.wait != null);
          pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
      }
    }
  }

  async send(answer) {
    this.hooks.state(answer, "sending");
    const { event_id, screen, choice, text, photos } = answer;
    const result = photos
      ? await sendPhotos(answer, (percent) => this.hooks.state(answer, "uploading", percent))
      : await sendEvent({ event_id, screen: screen ?? undefined, choice, text });
    this.hooks.calm();
    return result;
  }

  /** The answer's end. Photos still `pending` are safe there: their verdict comes as a message. */
  async finish(answer, how, outcome) {
    this.ended.add(answer.event_id);
    await drop(answer.event_id);
    this.hooks[how](answer, outcome);
  }

  /** Wait `ms`, less when nudged; a time the server named (`fixed`) is kept whole. */
  rest(ms, fixed = false) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = fixed
        ? () => undefined
        : () => {
            clearTimeout(timer);
            resolve();
          };
    });
  }
}
