// A review one pair at a time, decided by a button or a key. Without it, all pairs are on the page and each is sent as a form.

const pairs = [...document.querySelectorAll(".pair")];
const steps = document.getElementById("steps");
const all = document.getElementById("all-pairs");
const progress = document.getElementById("progress");
const decided = (pair) => pair.querySelector('[aria-pressed="true"]') !== null;

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
  if (all.checked) pairs[here].scrollIntoView({ block: "nearest" });
}

function step(by) {
  here = Math.min(Math.max(here + by, 0), pairs.length - 1);
  show();
}

async function decide(pair, form, button) {
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form, button)),
    redirect: "error",
  }).catch(() => null);
  if (answer === null || answer.status !== 204) {
    form.dataset.plain = "yes"; // the page that answers says why
    form.requestSubmit(button);
    return;
  }
  for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  const chosen = pair.querySelector(".chosen");
  chosen.textContent = `${chosen.dataset.chosen} ${button.dataset.keyWords}`;
  if (pairs.indexOf(pair) === here) step(1);
  else show();
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

if (pairs.length) {
  steps.hidden = false;
  all.addEventListener("change", show);
  for (const button of steps.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.step)));
  }
  show();
  // What lists the keys looked for them before this page had any.
  document.getElementById("keys-button").hidden = false;
}
