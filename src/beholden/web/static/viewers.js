// Two linked viewers: photographs enlarged, moved, turned, mirrored, laid over each other by the eyes, and shown together. What is
// done changes the view alone; every use of a tool is told to `note(tool, setting, seconds)`, which keeps it on record.

import { after, back, goes, SAME, shownBy, similarity, viewOf } from "./viewers/plane.js";
import { drawPoints } from "./viewers/points.js";

const SIDES = ["probe", "reference"];
const FLICKER = 350; // ms a photograph: 1.4 changes of light and dark a second, where 3 flashes are the most (WCAG 2.2, 2.3.1)
const STILL = 1500; // ms after which a movement of the same kind is another one
const STEP = { pan: 24, crosshair: 2, far: 20, turn: 2, zoom: 1.2 }; // pixels, degrees, times
const OF_VIEW = ["zoom", "pan", "rotate", "mirror"]; // tools whose setting is where the view came to
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/**
 * The viewers in `place`, for the photographs of `openPair`: `{ probes: [url, …], reference: url | null }`.
 * Gives `{ ask, marks, close }`: `ask(words)` waits for a point, by a click or the crosshair, and gives
 * `{ on, photograph, x, y }` or null; `marks(list)` draws points with a label; `close()` ends everything.
 */
export function viewersIn(place, urls, note) {
  const find = (what) => place.querySelector(what);
  const all = (what) => [...place.querySelectorAll(what)];
  const panes = Object.fromEntries(all("[data-side]").map((pane) => [pane.dataset.side, pane]));
  const there = SIDES.filter((side) => panes[side] && (side === "probe" ? urls.probes.length : urls.reference));
  const viewers = {};
  const light = Object.fromEntries(SIDES.map((side) => [side, { grey: false, exposure: 0, contrast: 0 }]));
  const laid = urls.probes.map(() => SAME); // for each photograph of who is sought: where the other lies on it
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let photograph = 0;
  let leader = there[0]; // the pane that somebody moves; the other follows
  let acting = there.length === 2 ? "both" : there[0];
  let mode = "beside";
  let since = Date.now();
  let points = [];
  let asking = null;
  let crosshair = null;
  let ticking = 0;

  // --- what is noted: movements of one kind as one, and how long a way of showing lasted ---
  let moving = null;
  function moved(tool, setting) {
    const now = Date.now();
    if (moving && (moving.tool !== tool || now - moving.last > STILL)) settled();
    moving ??= { tool, begun: now };
    Object.assign(moving, { setting, last: now });
  }
  function settled() {
    if (moving) note(moving.tool, moving.setting, Math.round((moving.last - moving.begun) / 1000));
    moving = null;
  }
  const settling = setInterval(() => {
    if (moving && Date.now() - moving.last > STILL) settled();
  }, STILL);

  // --- the panes ---
  for (const side of there) {
    const pane = panes[side];
    const viewer = (viewers[side] = window.OpenSeadragon({
      element: pane.querySelector(".look-canvas"),
      drawer: "canvas", // nobody's graphics card is needed, and every machine draws the same
      tileSources: picture(side === "probe" ? urls.probes[0] : urls.reference),
      showNavigationControl: false,
      tabIndex: -1, // the pane around it has the focus, with keys that are ours
      animationTime: calm ? 0.01 : 0.2,
      blendTime: 0,
      immediateRender: true,
      visibilityRatio: 0.1,
      minZoomImageRatio: 0.4,
      maxZoomPixelRatio: 24,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: false, flickEnabled: false },
      gestureSettingsTouch: { clickToZoom: false, dblClickToZoom: false, flickEnabled: false },
    }));
    viewer.addHandler("canvas-key", (event) => { event.preventDefaultAction = true; });
    viewer.addHandler("canvas-scroll", (event) => {
      leads(side);
      if (event.originalEvent.shiftKey) {
        event.preventDefaultAction = true;
        turn(event.scroll > 0 ? STEP.turn : -STEP.turn);
      } else moved("zoom", told(side));
    });
    viewer.addHandler("canvas-press", () => leads(side));
    viewer.addHandler("canvas-drag", () => moved("pan", told(side)));
    viewer.addHandler("canvas-pinch", () => moved("zoom", told(side)));
    viewer.addHandler("canvas-click", (event) => {
      if (event.quick && asking) answer(side, event.originalEvent);
    });
    viewer.addHandler("viewport-change", () => changed(side));
    viewer.addHandler("resize", () => changed(side));
    viewer.addHandler("open", () => changed(side));
    pane.addEventListener("keydown", (event) => keyed(side, event));
    pane.addEventListener("focus", () => leads(side));
  }

  function picture(url) {
    return { type: "image", url, buildPyramid: false };
  }
  function read(side) {
    const port = viewers[side].viewport;
    const middle = port.getCenter(true);
    // In widths of the pane, which both panes share: so both stay alike while the window is made larger.
    return { x: middle.x, y: middle.y, size: port.getZoom(true), turned: port.getRotation(true), mirrored: port.getFlip() };
  }
  function set(side, view) {
    const port = viewers[side].viewport;
    port.setFlip(view.mirrored);
    port.setRotation(view.turned, true);
    port.zoomTo(view.size, null, true);
    port.panTo(new window.OpenSeadragon.Point(view.x, view.y), true);
    draw(side);
  }
  const ready = (side) => viewers[side]?.world.getItemCount() > 0;
  const other = (side) => SIDES.find((one) => one !== side);
  const linked = () => acting === "both" && there.every(ready) && there.length === 2;
  const told = (side) => {
    const { x, y, size, turned, mirrored } = read(side);
    const where = acting === "both" ? `both by ${side}` : side;
    return `${where} x${size.toFixed(2)} at ${x.toFixed(2)},${y.toFixed(2)} ${Math.round(turned)} deg${mirrored ? " mirrored" : ""}`;
  };
  // The tools act on one side or on both; then the one that leads is moved, and the other follows.
  const subject = () => (acting === "both" ? (there.includes(leader) ? leader : there[0]) : acting);

  function leads(side) {
    leader = side;
  }
  function changed(side) {
    draw(side);
    if (side !== leader || !there.every(ready)) return;
    if (OF_VIEW.includes(moving?.tool)) moving.setting = told(side); // a wheel is heard of before it has enlarged anything
    if (there.length < 2) return;
    const on = shownBy(read(side));
    if (linked()) set(other(side), viewOf(after(on, side === "probe" ? laid[photograph] : back(laid[photograph]))));
    else laid[photograph] = after(back(shownBy(read("probe"))), shownBy(read("reference")));
  }

  // --- tools ---
  function change(tool, act) {
    const side = subject();
    leads(side);
    if (moving?.tool !== tool) settled(); // as the other tool left it
    act(viewers[side].viewport, side);
    changed(side);
    moved(tool, told(side));
  }
  const zoom = (times) => change("zoom", (port) => port.zoomTo(port.getZoom() * times, null, true));
  const turn = (by) =>
    change("rotate", (port) => port.setRotation((port.getRotation() + (port.getFlip() ? -by : by) + 360) % 360, true));
  const mirror = () => change("mirror", (port) => port.setFlip(!port.getFlip()));
  const push = (x, y) => change("pan", (port) => {
    const by = port.deltaPointsFromPixels(new window.OpenSeadragon.Point(port.getFlip() ? -x : x, y), true);
    port.panBy(by, true);
  });

  function home() {
    settled(); // what was done until now is noted before, and as it was
    laid.fill(SAME);
    for (const side of there) {
      light[side] = { grey: false, exposure: 0, contrast: 0 };
      const box = viewers[side].viewport.getContainerSize();
      set(side, { x: 0.5, y: 0.5, size: Math.min(1, box.y / box.x), turned: 0, mirrored: false });
    }
    lit();
    show("beside");
    note("zoom", "reset", 0);
  }

  function lit() {
    for (const side of there) {
      const { grey, exposure, contrast } = light[side];
      const filter = `grayscale(${grey ? 1 : 0}) brightness(${2 ** exposure}) contrast(${2 ** contrast})`;
      panes[side].querySelector(".look-canvas").style.filter = filter;
    }
    const seen = light[subject()];
    find("[data-tool=greyscale]").setAttribute("aria-pressed", String(seen.grey));
    for (const name of ["exposure", "contrast"]) find(`[data-range=${name}]`).value = seen[name];
  }
  function lighten(tool, values, setting) {
    for (const side of acting === "both" ? there : [acting]) Object.assign(light[side], values);
    lit();
    moved(tool, `${acting} ${setting}`);
  }

  function choose(whom) {
    if (whom !== "both" && !there.includes(whom)) return;
    acting = whom;
    place.dataset.acting = whom;
    if (whom !== "both") leads(whom);
    for (const button of all("[data-act]")) button.setAttribute("aria-pressed", String(button.dataset.act === whom));
    lit();
  }

  // --- both at once ---
  function show(wanted) {
    if (there.length < 2 && wanted !== "beside") return;
    settled();
    if (mode !== "beside") note(mode, find(`[data-range=${mode}]`)?.value ?? "", Math.round((Date.now() - since) / 1000));
    mode = wanted;
    since = Date.now();
    place.dataset.mode = mode;
    for (const button of all("[data-mode-is]")) button.setAttribute("aria-pressed", String(button.dataset.modeIs === mode));
    for (const one of all("[data-for]")) one.hidden = one.dataset.for !== mode;
    clearInterval(ticking);
    const top = panes.reference;
    if (!top) return;
    top.style.opacity = "";
    top.style.clipPath = "";
    if (mode === "overlay" || mode === "swipe") mixed();
    if (mode === "flicker" && (!calm || find("#look-flicker").checked)) flicker();
  }
  function mixed() {
    const value = Number(find(`[data-range=${mode}]`).value);
    if (mode === "overlay") panes.reference.style.opacity = value / 100;
    else panes.reference.style.clipPath = `inset(0 0 0 ${value}%)`;
  }
  function swap() {
    panes.reference.style.opacity = panes.reference.style.opacity === "0" ? "1" : "0";
  }
  function flicker() {
    clearInterval(ticking);
    ticking = setInterval(swap, FLICKER);
  }

  // --- several photographs of who is sought ---
  function turnTo(number) {
    if (number === photograph || !urls.probes[number]) return;
    settled();
    photograph = number;
    const [view, viewer] = [read("probe"), viewers.probe];
    viewer.addOnceHandler("open", () => {
      leads("probe");
      set("probe", view);
      changed("probe");
    });
    viewer.open(picture(urls.probes[number]));
    for (const button of all("[data-photo]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.photo) === number));
    }
    note("pan", `photograph ${number + 1}`, 0);
  }

  // --- points: where somebody looks, what they mark, and the eyes ---
  function ask(words, on = null) {
    asking?.done(null);
    return new Promise((done) => {
      asking = { on, done: (found) => { asking = crosshair = null; say(""); place.dataset.asking = ""; SIDES.forEach(draw); done(found); } };
      place.dataset.asking = "yes";
      const side = on ?? subject();
      const box = panes[side].getBoundingClientRect();
      crosshair = { side, x: box.width / 2, y: box.height / 2 };
      panes[side].focus({ preventScroll: true });
      say(words);
      draw(side);
    });
  }
  function say(words) {
    const line = find("#look-said");
    if (line) line.textContent = words;
  }
  function at(side, x, y) {
    const box = panes[side].getBoundingClientRect();
    const off = { x: (x - box.width / 2) / box.width, y: (y - box.height / 2) / box.width };
    const point = goes(back(shownBy(read(side))), off);
    return point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1 ? point : null;
  }
  function answer(side, event) {
    const box = panes[side].getBoundingClientRect();
    answered(side, event.clientX - box.left, event.clientY - box.top);
  }
  function answered(side, x, y) {
    const point = asking.on === null || asking.on === side ? at(side, x, y) : null;
    if (!point) return say(find("#look-said").dataset.outside);
    asking.done({ on: side, photograph: side === "probe" ? photograph : 0, ...point });
  }

  async function align() {
    const eyes = {};
    const words = find("[data-tool=align]").dataset;
    for (const side of ["probe", "reference"]) {
      eyes[side] = [];
      for (const which of ["left", "right"]) {
        const point = await ask(words[`${side}${which === "left" ? "Left" : "Right"}`], side);
        if (!point) return;
        eyes[side].push(point);
        points = [...points, { ...point, label: "+", eye: true }];
        draw(side);
      }
    }
    points = points.filter((one) => !one.eye);
    const mirrored = read("probe").mirrored !== read("reference").mirrored;
    const found = similarity(eyes.reference, eyes.probe, mirrored);
    if (!found) return say(words.same);
    settled();
    laid[photograph] = found;
    choose("both");
    leads("probe");
    changed("probe");
    draw("probe");
    say(words.done);
    const [size, x, y] = [Math.hypot(found.re, found.im), found.x, found.y].map((one) => one.toFixed(3));
    note("align", `reference x${size} at ${x},${y} ${viewOf(found).turned.toFixed(1)} deg`, 0);
  }

  function draw(side) {
    const over = panes[side]?.querySelector(".look-over");
    if (!over || !ready(side)) return;
    const box = panes[side].getBoundingClientRect();
    const map = shownBy(read(side));
    over.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    const shown = points.filter((one) => one.on === side && (side !== "probe" || one.photograph === photograph));
    drawPoints(over, box, map, shown, crosshair?.side === side ? crosshair : null);
  }

  function keyed(side, event) {
    if (event.target !== panes[side] || event.ctrlKey || event.altKey || event.metaKey) return;
    const way = ARROWS[event.key];
    if (way && asking) {
      if (crosshair?.side !== side) {
        const box = panes[side].getBoundingClientRect();
        crosshair = { side, x: box.width / 2, y: box.height / 2 };
      }
      const by = event.shiftKey ? STEP.far : STEP.crosshair;
      crosshair.x += way[0] * by;
      crosshair.y += way[1] * by;
      draw(side);
    } else if (way) push(way[0] * STEP.pan, way[1] * STEP.pan);
    else if (event.key === "+" || event.key === "=") zoom(STEP.zoom);
    else if (event.key === "-") zoom(1 / STEP.zoom);
    else if (event.key === "Enter" && asking && crosshair) answered(crosshair.side, crosshair.x, crosshair.y);
    else if (event.key === "Escape" && asking) asking.done(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // --- the buttons ---
  const TOOLS = {
    closer: () => zoom(STEP.zoom),
    further: () => zoom(1 / STEP.zoom),
    left: () => turn(-STEP.turn),
    right: () => turn(STEP.turn),
    mirror,
    greyscale: () => {
      const grey = !light[subject()].grey;
      lighten("greyscale", { grey }, grey ? "on" : "off");
    },
    grid: () => {
      const on = place.dataset.grid !== "yes";
      place.dataset.grid = on ? "yes" : "no";
      find("[data-tool=grid]").setAttribute("aria-pressed", String(on));
      note("grid", on ? "on" : "off", 0);
    },
    align,
    reset: home,
    swap: () => { swap(); note("flicker", "by hand", 0); },
  };
  const pressed = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { tool, act, modeIs, photo } = button.dataset;
    if (tool) TOOLS[tool]?.();
    if (act) choose(act);
    if (modeIs) show(modeIs);
    if (photo) turnTo(Number(photo));
  };
  const ranged = (event) => {
    const { range } = event.target.dataset;
    if (range === "overlay" || range === "swipe") mixed();
    if (range === "exposure" || range === "contrast") {
      const value = Number(event.target.value);
      lighten("exposure", { [range]: value }, `${range} ${value}`);
    }
    if (event.target.id === "look-flicker") show("flicker");
  };
  place.addEventListener("click", pressed);
  place.addEventListener("input", ranged);
  const kept = place.querySelector("[data-motion]");
  if (kept) kept.hidden = !calm;
  choose(acting);
  show("beside");

  return {
    ask,
    marks: (list) => {
      points = [...list, ...points.filter((one) => one.eye)];
      SIDES.forEach(draw);
    },
    photographOf: (side) => (side === "probe" ? photograph : 0),
    settle: () => {
      settled();
      if (mode !== "beside") show(mode); // what is still shown counts until now
    },
    close: () => {
      asking?.done(null);
      settled();
      if (mode !== "beside") show("beside");
      clearInterval(settling);
      clearInterval(ticking);
      place.removeEventListener("click", pressed);
      place.removeEventListener("input", ranged);
      for (const side of there) viewers[side].destroy();
    },
  };
}
