// Says how much time is left and goes on saying it, by the server's clock: a machine whose own is wrong is told the same.
// The words are in the page: `data-left` with {h} and {m}, `data-last` with {m} and {s} for the last ten minutes, `data-over`.
const LAST = 600; // seconds: from here on they are told too
const clocks = [...document.querySelectorAll("[data-until]")];

function words(clock, left) {
  if (left <= 0) return clock.dataset.over;
  const [h, m, s] = [Math.floor(left / 3600), Math.floor((left % 3600) / 60), left % 60];
  const said = left < LAST ? clock.dataset.last : clock.dataset.left;
  return said.replace("{h}", h).replace("{m}", m).replace("{s}", String(s).padStart(2, "0"));
}

function tick() {
  for (const clock of clocks) {
    const now = Date.now() + Number(clock.dataset.ahead);
    const left = Math.floor((Date.parse(clock.dataset.until) - now) / 1000);
    const said = words(clock, left);
    if (clock.textContent !== said) clock.textContent = said;
    clock.dataset.urgency = left <= 0 ? "overdue" : left < LAST ? "soon" : "";
  }
}

for (const clock of clocks) clock.dataset.ahead = Date.parse(clock.dataset.now) - Date.now();
if (clocks.length) {
  tick();
  setInterval(tick, 1000);
}
