// Answers not yet taken by the server, in their order: in IndexedDB, so that a reload, a flat
// battery or a lost network loses none, and beside it in memory, for browsers that refuse or lose
// IndexedDB (private windows, a phone back from sleep).

const STORE = "answers";
const base = document.body.dataset.base;
const here = new Map();
let opened = null;
let count = 0;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("khaihoc", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: "event_id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** Do `act` in the store and wait for the disk; undefined where there is no working store. */
async function inStore(mode, act) {
  try {
    const change = (await open()).transaction(STORE, mode);
    const request = act(change.objectStore(STORE));
    return await new Promise((resolve, reject) => {
      change.oncomplete = () => resolve(request.result);
      change.onabort = () => reject(change.error);
    });
  } catch {
    opened = null; // a fresh connection next time; memory serves meanwhile
    return undefined;
  }
}

/** Keep an answer until `drop`; resolves when it is on disk, where the browser allows that. */
export async function keep(answer) {
  const kept = { ...answer, base, order: [Date.now(), (count += 1)] };
  here.set(kept.event_id, kept);
  await inStore("readwrite", (store) => store.put(kept));
}

/** The kept answers of this face of the page, oldest first. */
export async function listKept() {
  const stored = (await inStore("readonly", (store) => store.getAll())) ?? [];
  const kept = new Map([...stored.map((answer) => [answer.event_id, answer]), ...here]);
  return [...kept.values()]
    .filter((answer) => answer.base === base)
    .sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
}

/** Forget an answer: the server has taken or refused it. */
export async function drop(eventId) {
  here.delete(eventId);
  await inStore("readwrite", (store) => store.delete(eventId));
}
