// A review one pair at a time, looked at and decided by a button or a key. Without it, all pairs are on the page, each is opened on
// a page of its own and sent as a form.

import { closePair, showPair } from "./pair.js";

const pairs = [...document.querySelectorAll(".pair")];
const steps = document.getElementById("steps");
const all = document.getElementById("all-pairs");
const progress = document.getElementById("progress");
const potential = document.getElementById("potential");
const decided = (pair) => pair.querySelector('.outcomes [aria-pressed="true"]') !== null;

let here = Math.max(0, pairs.findIndex((pair) => `#${pair.id}` === location.hash));
if (!location.hash) here = Math.max(0, pairs.findIndex((pair) => !decided(pair)));

function show() {
  pairs.forEach((pair, place) => {
    pair.hidden = !all.checked && place !== here;
    for (const button of pair.querySelectorAll("[data-outcome-key]")) {
      // A key belongs to the pair that is looked at: with the others' the first on the page would be decided.
      if (place === here) button.dataset.key = button.dataset.outcomeKey;
      else delete button.dataset.key;
    }
  });
  progress.textContent = progress.dataset.words
    .replace("{shown}", here + 1)
    .replace("{pairs}", pairs.length)
    .replace("{decided}", pairs.filter(decided).length);
  sum();
  if (all.checked) pairs[here].scrollIntoView({ block: "nearest" });
}

// How many are potential, and which: more than go on is told while it is easy to look at them again.
function sum() {
  const chosen = pairs.filter((pair) => pair.querySelector(`[value="${potential.dataset.outcome}"][aria-pressed="true"]`));
  const ids = chosen.map((pair) => pair.id).join(" ");
  if (potential.dataset.shown === ids) return; // a link that has the focus stays where it is
  potential.dataset.shown = ids;
  const most = Number(potential.dataset.most);
  const said = document.createElement("span");
  said.textContent = potential.dataset.words.replace("{potential}", chosen.length).replace("{most}", most);
  const links = chosen.map((pair) => {
    const link = document.createElement("a");
    link.href = `#${pair.id}`;
    link.textContent = potential.dataset.pair.replace("{number}", pair.id.replace("pair-", ""));
    return link;
  });
  potential.replaceChildren(said, ...links.flatMap((link) => [" ", link]));
  potential.classList.toggle("too-many", chosen.length > most);
  potential.hidden = chosen.length === 0;
}

// --- the pair that is looked at is clear; it is veiled when it is left ---

let looking = false; // somebody looked at one: each next pair opens as they come to it
let opening = null;

const placeOf = (pair) => pair.querySelector("[data-pair-reveal]");

async function look(pair) {
  looking = true;
  opening = pair;
  if (await showPair(placeOf(pair))) pair.dataset.seen = "yes";
  if (opening === pair) opening = null;
}

function go(place) {
  const there = Math.min(Math.max(place, 0), pairs.length - 1);
  if (there === here) return;
  here = there;
  closePair();
  show();
  if (looking && !all.checked) look(pairs[here]);
}

// What was said goes out together with the request for the next pair. A pair that was not seen is opened instead.
async function decide(pair, form, button) {
  if (!pair.dataset.seen) {
    if (opening !== pair) look(pair);
    return;
  }
  const sent = fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form, button)),
    redirect: "error",
    keepalive: true, // also where the page is loaded again meanwhile
  }).catch(() => null);
  for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  const chosen = pair.querySelector(".chosen");
  chosen.textContent = `${chosen.dataset.chosen} ${button.dataset.keyWords}`;
  if (pairs.every(decided)) closePair();
  if (here < pairs.length - 1) go(here + 1);
  else show();
  const answer = await sent;
  if (answer?.status === 204) return;
  form.dataset.plain = "yes"; // the page that answers says why
  form.requestSubmit(button);
}

for (const pair of pairs) {
  const form = pair.querySelector("form");
  form.addEventListener("submit", (event) => {
    if (form.dataset.plain) return;
    event.preventDefault();
    here = pairs.indexOf(pair);
    decide(pair, form, event.submitter);
  });
}

// A link to a pair shows it, also where one pair is on the page at a time.
potential.addEventListener("click", (event) => {
  const there = pairs.findIndex((pair) => `#${pair.id}` === event.target.hash);
  if (there < 0) return;
  event.preventDefault();
  go(there);
  pairs[here].scrollIntoView({ block: "nearest" });
});

if (pairs.length) {
  steps.hidden = false;
  all.addEventListener("change", () => {
    closePair();
    show();
  });
  document.addEventListener("click", (event) => {
    const pair = event.target.closest?.("[data-pair-open]")?.closest(".pair");
    if (!pair) return;
    event.preventDefault();
    looking = !placeOf(pair).dataset.open;
    if (looking) look(pair);
    else closePair();
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) closePair(); });
  for (const button of steps.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => go(here + Number(button.dataset.step)));
  }
  show();
  // What lists the keys looked for them before this page had any.
  document.getElementById("keys-button").hidden = false;
}
