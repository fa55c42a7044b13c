/** Where every number of the training step stands, for a stage so many px wide. */

/**
 * @typedef {import("../types.js").Box} Box
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
const ASIDE = 11; // px beside p and E for the turn
const NARROW = 740; // px: below it the network goes from top to bottom

/**
 * @param {number} width
 * @returns {Layout}
 */
export function layoutOf(width) {
  return width < NARROW ? downwards(width) : across(width);
}

/**
 * The network from left to right, and the derivatives from right to left below it.
 *
 * @param {number} width
 * @returns {Layout}
 */
function across(width) {
  const cell = Math.min(42, Math.floor((width - 2 - ASIDE - 8 - 7 * 10) / 18));
  const pixel = Math.floor(0.5 * cell);
  const gap = (width - 2 - ASIDE - 16 * cell - 4 * pixel - 8) / 7;
  const sizes = { x: 4 * pixel, w: 2 * cell, net: 3 * cell, a: 3 * cell, y: 2 * cell, W: 4 * cell + 8, out: cell };
  /** @type {Record<string, number>} */
  const at = {};
  let x = 1;
  for (const [name, size] of Object.entries(sizes)) {
    at[name] = x;
    x += size + gap;
  }
  at.p = width - 1 - ASIDE - cell;
  const BAND = 16 + 2 * (14 + 3 * HIGH) + 6;
  /** @type {Record<string, Place>} */
  const places = {};
  /** @type {Head[]} */
  const heads = [];
  /** @type {{way: string, d: string}[]} */
  const arrows = [];
  const place = /** @param {string} name @param {number} x @param {number} y @param {number} [w] */ (name, x, y, w) => {
    places[name] = { x, y, w: w ?? cell, h: HIGH, dx: w ?? cell, dy: HIGH };
  };
  for (const [way, d, top] of /** @type {[string, string, number][]} */ ([
    ["forward", "", 0],
    ["backward", "d_", BAND + 14],
  ])) {
    const block = /** @param {number} k */ (k) => top + 16 + 14 + k * (14 + 3 * HIGH + 6);
    const head = /** @param {string} name @param {number} x */ (name, x) =>
      heads.push({ name: `${d}${name}`, x, y: top + 11, look: "head", way });
    const tiny = (
      /** @type {string} */ name,
      /** @type {number} */ x,
      /** @type {number} */ y,
      /** @type {Record<string, number>} */ gaps = {},
      anchor = "start",
    ) => heads.push({ name, gaps, x, y, look: "tiny", way, anchor });
    for (const name of ["w", "net", "a", "y", "W", "out"]) head(name, at[name]);
    heads.push({ name: way, x: 1, y: top + 11, look: "band", way });
    for (const k of BOTH) {
      const y = block(k),
        low = y + HIGH / 2;
      tiny("kernel", at.w, y - 4, { k });
      for (const name of ["net", "a"]) tiny("map", at[name], y - 4, { k });
      tiny("map", at.y, low - 4, { k });
      tiny("unit", at.W, y - 4, { k });
      place(`${d}w${k}`, at.w, y);
      place(`${d}wb${k}`, at.w, y + 2 * HIGH);
      tiny("wb", at.w + cell + 5, y + 2.5 * HIGH + 4);
      place(`${d}net${k}`, at.net, y);
      place(`${d}a${k}`, at.a, y);
      place(`${d}y${k}`, at.y, low);
      for (const m of BOTH) place(`${d}W${k}${m}`, at.W + m * (2 * cell + 8), y);
      tiny("b", at.W + 1.5 * cell - 1, y + 2.5 * HIGH + 4, {}, "end");
      const ends = [at.w + 2 * cell, at.net + 3 * cell, at.a + 3 * cell, at.y + 2 * cell, at.W + 4 * cell + 8];
      const middle = y + 1.5 * HIGH;
      const away = Math.min(gap - 5, 14);
      for (const from of ends) arrows.push({ way, d: arrow(from + (gap - away) / 2, middle, away, way === "forward") });
    }
    const step = 14 + 3 * HIGH + 6;
    places[`${d}out`] = { x: at.out, y: block(0) + HIGH, w: cell, h: HIGH, dx: cell, dy: step };
    places[`${d}b`] = { x: at.W + 1.5 * cell + 4, y: block(0) + 2 * HIGH, w: cell, h: HIGH, dx: cell, dy: step };
  }
  const first = 30 + HIGH;
  places.p = { ...places.out, x: at.p };
  const middle = 16 + (BAND - 16) / 2;
  place("x", 1, middle - 2 * HIGH + 5, pixel);
  heads.push({ name: "x", x: 1, y: middle - 2 * HIGH, look: "tiny", way: "forward" });
  heads.push({ name: "p", x: at.p, y: 11, look: "head", way: "forward" });
  const away = Math.min(gap - 5, 14);
  for (const k of BOTH) {
    const y = first + HIGH / 2 + k * (14 + 3 * HIGH + 6);
    arrows.push({ way: "forward", d: arrow(at.out + cell + (gap - away) / 2, y, away, true) });
  }
  arrows.push({ way: "forward", d: arrow(4 * pixel + 1 + (gap - away) / 2, middle + 5, away, true) });
  const low = BAND + 14 + 30 + HIGH;
  place("E", at.p, low);
  heads.push({ name: "E", x: at.p + cell / 2, y: low - 5, look: "head", way: "both", anchor: "middle" });
  const side = at.p + cell;
  const turns = BOTH.map((label) => {
    const from = first + HIGH / 2 + label * (14 + 3 * HIGH + 6);
    return `M${side} ${from}h${ASIDE - 2}V${low + HIGH / 2}h${3 - ASIDE}m4 -3.5l-4 3.5l4 3.5`;
  });
  arrows.push({ way: "backward", d: arrow(at.out + cell + (gap - away) / 2, low + HIGH / 2, away, false) });
  const top = BAND + 14 + 16;
  return {
    height: 2 * BAND + 16,
    places,
    heads,
    arrows,
    curve: { x: 1, y: top + 18, width: Math.max(4 * pixel, 70), height: BAND - 16 - 38 },
    turns,
    paired: false,
  };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} long
 * @param {boolean} right
 */
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
  const wide = Math.floor((width - 14) / 6),
    half = room < 300 ? 17 : room < 500 ? 18 : 20;
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
  const weight = Math.floor((width - 22) / 8);
  for (const u of BOTH) {
    const x = left + u * (4 * weight + 14);
    head("W_unit", x, y - 5, "d_W", { k: u });
    for (const k of BOTH) pair(`W${u}${k}`, x + k * (2 * weight + 4), y, weight);
  }
  y += 4 * half + 3 + 22;
  const last = Math.min(46, Math.floor((width - 38) / 7));
  const columns = [left, left + 2 * last + 12, left + 4 * last + 24, left + 6 * last + 36];
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
  return Math.max(paired ? 9 : 11, Math.min(paired ? 12 : 12.5, (wide - 4) / 3));
}
