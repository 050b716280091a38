// What the pages do beyond plain HTML. Every page works without it, by links and buttons.

const off = () => localStorage.getItem("keys") === "off";

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
      const said = (row) => row.cells[heading.cellIndex].textContent.trim();
      const order = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
      const rows = [...body.rows].sort((one, other) => order(said(one), said(other)));
      body.append(...(down ? rows.reverse() : rows));
    });
  }
}
const sortAll = () => document.querySelectorAll("table[data-sortable]").forEach(sortable);
sortAll();
document.addEventListener("htmx:after:swap", sortAll);

// Single keys press the buttons that carry them. They can be switched off (WCAG 2.1.4), and are listed behind `?`.
const keys = document.getElementById("keys");
const list = document.getElementById("keys-list");
const on = document.getElementById("keys-on");
const opener = document.getElementById("keys-button");

function help() {
  list.replaceChildren();
  for (const button of document.querySelectorAll("[data-key]")) {
    const name = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = button.dataset.key;
    name.append(key);
    const what = document.createElement("dd");
    what.textContent = button.dataset.keyWords ?? button.textContent.replace(button.dataset.key, "").trim();
    list.append(name, what);
  }
  on.checked = !off();
  keys.showModal();
}

if (document.querySelector("[data-key]")) opener.hidden = false;
opener.addEventListener("click", help);
on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || keys.open) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
  if (off()) return;
  if (event.key === "?" && !opener.hidden) help();
  const button = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (button && !button.disabled) {
    event.preventDefault();
    button.click();
  }
});

// After an error, what went wrong is where a screen reader and the eye begin.
document.querySelector(".reasons")?.scrollIntoView({ block: "nearest" });
