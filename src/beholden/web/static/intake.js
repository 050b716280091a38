// Enrols as many files as were chosen, a few in each sending. Without it, one form takes what one sending may hold.

const form = document.querySelector("form[action$='/images']");
const FILES = 8; // a sending takes about a second
const BYTES = 16 * 1024 * 1024;
const TRIES = 6;
const COLUMNS = ["file", "fate", "reason", "image_id", "faces", "rejected_faces"];

const part = document.getElementById("answers");
const rows = document.getElementById("answer-rows");
const progress = document.getElementById("progress");
const bar = document.getElementById("bar");
const stop = document.getElementById("stop");
const csv = document.getElementById("csv");
const unusable = document.getElementById("unusable");
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

class Ended extends Error {
  constructor(words, told = null) {
    super(words);
    this.told = told; // title and reasons, as the server says them
  }
}

let answers = [];
let running = false;
let stopped = false;
let open = 0; // rows that stand first

// Under the name that the manifest has for it: without the folder that was chosen.
const nameOf = (file) => file.webkitRelativePath?.replace(/^[^/]*\//, "") || file.name;

function chosen() {
  const files = new Map();
  for (const input of form.querySelectorAll("[name=photographs], [name=folder]")) {
    for (const file of input.files) files.set(nameOf(file), file);
  }
  const manifest = form.elements.manifest.files[0] ?? files.get("manifest.csv");
  files.delete("manifest.csv");
  return { manifest, files };
}

function* sendings(names, files) {
  let some = [];
  let size = 0;
  for (const name of names) {
    const bytes = files.get(name).size;
    if (some.length && (some.length === FILES || size + bytes > BYTES)) {
      yield some;
      some = [];
      size = 0;
    }
    some.push(name);
    size += bytes;
  }
  if (some.length) yield some;
}

async function send(to, fields) {
  const body = new FormData();
  for (const name of ["csrf", "gallery", "received_from"]) body.append(name, form.elements[name].value);
  for (const [name, value, path] of fields) path ? body.append(name, value, path) : body.append(name, value);
  for (let tried = 1; ; tried += 1) {
    const answer = await fetch(to, { method: "POST", body, redirect: "manual" }).catch(() => null);
    if (answer?.type === "opaqueredirect") throw new Ended(progress.dataset.signedOut);
    const again = answer === null || [408, 429, 503].includes(answer.status);
    if (!again || tried === TRIES) {
      const told = await answer?.json().catch(() => null);
      if (!told) throw new Ended(progress.dataset.failed);
      take(told.answers ?? []);
      if (!answer.ok) throw new Ended(`${told.title}: ${told.why.join(" ")}`, told);
      return told;
    }
    progress.textContent = progress.dataset.waits;
    await pause(Number(answer?.headers.get("Retry-After")) || 2 ** tried);
  }
}

function take(some) {
  for (const one of some) {
    answers.push(one);
    const kept = ["enrolled", "already held"].includes(one.fate);
    const row = rows.insertRow(kept ? -1 : open++); // what somebody must look at stands first
    const file = document.createElement("th");
    file.scope = "row";
    file.textContent = one.file || "–";
    row.append(file);
    const state = document.createElement("span");
    state.className = "state";
    state.dataset.state = one.fate;
    state.textContent = one.words;
    row.insertCell().append(state);
    row.insertCell().textContent = one.faces || "–";
    const reason = document.createElement("span");
    reason.lang = "en"; // as acts say it
    reason.textContent = one.reason;
    row.insertCell().append(reason, one.reason && one.left_out.length ? "; " : "", one.left_out.join("; "));
    const count = document.querySelector(`[data-count="${one.fate}"]`);
    count.textContent = Number(count.textContent) + 1;
    if (one.fate === "put aside") document.getElementById("aside-words").hidden = false;
  }
}

// Nothing was answered: the box that every page has for what was not done, and no table of nothing.
function refuse(told) {
  part.hidden = true;
  unusable.querySelector("h2").textContent = told.title;
  unusable.querySelector("ul").replaceChildren(
    ...told.why.map((why) => {
      const item = document.createElement("li");
      item.lang = "en"; // as acts say it
      item.textContent = why;
      return item;
    }),
  );
  unusable.className = "reasons";
  unusable.hidden = false;
  unusable.scrollIntoView({ block: "start" });
}

function tell(all) {
  bar.max = all;
  bar.value = Math.min(answers.length, all);
  progress.textContent = progress.dataset.runs.replace("{done}", answers.length).replace("{all}", all);
}

function offer() {
  // What begins with = would be a formula to a spreadsheet.
  const quoted = (cell) => `"${String(cell).replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
  const told = (one) => COLUMNS.map((name) => quoted(name === "rejected_faces" ? one[name].join("; ") : one[name]));
  const lines = [COLUMNS.join(","), ...answers.map((one) => told(one).join(","))];
  URL.revokeObjectURL(csv.href);
  csv.href = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" }));
  csv.hidden = false;
}

async function enrol() {
  const { manifest, files } = chosen();
  const list = (names) => new Blob([JSON.stringify(names)], { type: "application/json" });
  const { token, files: named } = await send(`${form.action}/manifest`, [["manifest", manifest, "manifest.csv"]]);
  const wanted = [...new Set(named)];
  const here = wanted.filter((name) => files.has(name));
  const absent = wanted.filter((name) => !files.has(name));
  const withoutRow = [...files.keys()].filter((name) => !wanted.includes(name));
  const all = named.length + withoutRow.length;
  tell(all);
  const to = `${form.action}/${token}`;
  for (const some of sendings(here, files)) {
    if (stopped) throw new Ended(progress.dataset.stopped);
    await send(to, some.map((name) => ["photographs", files.get(name), `sent/${name}`]));
    tell(all);
  }
  for (let from = 0; from < Math.max(absent.length, withoutRow.length); from += 200) {
    if (stopped) throw new Ended(progress.dataset.stopped);
    const lists = { absent: absent.slice(from, from + 200), without_row: withoutRow.slice(from, from + 200) };
    await send(to, Object.entries(lists).map(([name, names]) => [name, list(names), `${name}.json`]));
    tell(all);
  }
  progress.textContent = progress.dataset.ended;
}

form?.addEventListener("submit", async (event) => {
  if (!chosen().manifest) return; // the page that answers says what is missing
  event.preventDefault();
  if (running) return;
  [running, stopped, answers, open] = [true, false, [], 0];
  rows.replaceChildren();
  for (const count of document.querySelectorAll("[data-count]")) count.textContent = 0;
  unusable.hidden = true;
  unusable.className = "";
  document.querySelector(".reasons")?.remove();
  for (const one of [part, bar, stop]) one.hidden = false;
  csv.hidden = true;
  const button = form.querySelector("button");
  button.disabled = true;
  part.scrollIntoView({ block: "start" });
  try {
    await enrol();
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    progress.textContent = error.message;
    if (error.told && !answers.length) refuse(error.told);
  } finally {
    running = button.disabled = false;
    for (const one of [bar, stop]) one.hidden = true;
    if (answers.length) offer();
  }
});
stop.addEventListener("click", () => {
  stopped = true;
});
window.addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
if (form) document.querySelector("[data-needs-no-script]").hidden = true;
