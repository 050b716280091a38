// Where a point of a photograph lies on the screen, and how one photograph is laid over another. Numbers only: nothing here
// knows of a page.
//
// A map turns, enlarges, moves and perhaps mirrors, and never stretches. It is kept as complex numbers: p goes to a·p + b, or to
// a·conj(p) + b where it mirrors; `{ re, im, x, y, mirrored }` has a = re + i·im and b = x + i·y.

const times = (a, b) => ({ x: a.x * b.x - a.y * b.y, y: a.x * b.y + a.y * b.x });
const over = (a, b) => {
  const size = b.x * b.x + b.y * b.y;
  return { x: (a.x * b.x + a.y * b.y) / size, y: (a.y * b.x - a.x * b.y) / size };
};
const conj = (a) => ({ x: a.x, y: -a.y });
const made = (a, b, mirrored) => ({ re: a.x, im: a.y, x: b.x, y: b.y, mirrored });
const factor = (map) => ({ x: map.re, y: map.im });

export const SAME = Object.freeze({ re: 1, im: 0, x: 0, y: 0, mirrored: false });

/** Where this map takes a point `{ x, y }`. */
export function goes(map, point) {
  const there = times(factor(map), map.mirrored ? conj(point) : point);
  return { x: there.x + map.x, y: there.y + map.y };
}

/** First `inner`, then `outer`. */
export function after(outer, inner) {
  const a = outer.mirrored ? conj(factor(inner)) : factor(inner);
  return made(times(factor(outer), a), goes(outer, inner), outer.mirrored !== inner.mirrored);
}

/** The map that takes everything back. */
export function back(map) {
  const one = over({ x: 1, y: 0 }, factor(map));
  const a = map.mirrored ? conj(one) : one;
  const b = times(a, map.mirrored ? conj(map) : map);
  return made(a, { x: -b.x, y: -b.y }, map.mirrored);
}

/**
 * The map that lays two points of one photograph over two of another: the eyes over the eyes. `null` where two of them are one,
 * since then no direction and no size is known.
 */
export function similarity([from, to], [first, second], mirrored = false) {
  const arm = { x: to.x - from.x, y: to.y - from.y };
  const other = { x: second.x - first.x, y: second.y - first.y };
  if (Math.hypot(arm.x, arm.y) < 1e-6 || Math.hypot(other.x, other.y) < 1e-6) return null;
  const a = over(other, mirrored ? conj(arm) : arm);
  const start = times(a, mirrored ? conj(from) : from);
  return made(a, { x: first.x - start.x, y: first.y - start.y }, mirrored);
}

/**
 * From a photograph (its width is 1) to the pane that shows it, from its middle, in the unit of `size`. `view`: the point in the
 * middle `x` `y`, how wide the photograph is `size`, degrees clockwise `turned`, and whether left and right are `mirrored`.
 */
export function shownBy({ x, y, size, turned, mirrored }) {
  const angle = (turned * Math.PI) / 180;
  const a = { x: size * Math.cos(angle), y: size * Math.sin(angle) };
  const plain = made(a, { x: 0, y: 0 }, false);
  const start = goes(plain, { x, y });
  const placed = { ...plain, x: -start.x, y: -start.y };
  return mirrored ? after(made({ x: -1, y: 0 }, { x: 0, y: 0 }, true), placed) : placed;
}

/** The view by which a photograph is shown so. */
export function viewOf(map) {
  const middle = goes(back(map), { x: 0, y: 0 });
  const angle = map.mirrored ? Math.atan2(map.im, -map.re) : Math.atan2(map.im, map.re);
  const turned = ((angle * 180) / Math.PI + 360) % 360;
  return { x: middle.x, y: middle.y, size: Math.hypot(map.re, map.im), turned, mirrored: map.mirrored };
}
