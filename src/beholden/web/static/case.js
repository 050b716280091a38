// A case: its faces picked by key, photographs dropped into it a few at a time, a box drawn over a photograph. Each works without
// it by ticks, by a form and by typed numbers.

import { conceal, onKey, post, reveal, said } from "./own.js";

// --- faces: j and k go from one to the next, x picks, o held shows ---

const faces = [...document.querySelectorAll("[data-face]")];
const words = document.getElementById("case-keys")?.dataset ?? {};
let here = -1;

function go(by) {
  const shown = faces.filter((one) => one.checkVisibility());
  if (!shown.length) return;
  const now = shown.indexOf(faces[here]);
  const next = shown[Math.min(Math.max(now + by, 0), shown.length - 1)];
  here = faces.indexOf(next);
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function pick() {
  const tick = faces[here]?.querySelector("[type=checkbox]");
  if (!tick) return;
  tick.checked = !tick.checked;
  tick.dispatchEvent(new Event("change", { bubbles: true }));
}

function count() {
  const place = document.getElementById("case-picked");
  if (!place) return;
  const picked = faces.filter((one) => one.querySelector("[type=checkbox]")?.checked).length;
  place.textContent = place.dataset.words.replace("{picked}", picked);
}

if (faces.length) {
  faces.forEach((one, place) => one.addEventListener("focusin", () => { here = place; }));
  document.addEventListener("change", count);
  count();
  onKey("case.next", words.next, "j", () => go(1));
  onKey("case.previous", words.previous, "k", () => go(-1));
  if (document.querySelector("[data-face] [type=checkbox]")) onKey("case.pick", words.pick, "x", pick);
  const held = () => faces[here]?.querySelector("[data-reveal]");
  onKey("case.hold", words.hold, "o", () => held() && reveal(held()), conceal);
}

// --- photographs: dropped or chosen, sent a few at a time; the server takes them in while one goes on working ---

const FILES = 6;
const BYTES = 16 * 1024 * 1024;
const AGAIN = 2000; // ms, while as many wait as there is room for
const form = document.querySelector("form[data-intake]");
const zone = document.getElementById("case-drop");

async function* within(entry) {
  if (entry.isFile) {
    yield await new Promise((done, failed) => entry.file(done, failed));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // a hundred at a time
    if (!some.length) return;
    for (const one of some) yield* within(one);
  }
}

const isOne = (file) => file.size > 0 && !file.name.startsWith(".") && (file.type === "" || /^(image|video)\//.test(file.type));

function* sendings(files) {
  let some = [];
  let size = 0;
  for (const file of files) {
    if (some.length && (some.length === FILES || size + file.size > BYTES)) {
      yield some;
      [some, size] = [[], 0];
    }
    some.push(file);
    size += file.size;
  }
  if (some.length) yield some;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const progress = () => document.getElementById("case-intake-ask")?.dispatchEvent(new Event("taken"));

// Gives whether all of them were taken.
async function give(files) {
  let sent = 0;
  for (const some of sendings(files)) {
    for (;;) {
      const body = new FormData();
      for (const name of ["origin", "why", "captured_at"]) body.append(name, form.elements[name].value);
      for (const name of ["crop", "even_without_faces"]) if (form.elements[name]?.checked) body.append(name, "yes");
      for (const file of some) body.append("photographs", file, `sent/${sent++}/${file.name}`);
      const answer = await post(form.action, body);
      if (answer.ok) break;
      if (answer.status !== 503 && answer.status !== 429 && answer.status !== 0) {
        refuse(answer.json);
        return false;
      }
      sent -= some.length;
      said(form.dataset.waits);
      await pause(AGAIN);
    }
    progress();
    said(form.dataset.soFar.replace("{sent}", sent).replace("{all}", files.length));
  }
  said("");
  for (const input of form.querySelectorAll("[type=file]")) input.value = "";
  return true;
}

function refuse(told) {
  if (!told) return;
  const section = document.createElement("section");
  section.className = "reasons";
  section.setAttribute("role", "alert");
  const title = document.createElement("h2");
  title.textContent = told.title;
  const list = document.createElement("ul");
  for (const why of told.why) {
    const item = document.createElement("li");
    item.textContent = why;
    list.append(item);
  }
  section.append(title, list);
  const place = document.getElementById("said");
  place.replaceChildren(section);
  place.scrollIntoView({ block: "nearest" });
}

let giving = false;

async function begin(files) {
  const wanted = files.filter(isOne);
  if (giving || !wanted.length || !form.reportValidity()) return false; // why and from where is said before anything is sent
  giving = true;
  try {
    return await give(wanted);
  } finally {
    giving = false;
  }
}

if (form) {
  for (const input of form.querySelectorAll("[type=file]")) input.required = false;
  const chosen = () => [...form.querySelectorAll("[type=file]")].flatMap((input) => [...input.files]);
  let dropped = [];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const files = [...dropped, ...chosen()];
    if (!files.length) said(form.dataset.nothing);
    else begin(files).then((given) => given && keep([]));
  }, { capture: true });
  const keep = (files) => {
    dropped = files;
    const place = document.getElementById("case-dropped");
    place.textContent = files.length ? place.dataset.words.replace("{files}", files.length) : "";
  };
  zone.hidden = false;
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("case-over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("case-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("case-over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [];
    if (entries.length) for (const entry of entries) for await (const file of within(entry)) files.push(file);
    else files.push(...event.dataTransfer.files);
    zone.closest("details").open = true;
    keep(files.filter(isOne));
    if (form.checkValidity()) form.requestSubmit();
    else form.querySelector(":invalid")?.focus();
  });
  window.addEventListener("beforeunload", (event) => { if (giving) event.preventDefault(); });
}

// --- a frame: a box by the pointer, or by the arrow keys ---

const frame = document.getElementById("case-frame");
const field = document.getElementById("f-box");
if (frame && field) {
  const shape = document.getElementById("case-new-box");
  const button = document.getElementById("case-draw");
  const { width, height } = frame.viewBox.baseVal;
  const STEP = 0.01;
  let box = null; // fractions: left, top, width, height
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  function show(tell) {
    const [left, top, across, down] = box;
    for (const [name, value] of [["x", left * width], ["y", top * height], ["width", across * width], ["height", down * height]]) {
      shape.setAttribute(name, value);
    }
    field.value = box.map((one) => one.toFixed(4)).join(",");
    if (!tell) return;
    const [l, t, w, h] = box.map((one) => Math.round(one * 100));
    document.getElementById("case-draw-said").textContent = button.dataset.words
      .replace("{left}", l).replace("{top}", t).replace("{width}", w).replace("{height}", h);
  }

  const at = (event) => {
    const there = new DOMPoint(event.clientX, event.clientY).matrixTransform(frame.getScreenCTM().inverse());
    return [clamp(there.x / width, 0, 1), clamp(there.y / height, 0, 1)];
  };
  let from = null;
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    from = at(event);
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = at(event);
    box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
    show(false);
  });
  for (const name of ["pointerup", "pointercancel"]) frame.addEventListener(name, () => { from = null; });

  button.hidden = false;
  button.addEventListener("click", () => {
    box ??= [0.45, 0.4, 0.1, (0.1 * width) / height];
    button.focus();
    show(true);
  });
  button.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || !box || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    let [left, top, across, down] = box;
    if (event.shiftKey) {
      across = clamp(across + way[0] * STEP, STEP, 1 - left);
      down = clamp(down + way[1] * STEP, STEP, 1 - top);
    } else {
      left = clamp(left + way[0] * STEP, 0, 1 - across);
      top = clamp(top + way[1] * STEP, 0, 1 - down);
    }
    box = [left, top, across, down];
    show(true);
  });
  field.addEventListener("change", () => {
    const typed = field.value.split(",").map(Number);
    if (typed.length === 4 && typed.every((one) => one >= 0 && one <= 1)) {
      box = typed;
      show(false);
    }
  });
}
