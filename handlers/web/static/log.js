// The conversation as drawn: what was said, and the present question with its buttons at the end.

import { byId, make } from "./dom.js";
import {
  actionRow, editButton, mineMessage, screenControls, screenMessage, troubleMessage,
} from "./messages.js";
import { isFollowing, offer, reveal, steady } from "./scroller.js";
import { word } from "./words.js";

const ANNOUNCE_AFTER = 300; // the history is drawn before the live region begins to speak

/** True for a message that asks; one that only tells leaves the open question in its place. */
const asks = (screen) => Boolean(screen.choices?.length || screen.accepts?.length);

/** False for words that are a command on any screen. */
const isAnswer = (text) => !/^\s*(\/|[?？]+\s*$)/.test(text ?? "");

export class Log {
  /** `hooks`: `choose(screen, choice)`, `pick(source)`, `say(text)`, `asked(screen)`. */
  constructor(hooks) {
    this.root = byId("log");
    this.hooks = hooks;
    this.forget();
  }

  forget() {
    this.known = new Map(); // screen id -> {screen, node}
    this.answers = new Map(); // event id -> node
    this.present = null; // {screen, node, controls}
    this.byKey = false;
    this.edited = {}; // {step, button} of what the person said last
  }

  /** Draw the whole conversation anew, silently, and show its end. */
  redraw(history, screens) {
    this.root.setAttribute("aria-live", "off");
    this.root.replaceChildren();
    this.forget();
    for (const item of history) {
      if ("mine" in item) this.addMine({ text: item.mine, photos: item.photos });
      else this.addScreen(item);
    }
    screens.forEach((screen) => this.addScreen(screen));
    if (this.root.lastElementChild) reveal(this.root.lastElementChild, { smooth: false });
    setTimeout(() => this.root.setAttribute("aria-live", "polite"), ANNOUNCE_AFTER);
  }

  /** Messages that answer the person: shown at once. */
  reply(screens) {
    const nodes = screens.map((screen) => this.addScreen(screen));
    this.showNew(nodes, true);
    if (this.byKey && this.present) this.present.node.focus({ preventScroll: true });
    this.byKey = false;
  }

  /** Messages that came by themselves: they move nobody. True when something new was drawn. */
  notice(screens) {
    const fresh = screens.filter((screen) => !this.isLast(screen.id));
    const draw = (screen) => (asks(screen) ? this.addScreen(screen) : this.tell(screen));
    const nodes = fresh.map(draw);
    this.showNew(nodes, isFollowing());
    return nodes.length > 0;
  }

  showNew(nodes, follow) {
    if (!nodes.length) return;
    nodes.forEach((node) => node.classList.add("arrived"));
    if (follow) reveal(nodes[0]);
    else offer(nodes[0]);
  }

  /** A message that only tells stands above the open question, which keeps its place. */
  tell(screen) {
    if (!this.present?.controls) return this.addScreen(screen);
    const node = screenMessage(screen);
    this.known.set(screen.id, { screen, node });
    steady(this.present.node, () => this.present.node.before(node));
    return node;
  }

  isLast(id) {
    const found = this.known.get(id);
    return Boolean(found) && !this.mineAfter(found.node);
  }

  mineAfter(node) {
    for (let next = node.nextElementSibling; next; next = next.nextElementSibling) {
      if (next.classList.contains("mine")) return true;
    }
    return false;
  }

  /** Append a message of ours; the same one again, still unanswered, takes its own place. */
  addScreen(screen) {
    const before = this.known.get(screen.id);
    const again = before && !this.mineAfter(before.node);
    const node = screenMessage(screen);
    if (again) before.node.replaceWith(node);
    else {
      before?.node.removeAttribute("data-screen");
      this.root.append(node);
    }
    this.known.set(screen.id, { screen, node });
    if (asks(screen) || !this.present?.controls) this.ask(screen, node);
    return node;
  }

  ask(screen, node) {
    this.settle();
    this.keepEdit(screen);
    const choose = (choice, byKey) => {
      this.byKey = byKey;
      this.hooks.choose(screen, choice);
    };
    const { pick, say } = this.hooks;
    const controls = screenControls(screen, { choose, pick, say });
    if (controls) node.append(controls);
    node.classList.add("present");
    this.present = { screen, node, controls };
    this.hooks.asked(screen);
  }

  /** Take the buttons off the present question; it stays readable. */
  settle() {
    if (!this.present) return;
    const { node, controls } = this.present;
    if (controls?.contains(document.activeElement)) byId("main").focus({ preventScroll: true });
    controls?.remove();
    node.classList.remove("present");
    this.present.controls = null;
  }

  /** Draw an answer of the person's; with `eventId` its state can be told later. */
  addMine({ text, photos, eventId }) {
    const node = mineMessage({ text, photos, eventId });
    const open = this.present?.node.classList.contains("present");
    const step = open && isAnswer(text) ? this.present.screen.progress?.step : null;
    const button = step ? editButton(step, this.hooks.say) : null;
    if (button) node.prepend(button);
    this.edited = { step, button };
    this.settle();
    this.root.append(node);
    if (eventId) this.answers.set(eventId, node);
    return node;
  }

  /** What was said last was no answer after all if its question, or one before it, is asked again. */
  keepEdit({ progress }) {
    const { step, button } = this.edited;
    if (button && progress && progress.step <= step) button.remove();
    this.edited = {};
  }

  /** Draw an answer given now. */
  mine(answer) {
    reveal(this.addMine(answer));
  }

  has(eventId) {
    return this.answers.has(eventId);
  }

  /** Words under an answer: `kind` is "", "waits" or "failed". */
  setState(eventId, text, kind = "") {
    const node = this.answers.get(eventId);
    if (!node) return;
    node.classList.toggle("waits", kind === "waits");
    node.classList.toggle("failed", kind === "failed");
    const place = node.querySelector(".state");
    if (place.textContent !== text) place.textContent = text;
  }

  /** The line that grows while photos travel; null takes it away. */
  setUpload(eventId, percent) {
    const bubble = this.answers.get(eventId)?.querySelector(".bubble");
    const bar = bubble?.querySelector(".upload");
    if (percent === null) bar?.remove();
    else if (bar) bar.value = percent;
    else {
      const line = { class: "upload", max: 100, value: percent, "aria-hidden": "true" };
      bubble?.append(make("progress", line));
    }
  }

  /** Small buttons under an answer: `[label key, act]` each, none to take them away. */
  setActions(eventId, actions) {
    const node = this.answers.get(eventId);
    node?.querySelector(".actions")?.remove();
    if (actions.length) node?.append(actionRow(actions));
  }

  remove(eventId) {
    this.answers.get(eventId)?.remove();
    this.answers.delete(eventId);
  }

  /** Say that an answer was refused, and ask its question again. */
  refuse(eventId, text, actions) {
    this.setState(eventId, word("web.failed"), "failed");
    this.setActions(eventId, actions);
    this.answers.get(eventId)?.querySelector(".edit")?.remove();
    const node = this.say(text);
    this.askAgain();
    reveal(node);
  }

  /** Put the present question to the end once more, with its buttons; gives its element. */
  askAgain() {
    return this.present ? this.addScreen(this.present.screen) : this.root.lastElementChild;
  }

  /** A refusal or a page's own word among the messages. */
  say(text) {
    const node = troubleMessage(text);
    this.root.append(node);
    return node;
  }

  /** Press the button with this number, if the present question has it. */
  press(number) {
    this.present?.controls?.querySelectorAll("[data-choice]")[number - 1]?.click();
  }
}
