/** Numbers as words, and the marks of plots, as curves.py has them. */

import { grouped } from "./sentences.js";

/**
 * @import { Axis, Mark, Point } from "./types.js"
 *
 * @typedef {[number, string][]} Ticks
 */

/**
 * A number with so many decimals; halves go to the even digit, as in Python.
 *
 * @param {number} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  const short = value.toFixed(decimals);
  const tail =
    Math.abs(value)
      .toFixed(Math.min(100, decimals + 60))
      .split(".")[1]
      ?.slice(decimals) ?? "";
  if (!/^50*$/.test(tail)) return short;
  const cut = Math.abs(value)
    .toFixed(decimals + 1)
    .replace(/\.?\d$/, "");
  return Number(cut.at(-1)) % 2 ? short : (value < 0 ? "-" : "") + cut;
}

/**
 * A number with so many digits that count; halves go to the even digit, as in Python.
 *
 * @param {number} value
 * @param {number} count
 */
export function precise(value, count) {
  const [mantissa, exponent] = value.toExponential(Math.min(100, count + 60)).split("e");
  const cut = mantissa.length - 62; // the last digit that is wanted: sixty-one come after it
  if (!/^50*$/.test(mantissa.slice(cut + 1)) || Number(mantissa[cut]) % 2) return Number(value.toPrecision(count));
  return Number(`${mantissa.slice(0, cut + 1)}e${exponent}`);
}

/** @param {number} k */
export function raised(k) {
  return String(k).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)]));
}

/**
 * A number times a power of ten.
 *
 * @param {number} value
 * @param {number} decimals
 */
function powered(value, decimals) {
  const [mantissa, exponent] = value.toExponential(decimals).split("e");
  return { mantissa, power: `·10${raised(Number(exponent))}` };
}

/**
 * A number with four decimals; with more, or with a power of ten, where it would be lost in them.
 *
 * @param {number} value
 */
export function text(value) {
  const size = Math.abs(value);
  if (value && (size < 1e-3 || size >= 1e6)) {
    const { mantissa, power } = powered(value, 2);
    return (mantissa + power).replace("-", "−");
  }
  let decimals = 4;
  while (decimals < 12 && size !== 1 && Number(size.toFixed(decimals)) === 1) decimals++;
  const shown = fixed(value, decimals).replace(/\.?0+$/, "");
  return (shown === "-0" || shown === "" ? "0" : shown).replace("-", "−");
}

/**
 * A positive number with two digits that count.
 *
 * @param {number} value
 */
export function rough(value) {
  if (value >= 1e-3 && value < 1e4) return String(precise(value, 2));
  const { mantissa, power } = powered(value, 1);
  return mantissa + power;
}

/**
 * A positive number with three digits that count.
 *
 * @param {number} value
 */
export function digits(value) {
  if (value >= 1e6 || (value && value < 1e-4)) {
    const { mantissa, power } = powered(value, 2);
    return Number(mantissa) + power;
  }
  if (value >= 1000) return grouped(Number(fixed(value, 0)));
  return precise(value, 3)
    .toFixed(9)
    .replace(/\.?0+$/, "");
}

/**
 * A share in percent, whole, with two digits below 1 %.
 *
 * @param {number} share
 */
export function percent(share) {
  return share >= 0.01 ? `${fixed(100 * share, 0)} %` : `${general(100 * share, 2)} %`;
}

/**
 * A number as Python's format "g" has it, with so many digits that count.
 *
 * @param {number} value
 * @param {number} count
 */
export function general(value, count) {
  const [mantissa, exponent] = value.toExponential(count - 1).split("e");
  const power = Number(exponent);
  if (value && (power < -4 || power >= count))
    return `${Number(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return String(precise(value, count));
}

// ---- scenes, axes and marks

/**
 * @param {string} label
 * @param {number} low
 * @param {number} high
 * @param {Ticks} ticks
 * @returns {Axis}
 */
export function axis(label, low, high, ticks, log = false) {
  return { label, low, high, log, ticks };
}

/** @param {Point[]} points @param {string} [look] @returns {Mark} */
export function line(points, look = "main") {
  return { mark: "line", look, points };
}

/** @param {Point[]} points @param {string} [look] @returns {Mark} */
export function dots(points, look = "main") {
  return { mark: "dots", look, points };
}

/** @param {number[][]} boxes @param {string} [look] @returns {Mark} */
export function bars(boxes, look = "main") {
  return { mark: "bars", look, boxes };
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {string} [anchor]
 * @param {string} [place]
 * @param {string} [look]
 * @returns {Mark}
 */
export function label(words, x, y, anchor = "end", place = "above", look = "") {
  return { mark: "label", look, text: words, at: [x, y], anchor, place };
}

const TOP = 2.2,
  LEVELS = [
    [1.1, 1.55],
    [0, 0.45],
  ];

/**
 * Two counts as bars that begin at `from`, the first over the second, before lines at the ticks; and the axis upwards.
 *
 * @param {number[]} counts
 * @param {string[]} tags
 * @param {number} from
 * @param {Ticks} ticks
 */
export function twoBars(counts, tags, from, ticks) {
  const ends = /** @param {number} x */ (x) => [0, TOP].map((y) => [x, y]);
  const marks = ticks.map(([place]) => line(ends(place), "level"));
  for (const [k, [low, high]] of LEVELS.entries()) {
    marks.push(bars([[from, low, counts[k], high]], k ? "striped" : "main"));
    marks.push(label(tags[k], from, high, "start", "above", "strong"));
  }
  return { y: axis("", 0, TOP, []), marks };
}

/**
 * The round numbers between two.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} [most]
 * @returns {Ticks}
 */
export function ticks(low, high, most = 5) {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const least = ((high - low) / most) * (1 - 1e-9);
  const step = power * /** @type {number} */ ([1, 2, 5, 10].find((one) => one * power >= least));
  /** @type {Ticks} */
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) {
    const place = Number((k * step).toFixed(9)) + 0;
    found.push([place, general(place, 6).replace("-", "−")]);
  }
  return found;
}

const NEAR = /** @type {Record<number, string>} */ ({ [-2]: "0.01", [-1]: "0.1", 0: "1", 1: "10", 2: "100" });

/**
 * At most eight powers of ten between two.
 *
 * @param {number} low
 * @param {number} high
 * @returns {Ticks}
 */
export function powers(low, high) {
  const step = Math.ceil((high - low) / 7);
  /** @type {Ticks} */
  const found = [];
  for (let k = low; k <= high; k++) if (k % step === 0) found.push([powerOf(k), NEAR[k] ?? `10${raised(k)}`]);
  return found;
}

/** Ten to the power k, rounded as a number that is written out. @param {number} k */
export function powerOf(k) {
  return Number(`1e${k}`);
}

/** @param {number} last @returns {Ticks} */
export function counted(last) {
  const all = Array.from({ length: last }, (_, k) => k + 1);
  return all.filter((k) => last <= 10 || k === 1 || k % 5 === 0).map((k) => [k, String(k)]);
}

const STEPS = [1, 2, 4, 8, 12, 20, 30, 45, 60, 80, 100, 150, 300];

/**
 * The powers of ten between which all values but 0 lie, in steps: the axis stays still for small changes.
 *
 * @param {number[]} values
 * @returns {[number, number]}
 */
export function decades(values) {
  const sizes = values.filter((v) => v).map(Math.abs);
  if (!sizes.length) sizes.push(1);
  const low = Math.floor(Math.log10(0.7 * Math.min(...sizes))),
    high = Math.ceil(Math.log10(1.3 * Math.max(...sizes)));
  const lower = /** @type {number} */ (STEPS.find((s) => low >= -s)),
    upper = /** @type {number} */ (STEPS.find((s) => high <= s));
  return [-lower, upper];
}
