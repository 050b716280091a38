// An examination: the photographs opened by one reveal, looked at closely, components marked in them, every use of a tool noted,
// and an opinion that is sent only while somebody is signed in.

import { onKey, post, said } from "../own.js";
import { closePair, openPair } from "../pair.js";
import { viewersIn } from "../viewers.js";

const look = document.getElementById("look");
const opener = document.getElementById("look-open");
const marked = document.getElementById("marks");
const EVERY = 15_000; // ms after which what was done to the view is sent
const MOST = 100; // of them at a time
const A_DAY = 86_400; // s, the most that one use of a tool is said to last: clocks are set, and machines sleep

// --- what was done to the view, on record ---
let unsent = [];
let sending = Promise.resolve(true);

function note(tool, setting, seconds) {
  unsent.push({ tool, setting: String(setting), seconds: Math.min(A_DAY, Math.max(0, seconds)) });
  if (unsent.length >= MOST) flush();
}

const REFUSED = [403, 422];
const fields = (views) => ({ handle: look.dataset.handle, views: JSON.stringify(views) });

/** Send what is not on record yet. Gives whether the server took it: false also where the sign-in has ended. */
function flush(always = false) {
  sending = sending.then(async () => {
    while (unsent.length || always) {
      const batch = unsent.splice(0, MOST);
      const answer = await post(look.dataset.views, fields(batch));
      if (REFUSED.includes(answer.status)) return true; // for good: the form is answered with the reason
      if (!answer.ok || !answer.json) {
        unsent = [...batch, ...unsent];
        return false;
      }
      always = false;
    }
    return true;
  });
  return sending;
}
setInterval(() => { if (unsent.length) flush(); }, EVERY);
window.addEventListener("pagehide", () => {
  viewers?.settle();
  if (!unsent.length || leaving) return;
  const csrf = document.querySelector("input[name=csrf]").value;
  navigator.sendBeacon(look.dataset.views, new URLSearchParams({ csrf, ...fields(unsent.splice(0, MOST)) }));
});

// --- the photographs ---
let viewers = null;
let leaving = false;

async function open() {
  opener.disabled = true;
  const urls = await openPair(look);
  opener.disabled = false;
  if (!urls) return;
  look.dataset.open = "yes";
  for (const pane of look.querySelectorAll(".look-pane")) {
    const name = pane.closest(".look-side").querySelector(".look-name").textContent;
    pane.tabIndex = 0;
    pane.setAttribute("role", "application");
    pane.setAttribute("aria-label", look.dataset.pane.replace("{side}", name));
  }
  document.getElementById("look-tools").hidden = false;
  opener.hidden = true;
  viewers = viewersIn(look, urls, note);
  // Each photograph stays in sight, small, whichever is looked at: an edited one is never without its original (REQ 42).
  for (const button of look.querySelectorAll("[data-photo]")) {
    const small = document.createElement("img");
    small.src = urls.probes[button.dataset.photo];
    small.alt = "";
    button.prepend(small);
  }
  for (const button of document.querySelectorAll("[data-mark]")) button.hidden = false;
  show();
}
opener.hidden = false;
opener.addEventListener("click", open);
window.addEventListener("pagehide", () => {
  viewers?.close();
  viewers = null;
  for (const small of look.querySelectorAll("[data-photo] img")) small.remove();
  closePair();
  delete look.dataset.open;
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }); // gone back to: it is veiled again

// --- marks: `side,photograph,component,x,y`, as the form sends them ---
const place = (item) => {
  const [on, photograph, component, x, y] = item.dataset.place.split(",");
  return { on, photograph: Number(photograph), component, x: Number(x), y: Number(y) };
};
const items = () => (marked ? [...marked.children] : []);

function show() {
  if (!marked) return;
  for (const item of items()) {
    if (item.querySelector("button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = look.dataset.remove;
    button.setAttribute("aria-label", `${look.dataset.remove}: ${item.querySelector("span").textContent}`);
    button.addEventListener("click", () => {
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      next?.querySelector("button").focus();
      show();
    });
    item.append(" ", button);
  }
  document.getElementById("marks-place").hidden = items().length === 0;
  viewers?.marks(items().map((item, number) => ({ ...place(item), label: String(number + 1) })));
}

async function mark(button) {
  const point = await viewers.ask(look.dataset.markAsks);
  button.focus({ preventScroll: true });
  if (!point) return;
  const { on, photograph, x, y } = point;
  const item = document.createElement("li");
  item.dataset.place = [on, photograph, button.dataset.mark, x.toFixed(4), y.toFixed(4)].join(",");
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "mark";
  field.value = item.dataset.place;
  const words = document.createElement("span");
  words.textContent = `${button.dataset.words}: ${look.dataset[on].replace("{number}", photograph + 1)}`;
  item.append(field, words);
  marked.append(item);
  show();
  document.getElementById("look-said").textContent = look.dataset.marked;
}
for (const button of document.querySelectorAll("[data-mark]")) button.addEventListener("click", () => mark(button));

// --- one side described alone ---
const every = document.getElementById("seen-all");
if (every) {
  every.hidden = false;
  every.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll("input[name=seen]")];
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
  });
}

// --- sent only when the server still knows who sits here: what was typed is worth an hour ---
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.closest(".judging") || leaving) return;
  event.preventDefault();
  viewers?.settle();
  if (await flush(true)) {
    leaving = true;
    delete form.dataset.sent;
    delete form.dataset.confirm; // it was asked, and answered
    form.requestSubmit(event.submitter);
    return;
  }
  delete form.dataset.sent;
  said(look.dataset.unsent);
});

// --- the screen: what somebody checked stays in this browser ---
const display = document.getElementById("look-display");
const card = document.getElementById("look-card");
const size = document.getElementById("look-card-size");
const checked = JSON.parse(localStorage.getItem("display") ?? "null");
const bar = () => { card.style.width = `${size.value}px`; };
if (checked) {
  size.value = checked.card;
  display.querySelector("summary").textContent = display.dataset.checked.replace("{date}", checked.on);
} else if (!sessionStorage.getItem("display-told")) {
  display.open = true; // said once, and then one line
  sessionStorage.setItem("display-told", "yes");
}
bar();
size.addEventListener("input", bar);
const done = document.getElementById("look-checked");
done.hidden = false;
done.addEventListener("click", () => {
  const on = new Date().toISOString().slice(0, 10);
  localStorage.setItem("display", JSON.stringify({ on, card: Number(size.value) }));
  display.querySelector("summary").textContent = display.dataset.checked.replace("{date}", on);
  document.getElementById("look-display-said").textContent = display.dataset.kept;
  display.open = false;
});

// --- keys ---
const acts = [...document.querySelectorAll("[data-act]")];
if (acts.length) {
  onKey("look.act", document.querySelector(".look-group:has([data-act])").getAttribute("aria-label"), "t", () => {
    const now = acts.findIndex((one) => one.getAttribute("aria-pressed") === "true");
    acts[(now + 1) % acts.length].click();
  });
}
const photos = [...document.querySelectorAll("[data-photo]")];
if (photos.length) {
  onKey("look.photograph", photos[0].parentElement.getAttribute("aria-label"), "p", () => {
    const now = photos.findIndex((one) => one.getAttribute("aria-pressed") === "true");
    photos[(now + 1) % photos.length].click();
  });
}
