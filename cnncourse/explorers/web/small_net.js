/** The small network of chapter 03: every number, every derivative and what made each, as small_net.py has them. */

import { text } from "./numbers.js";
import { fill, number } from "./sentences.js";

/**
 * @import { Data, Texts } from "./types.js"
 *
 * @typedef {number[][]} Grid
 * @typedef {Record<string, Grid>} Values
 * @typedef {[string, number, number]} Cell
 *
 * @typedef {object} Made
 * @property {string} how a template of the texts
 * @property {[string, number][][]} terms each some factors: letter and value
 * @property {Cell[]} sources
 * @property {number} [target]
 * @property {number} [equal]
 */

const BOTH = [0, 1];
const PAIRS = /** @type {[number, number][]} */ (BOTH.flatMap((r) => BOTH.map((c) => [r, c])));
const NINE = /** @type {[number, number][]} */ ([0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => [i, j])));

/**
 * @param {number} rows
 * @param {number} columns
 * @param {(r: number, c: number) => number} value
 * @returns {Grid}
 */
function grid(rows, columns, value) {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));
}

/**
 * The image that step n is taken for.
 *
 * @param {Data} data
 * @param {string} image
 * @param {number} n
 * @returns {Grid}
 */
export function imageOf({ images = {} }, image, n) {
  return images[image][n % images[image].length];
}

/**
 * Its label: of two images in turn the other has the other label.
 *
 * @param {Data} data
 * @param {string} image
 * @param {string} label
 * @param {number} n
 */
export function labelOf({ images = {} }, image, label, n) {
  return n % images[image].length === 0 ? Number(label) : 1 - Number(label);
}

/**
 * @param {Grid} x
 * @param {Values} parameters
 * @param {number} label
 * @param {number} tiny
 * @returns {Values}
 */
export function forward(x, parameters, label, tiny) {
  /** @type {Values} */
  const v = { x, ...parameters };
  for (const k of BOTH) {
    const w = v[`w${k}`];
    v[`net${k}`] = grid(3, 3, (i, j) => {
      let net = 0;
      for (const [m, n] of PAIRS) net += w[m][n] * x[i + m][j + n];
      return net + v[`wb${k}`][0][0];
    });
    v[`a${k}`] = v[`net${k}`].map((row) => row.map((net) => (net > tiny ? net : 0)));
    v[`y${k}`] = grid(2, 2, (r, c) => {
      const [i, j] = winner(v, k, r, c, tiny);
      return v[`a${k}`][i][j];
    });
  }
  const out = BOTH.map((u) => {
    let sum = 0;
    for (const k of BOTH) for (const [r, c] of PAIRS) sum += v[`W${u}${k}`][r][c] * v[`y${k}`][r][c];
    return sum + v.b[u][0];
  });
  const exps = out.map((value) => Math.exp(value - Math.max(...out)));
  v.out = out.map((value) => [value]);
  v.p = exps.map((e) => [e / (exps[0] + exps[1])]);
  const lead = out[1 - label] - out[label];
  v.E = [[Math.max(lead, 0) + Math.log1p(Math.exp(-Math.abs(lead)))]];
  return v;
}

/**
 * The place of the largest number of a window: the first of equals.
 *
 * @param {Values} v
 * @param {number} k
 * @param {number} r
 * @param {number} c
 * @param {number} tiny
 */
function winner(v, k, r, c, tiny) {
  const a = v[`a${k}`];
  let best = [r, c];
  for (const [i, j] of [
    [r, c + 1],
    [r + 1, c],
    [r + 1, c + 1],
  ])
    if (a[i][j] > a[best[0]][best[1]] + tiny) best = [i, j];
  return best;
}

/**
 * How many numbers of a window are as large as its largest.
 *
 * @param {Values} v
 * @param {number} k
 * @param {number} r
 * @param {number} c
 * @param {number} tiny
 */
export function equals(v, k, r, c, tiny) {
  return PAIRS.filter(([m, n]) => v[`a${k}`][r + m][c + n] >= v[`y${k}`][r][c] - tiny).length;
}

/** @param {Values} v @param {number} label @param {number} tiny @returns {Values} */
export function backward(v, label, tiny) {
  const other = v.p[1 - label][0];
  const delta = BOTH.map((u) => (u === label ? -other : other));
  /** @type {Values} */
  const d = { d_out: delta.map((one) => [one]), d_b: delta.map((one) => [one]) };
  for (const u of BOTH) for (const k of BOTH) d[`d_W${u}${k}`] = v[`y${k}`].map((row) => row.map((y) => delta[u] * y));
  for (const k of BOTH) {
    d[`d_y${k}`] = grid(2, 2, (r, c) => v[`W0${k}`][r][c] * delta[0] + v[`W1${k}`][r][c] * delta[1]);
    const d_a = grid(3, 3, () => 0);
    for (const [r, c] of PAIRS) {
      const [i, j] = winner(v, k, r, c, tiny);
      d_a[i][j] += d[`d_y${k}`][r][c];
    }
    d[`d_a${k}`] = d_a;
    const delta_k = grid(3, 3, (i, j) => d_a[i][j] * Number(v[`net${k}`][i][j] > tiny));
    d[`d_net${k}`] = delta_k;
    const d_w = grid(2, 2, () => 0);
    let d_wb = 0;
    for (const [i, j] of NINE) {
      for (const [m, n] of PAIRS) d_w[m][n] += delta_k[i][j] * v.x[i + m][j + n];
      d_wb += delta_k[i][j];
    }
    d[`d_w${k}`] = d_w;
    d[`d_wb${k}`] = [[d_wb]];
  }
  return d;
}

/** @param {Values} parameters @param {Values} d @param {number} rate @returns {Values} */
export function updated(parameters, d, rate) {
  const after = /** @param {string} name @param {Grid} values */ (name, values) =>
    values.map((row, r) => row.map((value, c) => value - rate * d[`d_${name}`][r][c]));
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, after(name, values)]));
}

// ---- a number, what made it and where it goes

/**
 * The name of a grid without the numbers of map and unit.
 *
 * @param {string} name
 */
function kindOf(name) {
  return name.replace(/[01]+$/, "");
}

/**
 * The letter of a number, as the course writes it.
 *
 * @param {string} name
 * @param {number} r
 * @param {number} c
 * @returns {string}
 */
export function letter(name, r, c) {
  const kind = kindOf(name);
  if (kind === "d_net" || kind === "d_out") return letter(name.slice(2), r, c).replace("net", "δ");
  if (kind.startsWith("d_")) return `∂E/∂${letter(name.slice(2), r, c)}`;
  if (kind === "E") return "E";
  if (kind === "wb") return "w_b";
  if (kind === "W") return `W_{${name[1]}${4 * Number(name[2]) + 2 * r + c}}`;
  if (kind === "y") return `y_${4 * Number(name[1]) + 2 * r + c}`;
  if (kind === "b" || kind === "out" || kind === "p") return `${kind === "out" ? "net" : kind}_${r}`;
  return `${kind}_{${r}${c}}`;
}

/**
 * Which sentence says what a number belongs to, and its number.
 *
 * @param {string} name
 * @param {number} r
 * @returns {[string, number]}
 */
function where(name, r) {
  const kind = kindOf(name).replace("d_", "");
  if (kind === "w" || kind === "wb") return ["of_kernel", Number(name.at(-1))];
  if (kind === "net" || kind === "a" || kind === "y") return ["of_map", Number(name.at(-1))];
  if (kind === "W") return ["of_unit", Number(name.at(-2))];
  return kind === "b" || kind === "out" || kind === "p" ? ["of_unit", r] : ["of_all", 0];
}

/**
 * @typedef {object} At a cell among all numbers
 * @property {Values} v
 * @property {number} label
 * @property {number} tiny
 * @property {string} name
 * @property {number} k the map, the kernel or the unit
 * @property {number} r
 * @property {number} c
 */

/**
 * @param {Values} v
 * @param {string} how
 * @param {Cell[][]} terms
 * @param {{target?: number, equal?: number}} [more]
 * @returns {Made}
 */
function sum(v, how, terms, more = {}) {
  return {
    ...{ how, sources: terms.flat(), ...more },
    get terms() {
      // most are asked for their sources alone
      return terms.map((term) =>
        term.map((cell) => /** @type {[string, number]} */ ([letter(...cell), v[cell[0]][cell[1]][cell[2]]])),
      );
    },
  };
}

/** @type {Record<string, (at: At) => Made>} */
const WAYS = {
  x: () => ({ how: "pixel", terms: [], sources: [] }),
  net: ({ v, k, r, c }) =>
    sum(v, "sum", [
      ...PAIRS.map(
        ([m, n]) =>
          /** @type {Cell[]} */ ([
            [`w${k}`, m, n],
            ["x", r + m, c + n],
          ]),
      ),
      [[`wb${k}`, 0, 0]],
    ]),
  a: ({ v, k, r, c }) => sum(v, "relu", [[[`net${k}`, r, c]]]),
  y: ({ v, k, r, c, tiny }) => {
    const equal = equals(v, k, r, c, tiny);
    const four = PAIRS.map(([m, n]) => /** @type {Cell[]} */ ([[`a${k}`, r + m, c + n]]));
    return sum(v, equal > 1 ? "max_tie" : "max", four, { equal });
  },
  out: ({ v, r }) => {
    const weighted = BOTH.flatMap((m) =>
      PAIRS.map(
        ([i, j]) =>
          /** @type {Cell[]} */ ([
            [`W${r}${m}`, i, j],
            [`y${m}`, i, j],
          ]),
      ),
    );
    return sum(v, "sum", [...weighted, [["b", r, 0]]]);
  },
  p: ({ v }) => sum(v, "softmax", [[["out", 0, 0]], [["out", 1, 0]]]),
  E: ({ v, label }) => sum(v, "loss", [[["p", label, 0]]]),
  d_out: ({ v, r, label }) => sum(v, "minus", [[["p", r, 0]]], { target: Number(r === label) }),
  d_b: ({ v, r }) => sum(v, "same", [[["d_out", r, 0]]]),
  d_W: ({ v, name, k, r, c }) =>
    sum(v, "sum", [
      [
        ["d_out", Number(name.at(-2)), 0],
        [`y${k}`, r, c],
      ],
    ]),
  d_y: ({ v, k, r, c }) =>
    sum(
      v,
      "sum",
      BOTH.map(
        (u) =>
          /** @type {Cell[]} */ ([
            [`W${u}${k}`, r, c],
            ["d_out", u, 0],
          ]),
      ),
    ),
  d_a: ({ v, k, r, c, tiny }) => {
    const windows = PAIRS.map(([m, n]) => [r - 1 + m, c - 1 + n]).filter((at) => at.every((i) => i === 0 || i === 1));
    const won = windows.filter(([i, j]) => String(winner(v, k, i, j, tiny)) === String([r, c]));
    if (won.length)
      return sum(
        v,
        won.length > 1 ? "sum" : "same",
        won.map(([i, j]) => /** @type {Cell[]} */ ([[`d_y${k}`, i, j]])),
      );
    const level = windows.some(([i, j]) => v[`a${k}`][r][c] >= v[`y${k}`][i][j] - tiny);
    return { how: level ? "tied" : "no_window", terms: [], sources: [] };
  },
  d_net: ({ v, k, r, c, tiny }) => ({
    how: "sum",
    terms: [
      [
        [letter(`d_a${k}`, r, c), v[`d_a${k}`][r][c]],
        [`f′(${letter(`net${k}`, r, c)})`, Number(v[`net${k}`][r][c] > tiny)],
      ],
    ],
    sources: [
      [`d_a${k}`, r, c],
      [`net${k}`, r, c],
    ],
  }),
  d_w: ({ v, k, r, c }) =>
    sum(
      v,
      "sum",
      NINE.map(
        ([i, j]) =>
          /** @type {Cell[]} */ ([
            [`d_net${k}`, i, j],
            ["x", i + r, j + c],
          ]),
      ),
    ),
  d_wb: ({ v, k }) =>
    sum(
      v,
      "sum",
      NINE.map(([i, j]) => /** @type {Cell[]} */ ([[`d_net${k}`, i, j]])),
    ),
};

/**
 * How the number in a cell is made; v holds all numbers, forward and backward.
 *
 * @param {Values} v
 * @param {number} label
 * @param {Cell} cell
 * @param {number} tiny
 * @returns {Made}
 */
export function made(v, label, [name, r, c], tiny) {
  const way = WAYS[kindOf(name)],
    k = /[01]$/.test(name) ? Number(name.at(-1)) : r;
  return way ? way({ v, label, tiny, name, k, r, c }) : { how: "weight", terms: [], sources: [[`d_${name}`, r, c]] };
}

// ---- numbers and lines of arithmetic

/**
 * A number with three decimals, one that would be lost in them with a power of ten.
 *
 * @param {number} value
 */
export function shown(value) {
  return Math.abs(value) < 1e-3 ? text(value) : number(value, 3);
}

/**
 * A number as it stands in a cell: at most five characters; 0.00 is small, 0 is nothing.
 *
 * @param {number} value
 */
export function cellText(value) {
  const size = Math.abs(value);
  if (size > 0 && size < 0.005) return value < 0 ? "−0.00" : "0.00";
  return number(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/**
 * The probability of unit r; one that would be rounded to 1 as 1 minus that of the other.
 *
 * @param {Texts} texts
 * @param {Grid} p
 * @param {number} r
 */
export function less(texts, p, r) {
  const own = shown(p[r][0]),
    rest = p[1 - r][0];
  return own === "1" && rest > 0 ? fill(texts.rest, { rest: shown(rest) }) : own;
}

/** @param {number} value */
function bracketed(value) {
  return value < 0 ? `(${shown(value)})` : shown(value);
}

/**
 * The line of arithmetic that makes the number in a cell.
 *
 * @param {Texts} texts
 * @param {Values} v
 * @param {Made} how
 * @param {number} rate
 * @param {Cell} cell
 * @param {boolean} letters
 */
export function readingOf(texts, v, how, rate, [name, r, c], letters) {
  const [said, k] = where(name, r),
    number = v[name][r][c];
  const value = shown(number);
  /** @type {Record<string, string | number>} */
  const gaps = { where: fill(texts[said], { k }), left: letter(name, r, c), value };
  gaps.terms = termsOf(how, letters).join(how.how.startsWith("max") ? ", " : " + ");
  if (how.how === "same" && letters) gaps.terms += ` = ${value}`;
  if (how.how === "weight") {
    const slope = v[`d_${name}`][r][c];
    Object.assign(gaps, { rate: shown(rate), slope: bracketed(slope), next: shown(number - rate * slope) });
  }
  if (how.how === "softmax") {
    const both = how.terms.map(([[one, out]]) => (letters ? one : shown(out)));
    Object.assign(gaps, { own: both[r], first: both[0], second: both[1] });
  }
  if ((how.how === "loss" || how.how === "minus") && !letters) gaps.terms = less(texts, v.p, how.sources[0][1]);
  return fill(texts[how.how], { ...gaps, target: how.target ?? 0, n: how.equal ?? 0 });
}

/** @param {Made} how @param {boolean} letters */
function termsOf({ how, terms }, letters) {
  if (letters) return terms.map((term) => term.map(([name]) => name).join("·"));
  const plain = how.startsWith("max"),
    first = terms[0]?.[0];
  const words = /** @param {[string, number]} one */ (one) =>
    plain || one === first ? shown(one[1]) : bracketed(one[1]);
  return terms.map((term) => term.map(words).join("·"));
}
