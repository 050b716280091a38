// The points that lie over a photograph: marks and eyes with their labels, and the crosshair that a person moves by keys.

import { goes } from "./plane.js";

const SVG = "http://www.w3.org/2000/svg";
const drawn = (name, attributes, words = "") => {
  const made = document.createElementNS(SVG, name);
  for (const [one, value] of Object.entries(attributes)) made.setAttribute(one, value);
  made.textContent = words;
  return made;
};

/** Draw in `over` (an SVG of the pane's size `box`) what is `shown` where `map` takes it, and the crosshair where there is one. */
export function drawPoints(over, box, map, shown, crosshair) {
  const labels = shown.map((one) => one.label).join();
  if (over.dataset.labels !== labels) {
    over.dataset.labels = labels;
    over.replaceChildren(...shown.map((one) => {
      const group = drawn("g", { class: one.eye ? "look-eye" : "look-mark" });
      group.append(drawn("circle", { r: 7, class: "look-ring" }), drawn("circle", { r: 7 }), drawn("text", { x: 11, y: 4 }, one.label));
      return group;
    }));
  }
  shown.forEach((one, number) => {
    const spot = goes(map, one);
    const [x, y] = [spot.x * box.width + box.width / 2, spot.y * box.width + box.height / 2];
    over.children[number].setAttribute("transform", `translate(${x} ${y})`);
  });
  for (const line of over.querySelectorAll(".look-cross")) line.remove();
  if (!crosshair) return;
  const { x, y } = crosshair;
  const path = `M${x} 0V${y - 4}M${x} ${y + 4}V${box.height}M0 ${y}H${x - 4}M${x + 4} ${y}H${box.width}`;
  over.append(drawn("path", { d: path, class: "look-cross look-ring" }), drawn("path", { d: path, class: "look-cross" }));
}
