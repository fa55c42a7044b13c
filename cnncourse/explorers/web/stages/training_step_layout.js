/** Where every number of the training step stands, for a stage so many px wide. */

/**
 * @import { Box } from "../types.js"
 *
 * @typedef {object} Place of a grid: its first cell, and how far it is to the next column and row
 * @property {number} x
 * @property {number} y
 * @property {number} w
 * @property {number} h
 * @property {number} dx
 * @property {number} dy
 *
 * @typedef {object} Head words on the stage
 * @property {string} name a sentence of the texts
 * @property {Record<string, number>} [gaps]
 * @property {string} [below] a second one, of the derivatives in the lower halves
 * @property {number} x
 * @property {number} y
 * @property {string} [anchor]
 * @property {string} look band, head or tiny
 * @property {string} way forward, backward or both
 *
 * @typedef {object} Layout
 * @property {number} height
 * @property {Record<string, Place>} places
 * @property {Head[]} heads
 * @property {{way: string, d: string}[]} arrows
 * @property {Box} curve
 * @property {string[]} turns for each label the way from its p to E
 * @property {boolean} paired whether a derivative stands under its number, in one cell
 */

const BOTH = [0, 1];
const HIGH = 24; // px of a row
const FIRST = 32; // px from the top to the first row: a heading and the number of the map
const NEXT = 14 + 3 * HIGH + 6; // px from one map to the next
const BACK = FIRST - 14 + 2 * NEXT + 8; // px from a number down to its derivative
const ASIDE = 11; // px beside p and E for the turn
const NARROW = 740; // px: below it the network goes from top to bottom
const TIGHT = 318; // px: below it the weights of the two units stand below each other, so that their numbers can be read

/** @param {number} width @returns {Layout} */
export function layoutOf(width) {
  return width < NARROW ? downwards(width) : across(width);
}

/**
 * Where the columns stand.
 *
 * @param {number} width
 */
function columnsOf(width) {
  const cell = Math.min(42, Math.floor((width - 2 - ASIDE - 8 - 7 * 10) / 18)),
    pixel = Math.floor(0.5 * cell);
  const gap = (width - 2 - ASIDE - 16 * cell - 4 * pixel - 8) / 7;
  const wide = { x: 4 * pixel, w: 2 * cell, net: 3 * cell, a: 3 * cell, y: 2 * cell, W: 4 * cell + 8, out: cell };
  /** @type {Record<string, number>} */
  const at = {};
  let x = 1;
  for (const [name, size] of Object.entries(wide)) {
    at[name] = x;
    x += size + gap;
  }
  at.p = width - 1 - ASIDE - cell;
  return { cell, pixel, gap, wide, at };
}

/**
 * The network from left to right, and the derivatives from right to left below it.
 *
 * @param {number} width
 * @returns {Layout}
 */
function across(width) {
  const { cell, pixel, gap, wide, at } = columnsOf(width),
    away = Math.min(gap - 5, 14);
  /** @type {Record<string, Place>} */
  const places = {};
  /** @type {Head[]} */
  const heads = [];
  /** @type {{way: string, d: string}[]} */
  const arrows = [];
  const place = (
    /** @type {string} */ name,
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {object} */ more = {},
  ) => {
    places[name] = { x, y, w: cell, h: HIGH, dx: cell, dy: HIGH, ...more };
  };
  const say = (
    /** @type {string} */ look,
    /** @type {string} */ way,
    /** @type {string} */ name,
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {Record<string, number>} */ gaps = {},
    anchor = "start",
  ) => heads.push({ look, way, name, x, y, gaps, anchor });
  // From the end of one column to the next, or back.
  const lead = (/** @type {string} */ way, /** @type {number} */ end, /** @type {number} */ y) =>
    arrows.push({ way, d: arrow(end + (gap - away) / 2, y, away, way === "forward") });

  for (const [way, d, top] of /** @type {[string, string, number][]} */ ([
    ["forward", "", 0],
    ["backward", "d_", BACK],
  ])) {
    say("band", way, way, 1, top + 13);
    for (const name of ["w", "net", "a", "y", "W", "out"]) say("head", way, `${d}${name}`, at[name], top + 13);
    for (const k of BOTH) {
      const y = top + FIRST + k * NEXT;
      for (const [name, said] of Object.entries({ w: "kernel", net: "map", a: "map", W: "unit" }))
        say("tiny", way, said, at[name], y - 4, { k });
      say("tiny", way, "map", at.y, y + HIGH / 2 - 4, { k });
      say("tiny", way, "wb", at.w + cell + 5, y + 2.5 * HIGH + 4);
      say("tiny", way, "b", at.W + 1.5 * cell - 1, y + 2.5 * HIGH + 4, {}, "end");
      place(`${d}w${k}`, at.w, y);
      place(`${d}wb${k}`, at.w, y + 2 * HIGH);
      place(`${d}net${k}`, at.net, y);
      place(`${d}a${k}`, at.a, y);
      place(`${d}y${k}`, at.y, y + HIGH / 2);
      for (const m of BOTH) place(`${d}W${k}${m}`, at.W + m * (2 * cell + 8), y);
      for (const name of /** @type {const} */ (["w", "net", "a", "y", "W"]))
        lead(way, at[name] + wide[name], y + 1.5 * HIGH);
    }
    place(`${d}out`, at.out, top + FIRST + HIGH, { dy: NEXT });
    place(`${d}b`, at.W + 1.5 * cell + 4, top + FIRST + 2 * HIGH, { dy: NEXT });
  }
  const middle = FIRST - 14 + NEXT; // between the two maps
  place("x", 1, middle - 2 * HIGH + 8, { w: pixel, dx: pixel });
  say("tiny", "forward", "x", 1, middle - 2 * HIGH + 4);
  lead("forward", 1 + 4 * pixel, middle + 8);
  place("p", at.p, FIRST + HIGH, { dy: NEXT });
  say("head", "forward", "p", at.p, 13);
  for (const k of BOTH) lead("forward", at.out + cell, FIRST + 1.5 * HIGH + k * NEXT);
  const low = BACK + FIRST + HIGH;
  place("E", at.p, low);
  say("head", "both", "E", at.p + cell / 2, low - 5, {}, "middle");
  lead("backward", at.out + cell, low + HIGH / 2);
  const turns = BOTH.map((label) => {
    const from = FIRST + 1.5 * HIGH + label * NEXT;
    return `M${at.p + cell} ${from}h${ASIDE - 2}V${low + HIGH / 2}h${3 - ASIDE}m4 -3.5l-4 3.5l4 3.5`;
  });
  const curve = { x: 1, y: BACK + 38, width: 4 * pixel, height: 2 * NEXT - 42 };
  return { height: BACK + FIRST + 2 * NEXT - 18, places, heads, arrows, turns, curve, paired: false };
}

/** @param {number} x @param {number} y @param {number} long @param {boolean} right */
function arrow(x, y, long, right) {
  const round = /** @param {number} n */ (n) => Math.round(n * 100) / 100;
  const head = right ? "m-4 -3.5l4 3.5l-4 3.5" : "m4 -3.5l-4 3.5l4 3.5";
  return `M${round(right ? x : x + long)} ${round(y)}h${round(right ? long : -long)}${head}`;
}

/**
 * The network from top to bottom; every cell has its derivative in its lower half.
 *
 * @param {number} room
 * @returns {Layout}
 */
function downwards(room) {
  const width = Math.min(room, 520),
    left = (room - width) / 2 + 1;
  const tight = room < TIGHT,
    wide = Math.floor((width - 14) / 6),
    half = tight ? 18 : 20;
  /** @type {Record<string, Place>} */
  const places = {};
  /** @type {Head[]} */
  const heads = [];
  const pair = (
    /** @type {string} */ name,
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {number} */ w,
  ) => {
    places[name] = { x, y, w, h: half, dx: w, dy: 2 * half + 3 };
    places[`d_${name}`] = { x, y: y + half, w, h: half, dx: w, dy: 2 * half + 3 };
  };
  const head = (
    /** @type {string} */ name,
    /** @type {number} */ x,
    /** @type {number} */ y,
    below = "",
    /** @type {Record<string, number>} */ gaps = {},
    look = "tiny",
    anchor = "start",
  ) => heads.push({ name, below, gaps, x, y, look, way: "both", anchor });
  const right = left + width - 2;
  // the image and the kernels
  const kernel = Math.min(wide, 48),
    pixel = Math.min(26, Math.floor((width - 4 * kernel - 24) / 4));
  let y = 18;
  places.x = { x: left, y, w: pixel, h: pixel, dx: pixel, dy: pixel };
  head("x", left, y - 5);
  for (const k of BOTH) {
    const x = right - (2 - k) * 2 * kernel - (1 - k) * 10;
    pair(`w${k}`, x, y, kernel);
    pair(`wb${k}`, x, y + 4 * half + 6, kernel);
    head("kernel", x, y - 5, "d_w", { k });
    head("wb", x + kernel + 6, y + 5 * half + 10);
  }
  y += 6 * half + 6;
  for (const name of ["net", "a"]) {
    y += 22;
    head(name, left, y - 5, `d_${name}`);
    for (const k of BOTH) {
      pair(`${name}${k}`, k ? right - 3 * wide : left, y, wide);
    }
    y += 6 * half + 6;
  }
  y += 22;
  head("y", left, y - 5, "d_y");
  for (const k of BOTH) pair(`y${k}`, left + k * (2 * wide + 10), y, wide);
  const curve = { x: left + 4 * wide + 40, y: y + 2, width: right - left - 4 * wide - 42, height: 4 * half - 18 };
  y += 4 * half + 3 + 22;
  const weight = tight ? wide : Math.floor((width - 22) / 8);
  for (const u of BOTH) {
    const x = tight ? left : left + u * (4 * weight + 14);
    head("W_unit", x, y - 5, "d_W", { k: u });
    for (const k of BOTH) pair(`W${u}${k}`, x + k * (2 * weight + 4), y, weight);
    if (tight || u) y += 4 * half + 3 + 22;
  }
  const apart = tight ? 6 : 12,
    last = Math.min(46, Math.floor((width - 2 - 3 * apart) / 7));
  const columns = [0, 1, 2, 3].map((k) => left + k * (2 * last + apart));
  // The two units stand beside each other: the rows of these grids go to the right.
  for (const [k, name] of ["b", "out", "p"].entries()) {
    places[name] = { x: columns[k], y, w: last, h: half, dx: last, dy: 0 };
    if (name !== "p") places[`d_${name}`] = { ...places[name], y: y + half };
    head(name, columns[k], y - 5, name === "out" ? "d_out" : "");
  }
  places.E = { x: columns[3], y, w: last, h: half, dx: last, dy: 0 };
  head("E", columns[3], y - 5);
  return { height: y + 2 * half + 3, places, heads, arrows: [], turns: ["", ""], curve, paired: true };
}

/**
 * The box of a cell.
 *
 * @param {Layout} layout
 * @param {string} name
 * @param {number} r
 * @param {number} c
 * @returns {Box}
 */
export function boxOf({ places }, name, r, c) {
  const { x, y, w, h, dx, dy } = places[name];
  const [down, right] = dy ? [r * dy, c * dx] : [0, r * dx];
  return { x: x + right, y: y + down, width: w, height: h };
}

/**
 * The size of type in a cell so wide: five characters find room.
 *
 * @param {number} wide
 * @param {boolean} paired
 */
export function typeOf(wide, paired) {
  return Math.max(11, Math.min(paired ? 12 : 12.5, (wide - 4) / 3));
}
