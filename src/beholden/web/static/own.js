// What the pages do beyond plain HTML. Every page works without it, by links and buttons.
// Other modules of a page import from here: `import { onKey, post, said } from "./own.js"`.

// --- what is said, and what is sent ---

/** Say it where a screen reader hears it and the eye finds it: what was done, in few words. */
export function said(words) {
  const place = document.getElementById("heard");
  place.textContent = words;
  place.hidden = words === "";
}

/** The token that a form of this session carries. */
export const token = () => document.querySelector("input[name=csrf]")?.value ?? "";

/** Show the reasons of a refusal above the page, as the page of the refusal (a document) has them. */
export function refused(page) {
  const there = [...(page?.querySelectorAll(".reasons") ?? [])];
  const place = document.getElementById("said");
  place.replaceChildren(...there.map((one) => document.adoptNode(one)));
  if (there.length) place.scrollIntoView({ block: "nearest" });
}

/**
 * Send fields (an object, a URLSearchParams or a FormData) with the token of the session.
 * Gives `{ ok, status, json | blob | page }`, the last by the kind of the answer (data, a photograph, a document); a refusal
 * is shown to the person. Status 0: the server was not reached.
 */
export function post(url, fields = {}, { accept = "application/json, text/html" } = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  if (!body.has("csrf")) body.append("csrf", token());
  return new Promise((done) => {
    // Not `fetch`: this alone makes a document of an answer, where no script may make one from text (Trusted Types).
    const asked = new XMLHttpRequest();
    asked.open("POST", url);
    asked.setRequestHeader("Accept", accept);
    asked.addEventListener("readystatechange", () => {
      if (asked.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return;
      const kind = asked.getResponseHeader("content-type") ?? "";
      asked.responseType = kind.startsWith("image/") ? "blob" : kind.includes("json") ? "json" : "document";
    });
    asked.addEventListener("error", () => {
      said(document.getElementById("heard").dataset.unreached);
      done({ ok: false, status: 0 });
    });
    asked.addEventListener("load", () => {
      const ok = asked.status >= 200 && asked.status < 300;
      const part = { blob: "blob", json: "json" }[asked.responseType] ?? "page";
      refused(ok ? null : part === "page" ? asked.response : null);
      done({ ok, status: asked.status, [part]: asked.response });
    });
    asked.send(body);
  });
}

// --- forms and tables ---

// Ask before what cannot be taken back.
document.addEventListener("submit", (event) => {
  const words = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (words && !window.confirm(words)) event.preventDefault();
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Sort the rows that are on the page.
function sortable(table) {
  for (const heading of table.querySelectorAll("th[data-sort]")) {
    if (heading.querySelector("button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = table.tBodies[0];
      const words = (row) => {
        const cell = row.cells[heading.cellIndex];
        return cell.querySelector("time")?.dateTime ?? cell.textContent.trim();
      };
      const order = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
      const rows = [...body.rows].sort((one, other) => order(words(one), words(other)));
      body.append(...(down ? rows.reverse() : rows));
    });
  }
}
// On a narrow screen a row is shown as a list of values, each with its heading. The roles stay those of a table.
function listed(table) {
  const words = [...table.tHead.rows[0].cells].map((one) => one.textContent.trim());
  for (const row of table.tBodies[0].rows) {
    row.role = "row";
    [...row.cells].forEach((cell, place) => {
      cell.role = cell.tagName === "TH" ? "rowheader" : "cell";
      cell.dataset.label = words[place] ?? "";
      if (cell.classList.contains("number")) table.tHead.rows[0].cells[place]?.classList.add("number");
      cell.toggleAttribute("data-empty", !cell.textContent.trim() && !cell.querySelector("img, svg, input"));
    });
  }
  table.role = "table";
  table.dataset.listed = "yes";
}
const sortAll = () =>
  document.querySelectorAll("table[data-sortable]").forEach((table) => {
    sortable(table);
    listed(table);
  });
sortAll();
document.addEventListener("htmx:after:swap", sortAll);

// --- single keys ---
// They do nothing until somebody switches them on (WCAG 2.1.4); `?` lists them unless they were switched off.

const dialog = document.getElementById("keys");
const list = document.getElementById("keys-list");
const switched = document.getElementById("keys-on");
const opener = document.getElementById("keys-button");
const first = document.getElementById("keys-first");
const SPOKEN = { " ": list.dataset.space, ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };
const PAUSE = 1500; // ms between the two keys of one command, such as g h
const commands = new Map();

const state = () => localStorage.getItem("keys") ?? "";
const keysAre = (state) => {
  localStorage.setItem("keys", state);
  if (first) first.hidden = true;
  shown();
};
const spoken = (key) =>
  key === " " ? SPOKEN[" "] : key.split(" ").map((one) => SPOKEN[one] ?? one).join(" ");
const nameOf = (button) => button.dataset.keyName ?? `key.${button.dataset.key}`;
const keyOf = (name, usual) => localStorage.getItem(`keys:${name}`) ?? usual;

/**
 * A command of this page: its name (`review.undo`), its words for the list, its usual key (`u`, `g h`, ` `, `ArrowLeft`), what
 * it does with the event, and what it does when the key is let go. A person may give it another key.
 */
export function onKey(name, words, usual, act, release = null) {
  commands.set(name, { name, words, usual, act, release });
  offered();
}

/** Every command that can be given now: those of modules, and the buttons and links that carry a key. */
function* available() {
  yield* commands.values();
  for (const button of document.querySelectorAll("[data-key]")) {
    if (button.disabled || button.closest("[hidden]")) continue;
    const words = button.dataset.keyWords ?? wordsOf(button);
    const act = () => (button.matches("input, select, textarea") ? button.focus() : button.click());
    yield { name: nameOf(button), words, usual: button.dataset.key, act, release: null };
  }
}

function wordsOf(button) {
  const copy = button.cloneNode(true);
  for (const key of copy.querySelectorAll("kbd")) key.remove();
  return copy.textContent.trim();
}

// A button says its key while keys are on, and the one that the person gave it.
function shown() {
  document.documentElement.dataset.keys = state() === "on" ? "on" : "off";
  for (const button of document.querySelectorAll("[data-keys-are]")) {
    button.setAttribute("aria-pressed", String(button.dataset.keysAre === state()));
  }
  for (const button of document.querySelectorAll("[data-key]")) {
    const key = button.querySelector("kbd");
    if (key) key.textContent = spoken(keyOf(nameOf(button), button.dataset.key));
  }
}

function offered() {
  const own = [...available()].some((one) => !one.name.startsWith("everywhere."));
  opener.hidden = false;
  if (first) first.hidden = !(own && state() === "");
  shown();
}

function help() {
  list.replaceChildren();
  const seen = new Set();
  for (const one of available()) {
    if (seen.has(one.name)) continue;
    seen.add(one.name);
    const name = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = spoken(keyOf(one.name, one.usual));
    name.append(key);
    const what = document.createElement("dd");
    what.textContent = `${one.words} `;
    const change = document.createElement("button");
    change.type = "button";
    change.className = "plain";
    change.textContent = list.dataset.change;
    change.setAttribute("aria-label", `${list.dataset.change}: ${one.words}`);
    change.addEventListener("click", () => ask(one, key, change));
    what.append(change);
    list.append(name, what);
  }
  switched.checked = state() === "on";
  document.getElementById("keys-said").textContent = "";
  if (!dialog.open) dialog.showModal();
}

// The next key that is pressed is the one for this command, unless another has it.
function ask(one, key, change) {
  const words = document.getElementById("keys-said");
  words.textContent = list.dataset.press;
  const over = () => {
    change.removeEventListener("keydown", heard);
    change.removeEventListener("blur", over);
    if (words.textContent === list.dataset.press) words.textContent = "";
  };
  const heard = (event) => {
    if (["Tab", "Shift", "Control", "Alt", "AltGraph", "Meta"].includes(event.key)) return; // a key may be one with Shift
    event.preventDefault();
    event.stopPropagation();
    over();
    if (event.key === "Escape") return;
    const has = (keys) => keys === event.key || keys.startsWith(`${event.key} `); // also as the first of two
    const taken = [...available()].find((other) => other.name !== one.name && has(keyOf(other.name, other.usual)));
    if (taken) {
      words.textContent = `${list.dataset.taken} ${taken.words}`;
      return;
    }
    localStorage.setItem(`keys:${one.name}`, event.key);
    key.textContent = spoken(event.key);
    words.textContent = list.dataset.changed;
    shown();
  };
  change.addEventListener("keydown", heard);
  change.addEventListener("blur", over);
}

opener.addEventListener("click", help);
switched.addEventListener("change", () => keysAre(switched.checked ? "on" : "off"));
document.getElementById("keys-usual").addEventListener("click", () => {
  for (const name of Object.keys(localStorage)) if (name.startsWith("keys:")) localStorage.removeItem(name);
  shown();
  help();
});
for (const button of document.querySelectorAll("[data-keys-are]")) {
  button.addEventListener("click", () => keysAre(button.dataset.keysAre));
}

let begun = ""; // the first key of two
let pause = 0;
const typing = (event) =>
  event.target.closest?.("input:not([type=radio], [type=checkbox], [type=range], [type=submit], [type=button]), textarea, select, [contenteditable]");
const pressing = (event) => [" ", "Enter"].includes(event.key) && event.target.closest?.("button, a[href], summary, input");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || dialog.open) return;
  if (event.defaultPrevented || typing(event) || pressing(event)) return;
  const list = [...available()];
  const typed = begun ? `${begun} ${event.key}` : event.key;
  const found = list.find((one) => keyOf(one.name, one.usual) === typed);
  clearTimeout(pause);
  begun = "";
  if (found && (state() === "on" || (found.name === "everywhere.keys" && state() === ""))) {
    event.preventDefault();
    found.act(event);
  } else if (state() === "on" && list.some((one) => keyOf(one.name, one.usual).startsWith(`${typed} `) && typed !== " ")) {
    begun = typed;
    pause = setTimeout(() => { begun = ""; }, PAUSE);
  }
});
document.addEventListener("keyup", (event) => {
  for (const one of commands.values()) if (one.release && keyOf(one.name, one.usual) === event.key) one.release(event);
});

onKey("everywhere.keys", opener.dataset.words, "?", help);
for (const [key, path] of [["g h", "/"], ["g c", "/cases"]]) {
  const link = document.querySelector(`.places a[href="${path}"]`);
  if (link) onKey(`everywhere.${path.slice(1) || "home"}`, link.textContent, key, () => link.click());
}
const finder = document.querySelector("main input[type=search]");
if (finder) onKey("everywhere.find", finder.labels[0]?.textContent ?? finder.name, "/", () => finder.focus());
document.addEventListener("htmx:after:swap", offered);
document.addEventListener("DOMContentLoaded", offered); // after the modules of the page, which may have shown more

// --- a photograph that is clear only while somebody holds it ---
// `[data-reveal="/held/T/1/reveal"]` holds the chip, a button `[data-hold]` (pointer, Space or Enter, held) and another
// `[data-show]`, which shows it for ten seconds to who cannot hold. Each time is one act of its own, on record.

const SHOWN_FOR = 10_000; // ms
let clear = null; // what is clear now: one at a time

/** Ask for the clear photograph of this place and show it there until `conceal`. Gives whether it is shown. */
export async function reveal(place) {
  conceal();
  const mine = (clear = { place, image: null, url: "" });
  const answer = await post(place.dataset.reveal, {}, { accept: "image/jpeg, text/html" });
  if (answer.status === 404) {
    location.reload(); // it was let go: the page asks for another
    return false;
  }
  if (!answer.ok || clear !== mine) return false; // refused, or let go before it came
  const chip = place.querySelector("img, svg");
  mine.url = URL.createObjectURL(answer.blob);
  mine.image = document.createElement("img");
  mine.image.className = "clear";
  mine.image.alt = chip?.getAttribute("alt") ?? chip?.getAttribute("aria-label") ?? "";
  mine.image.src = mine.url;
  place.append(mine.image);
  beside(chip ?? place, mine.image);
  place.dispatchEvent(new CustomEvent("seen-clear", { bubbles: true }));
  return true;
}

/** Take the clear photograph away, and its bytes out of the browser's memory. */
export function conceal() {
  if (clear?.image) clear.image.remove();
  if (clear?.url) URL.revokeObjectURL(clear.url);
  clear = null;
}

// Over the chip, and wholly in the window.
function beside(chip, image) {
  const there = chip.getBoundingClientRect();
  const { width, height } = image.getBoundingClientRect();
  image.style.left = `${Math.max(0, Math.min(there.left, document.documentElement.clientWidth - width))}px`;
  image.style.top = `${Math.max(0, Math.min(there.top, window.innerHeight - height))}px`;
}

const placeOf = (event, kind) => event.target.closest?.(kind)?.closest("[data-reveal]");

document.addEventListener("pointerdown", (event) => {
  const place = event.button === 0 ? placeOf(event, "[data-hold]") : null;
  if (place) reveal(place);
});
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, (event) => {
    if (clear && !clear.kept && !event.target.closest?.("[data-show]")) conceal();
  });
}
document.addEventListener("keydown", (event) => {
  const place = [" ", "Enter"].includes(event.key) ? placeOf(event, "[data-hold]") : null;
  if (!place) return;
  event.preventDefault();
  if (!event.repeat) reveal(place);
});
document.addEventListener("keyup", (event) => {
  if ([" ", "Enter"].includes(event.key) && placeOf(event, "[data-hold]")) conceal();
});
document.addEventListener("contextmenu", (event) => {
  if (event.target.closest?.("[data-hold], .clear")) event.preventDefault(); // a long touch is a hold
});
document.addEventListener("click", async (event) => {
  const place = placeOf(event, "[data-show]");
  if (!place || !(await reveal(place))) return;
  const mine = clear;
  mine.kept = true;
  setTimeout(() => { if (clear === mine) conceal(); }, SHOWN_FOR);
});
window.addEventListener("blur", conceal);
window.addEventListener("pagehide", conceal);
document.addEventListener("visibilitychange", conceal);

// After an error, what went wrong is where a screen reader and the eye begin.
document.querySelector(".reasons")?.scrollIntoView({ block: "nearest" });
offered();
