// A pair that somebody compares: veiled on the page, opened by one reveal, which is one act on record, and veiled when it is left.
// `[data-pair-reveal="/held/T/pairs/1/reveal"]` holds it, each `[data-pair-photo]` in it one photograph, those of who is sought
// first, and a button `[data-pair-open]` opens and veils it. A list `[data-pairs]` does that itself. A page with viewers of its own takes `openPair` and `closePair`.

import { post } from "./own.js";

let open = null; // the pair that is clear now: one at a time

const blob = (text) => new Blob([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], { type: "image/jpeg" });

/**
 * Ask for both sides of a pair. Gives `{ probes: [address, …], reference: address | null }` of photographs in the browser's own
 * memory, until `closePair`; null where it was refused, which the page then says, or where it was left before they came.
 */
export async function openPair(place) {
  closePair();
  const mine = (open = { place, urls: [], images: [] });
  const answer = await post(place.dataset.pairReveal);
  if (answer.status === 404 || (answer.ok && !answer.json)) {
    location.reload(); // what the page held is over, or who looks is to sign in again: it is asked for anew
    return null;
  }
  if (open !== mine) return null; // left before it came
  if (!answer.ok) {
    open = null;
    return null;
  }
  const url = (text) => {
    const made = URL.createObjectURL(blob(text));
    mine.urls.push(made);
    return made;
  };
  const { probes, reference } = answer.json;
  place.dispatchEvent(new CustomEvent("seen-clear", { bubbles: true }));
  return { probes: probes.map(url), reference: reference ? url(reference) : null };
}

/** Take the clear photographs away, and their bytes out of the browser's memory. */
export function closePair() {
  const was = open;
  open = null;
  if (!was) return;
  for (const image of was.images) image.remove();
  for (const url of was.urls) URL.revokeObjectURL(url);
  delete was.place.dataset.open;
}

/** Open a pair in its own place, each photograph over its veiled one. Gives whether it is shown. */
export async function showPair(place) {
  const urls = await openPair(place);
  if (!urls) return false;
  const mine = open;
  const photographs = [...urls.probes, urls.reference].filter(Boolean);
  [...place.querySelectorAll("[data-pair-photo]")].forEach((photo, number) => {
    const veiled = photo.querySelector("img, svg");
    const image = document.createElement("img");
    image.className = "pair-clear";
    image.alt = veiled?.getAttribute("aria-label") ?? veiled?.getAttribute("alt") ?? "";
    image.src = photographs[number];
    photo.append(image);
    mine.images.push(image);
  });
  place.dataset.open = "yes";
  await Promise.all(mine.images.map((image) => image.decode().catch(() => {}))); // left meanwhile: nothing to decode
  return open === mine;
}

document.addEventListener("click", (event) => {
  const place = event.target.closest?.("[data-pair-open]")?.closest("[data-pair-reveal]");
  if (!place || place.closest("[data-pairs]")) return; // a list of pairs opens them itself
  if (place.dataset.open) closePair();
  else showPair(place);
});
document.addEventListener("contextmenu", (event) => {
  if (event.target.closest?.(".pair-clear")) event.preventDefault(); // nothing is saved by a right click
});
window.addEventListener("pagehide", closePair);
