// The one conversation of this page: what the person does goes to the sender, what the server says
// goes to the log, and both keep the page's language, place and link.

import { newEventId } from "./api.js";
import { drawComposer, takeBack } from "./composer.js";
import { byId } from "./dom.js";
import { resumeToken, setResume } from "./keep.js";
import { Listener } from "./listener.js";
import { Log } from "./log.js";
import { hideTrouble, showTrouble } from "./net.js";
import { drawPhotos, pickPhotos } from "./photos.js";
import { reveal } from "./scroller.js";
import { Sender } from "./sender.js";
import { open } from "./session.js";
import { currentLocale, drawLanguages, setLocale, word } from "./words.js";

const SLOW = 800; // an answer that travels longer deserves a word

/** True when a kept answer belongs to a conversation that is not the one now open. */
function isForeign(answer, { history, screens }) {
  if (!answer.screen) return false;
  const resumed = history.some((item) => "mine" in item);
  return !resumed && ![...history, ...screens].some(({ id }) => id === answer.screen);
}

/** Photos of a kept answer as the log draws them. */
const localPhotos = (photos) =>
  photos?.map(({ blob, url }, place) => {
    const address = url ?? URL.createObjectURL(blob);
    return { thumb: address, full: address, alt: word("web.photo_number", { number: place + 1 }) };
  });

export class Conversation {
  constructor(surface) {
    this.surface = surface;
    this.ready = false;
    this.opening = null;
    this.unread = 0;
    this.slow = new Map();
    this.log = new Log({
      choose: (screen, { id, label }) => this.answer({ screen: screen.id, choice: id, label }),
      pick: pickPhotos,
      say: (text) => this.say(text),
      asked: ({ accepts }) => (byId("attach").hidden = !accepts?.includes("photo")),
    });
    this.sender = new Sender(this.senderHooks());
    this.listener = new Listener(this.listenerHooks(), surface === "citizen");
  }

  senderHooks() {
    return {
      state: (answer, name, percent) => this.showState(answer, name, percent),
      taken: (answer, result) => this.taken(answer, result),
      refused: (answer, problem) => this.refused(answer, problem),
      trouble: (kind, words, wait) => this.trouble(`web.${kind}_kept`, words, wait),
      calm: hideTrouble,
      lost: () => this.open({ resume: resumeToken() ?? undefined }),
      busy: (flag) => this.listener.pause(flag),
    };
  }

  listenerHooks() {
    return {
      came: (answer) => this.came(answer),
      trouble: (kind, words) => this.trouble(`web.${kind}`, words),
      calm: hideTrouble,
      lost: () => this.open({ resume: resumeToken() ?? undefined }),
    };
  }

  /** Open the conversation for the first time and go on with what was kept. */
  async begin(wishes) {
    await this.open(wishes);
    this.listener.start();
    this.sender.nudge();
  }

  /** Open, resume or change the language; several wishes at once share one opening. */
  open(wishes) {
    this.opening ??= this.openNow(wishes).finally(() => (this.opening = null));
    return this.opening;
  }

  async openNow(wishes) {
    try {
      const session = await open(wishes, (error, ms) => this.waitToOpen(error, ms));
      hideTrouble();
      await this.adopt(session);
    } catch (problem) {
      if (!("status" in problem)) throw problem;
      await this.over(problem);
    }
  }

  waitToOpen(error, ms) {
    this.trouble(error.status ? "web.busy" : "web.waiting", error.detail, error.wait);
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
      if (!error.wait) window.addEventListener("try-again", resolve, { once: true });
    });
  }

  /** The server refuses this conversation for good: say so and stay silent. */
  over(problem) {
    byId("opening").hidden = true;
    this.ready = false;
    hideTrouble();
    const ended = problem.sessionLost && this.surface === "officer";
    this.log.say(ended ? word("web.session_over") : problem.detail ?? word("web.failed_why"));
    return new Promise(() => undefined);
  }

  async adopt(session) {
    const history = session.history ?? [];
    // Asked for first: from the drawing to `ready` nothing may wait, or a quick tap would be lost.
    const waiting = await this.sender.listWaiting();
    this.absorb(session);
    setResume(session.resume);
    byId("opening").hidden = true;
    byId("first").hidden = history.some((item) => "mine" in item);
    this.log.redraw(history, session.screens);
    this.drawWaiting(waiting, { ...session, history });
    if (session.resumeRefused) this.log.say(word("web.resume_bad"));
    this.ready = true;
  }

  /** What every answer of the server carries beside its screens. */
  absorb({ cursor, locale, place }) {
    if (cursor) this.listener.cursor = cursor;
    if (locale) this.show(locale);
    if (place !== undefined) {
      byId("place").textContent = place ?? "";
      byId("place").hidden = !place;
    }
  }

  /** Show the page's words in `locale`. */
  show(locale) {
    if (locale === currentLocale()) return;
    setLocale(locale);
    drawLanguages((next) => this.changeLanguage(next));
    drawPhotos();
    drawComposer();
  }

  async changeLanguage(locale) {
    if (this.opening) return;
    this.show(locale);
    byId("languages").querySelector("button")?.focus();
    this.listener.pause(true);
    await this.open({ locale });
    this.listener.pause(this.sender.running);
  }

  /** Draw the answers still to be sent; when none answers the open question, ask it again. */
  drawWaiting(answers, session) {
    for (const answer of answers) {
      this.drawMine(answer);
      if (isForeign(answer, session)) this.askAbout(answer);
      else this.showState(answer, "kept");
    }
    const foreign = answers.filter((answer) => isForeign(answer, session));
    if (foreign.length && foreign.length === answers.length) reveal(this.log.askAgain());
  }

  /** A kept answer of another conversation is sent only on the person's word. */
  askAbout(answer) {
    const id = answer.event_id;
    this.sender.hold(id);
    clearTimeout(this.slow.get(id));
    this.log.setState(id, word("web.foreign"), "waits");
    const send = () => {
      this.log.setActions(id, []);
      this.sender.release(id);
    };
    const discard = () => {
      this.log.remove(id);
      this.sender.discard(id);
    };
    this.log.setActions(id, [["web.send_again", send], ["web.discard", discard]]);
  }

  drawMine({ event_id: eventId, text, label, photos }) {
    const words = photos ? word("web.photos_mine", { count: photos.length }) : text ?? label;
    this.log.mine({ text: words, photos: localPhotos(photos), eventId });
  }

  /** Send a typed text; false when the conversation is not open yet and the text must wait. */
  say(text) {
    return this.answer({ screen: this.log.present?.screen.id ?? null, text });
  }

  sendPhotos(photos) {
    return this.answer({ screen: this.log.present?.screen.id ?? null, photos });
  }

  answer(content) {
    if (!this.ready) return false;
    const answer = { event_id: newEventId(), ...content };
    this.drawMine(answer);
    const photos = content.photos?.map(({ name, blob }) => ({ name, blob }));
    this.sender.add(photos ? { ...answer, photos } : answer);
    return true;
  }

  showState({ event_id: id }, name, percent) {
    clearTimeout(this.slow.get(id));
    const tell = (key, kind) => this.log.setState(id, word(key, { percent }), kind);
    if (name === "kept") tell("web.kept", "waits");
    else if (name === "sending") this.slow.set(id, setTimeout(() => tell("web.sending"), SLOW));
    else tell(name === "working" || percent === 100 ? "web.working" : "web.uploading");
    this.log.setUpload(id, name === "uploading" ? percent : null);
  }

  clearState({ event_id: id }) {
    clearTimeout(this.slow.get(id));
    this.log.setState(id, "");
    this.log.setUpload(id, null);
  }

  /** The server took the answer and replied; an answer of another tab is drawn here too. */
  taken(answer, result) {
    if (!this.log.has(answer.event_id)) this.drawMine(answer);
    this.clearState(answer);
    this.absorb(result);
    this.log.reply(result.screens);
  }

  refused(answer, problem) {
    this.clearState(answer);
    const actions = answer.text ? [["web.take_back", () => takeBack(answer.text)]] : [];
    this.log.refuse(answer.event_id, problem.detail ?? word("web.failed_why"), actions);
  }

  came(answer) {
    this.absorb(answer);
    if (this.log.notice(answer.screens) && document.hidden) this.count(this.unread + 1);
  }

  /** Show in the tab's title how many messages wait. */
  count(unread) {
    this.unread = unread;
    const title = word(document.body.dataset.title);
    document.title = unread ? `(${unread}) ${title}` : title;
  }

  trouble(key, words, wait) {
    const retry = wait ? null : () => this.retry();
    showTrouble(words ?? word(key), retry);
  }

  /** Try again now: the network is back, or the person asks. */
  retry() {
    window.dispatchEvent(new Event("try-again"));
    if (this.ready) this.sender.nudge();
  }
}
