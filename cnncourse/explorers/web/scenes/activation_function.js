/** The scene of an activation function, as activation.py has it. */

import { axis, dots, fixed, label, line, percent, text, ticks } from "../numbers.js";
import { program, sceneWith } from "../scene.js";
import { fill } from "../sentences.js";

/**
 * @import { CodeOf, Plot, Point, ReadingOf, SceneOf, Settings, Texts } from "../types.js"
 *
 * @typedef {(x: number) => number} Curve
 */

export const LOOK = "cnnx-silent cnnx-few";
const END = 6.5,
  REACH = 1.6,
  ROOM = 0.17;
const CURVE = Array.from({ length: 261 }, (_, k) => Number((0.05 * k - END).toFixed(3)) + 0);

const sigmoid = /** @param {number} x */ (x) => 1 / (1 + Math.exp(-x));

/** @param {number} x */
function sigmoidSlope(x) {
  const e = Math.exp(-Math.abs(x));
  return e / (1 + e) ** 2;
}

/** @type {Record<string, {f: Curve, derivative: Curve, steepest: number}>} */
export const ACTIVATIONS = {
  sigmoid: { f: sigmoid, derivative: sigmoidSlope, steepest: 0.25 },
  tanh: { f: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2, steepest: 1 },
  relu: { f: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0), steepest: 1 },
  leaky_relu: { f: (x) => (x > 0 ? x : 0.01 * x), derivative: (x) => (x > 0 ? 1 : 0.01), steepest: 1 },
  identity: { f: (x) => x, derivative: () => 1, steepest: 1 },
};

/** @type {SceneOf} */
export function sceneOf({ texts }, settings) {
  const name = settings.function,
    z = settings.z;
  const { f, derivative, steepest } = ACTIVATIONS[name];
  const value = f(z),
    slope = derivative(z);
  const corner = z === 0 && /relu/.test(name);
  const ends = [z - REACH, z + REACH];
  const tangent = corner ? null : ends.map((x) => [x, value + slope * (x - z)]);
  const gaps = { z: text(z), value: text(value), slope: text(slope) };
  return sceneWith({
    lines: linesOf(texts, name, z, value, slope),
    sentence: sentenceOf(texts, name, z, slope, steepest),
    plots: [
      plotOf(texts, "function", f, { z, at: value, tangent }, gaps),
      plotOf(texts, "derivative", derivative, { z, at: slope, tangent: null }, gaps),
    ],
  });
}

/**
 * @param {Texts} texts
 * @param {string} name
 * @param {Curve} f
 * @param {{z: number, at: number, tangent: number[][] | null}} chosen
 * @param {Record<string, string>} gaps
 * @returns {Plot}
 */
function plotOf(texts, name, f, { z, at, tangent }, gaps) {
  const values = CURVE.map(f);
  const low = Math.min(...values, 0),
    high = Math.max(...values, 0);
  const bottom = low - ROOM * (high - low),
    top = high + ROOM * (high - low);
  /** @type {Point[]} */
  const points = [];
  for (const [k, y] of values.entries()) {
    if (k && Math.abs(y - values[k - 1]) > 0.5) points.push(null);
    points.push([CURVE[k], y]);
  }
  const rule = /** @param {number[]} from @param {number[]} to */ (from, to) => line([from, to], "rule");
  const marks = [
    rule([-END, 0], [END, 0]),
    rule([0, bottom], [0, top]),
    line(points),
    line(
      [
        [z, 0],
        [z, at],
      ],
      "stem",
    ),
  ];
  if (tangent) marks.push(line(tangent, "tangent"));
  marks.push(
    dots([[z, at]], "chosen"),
    label(fill(texts[`tag_${name}`], gaps), -END, top, "start", "corner", "strong"),
  );
  const across = axis(
    "net",
    -END,
    END,
    [-6, -4, -2, 0, 2, 4, 6].map((k) => [k, String(k).replace("-", "−")]),
  );
  const span = { low: text(Math.min(...values)), high: text(Math.max(...values)) };
  return {
    title: texts[name],
    said: fill(texts[`said_${name}`], { ...gaps, ...span }),
    x: across,
    y: axis("", bottom, top, ticks(bottom, top)),
    marks,
    items: [],
  };
}

/**
 * @param {Texts} texts
 * @param {string} name
 * @param {number} z
 * @param {number} value
 * @param {number} slope
 */
function linesOf(texts, name, z, value, slope) {
  const named = name === "leaky_relu" && z > 0 ? "value" : `value_${name}`;
  const decimals = texts[`slope_${name}`] ? Math.max(4, 2 - Math.floor(Math.log10(slope))) : 4;
  return [
    fill(texts[named] ?? texts.value, { z: text(z), minus_z: text(-z), value: text(value) }),
    fill(texts[`slope_${name}`] ?? texts.slope, {
      z: text(z),
      a: fixed(value, decimals).replace("-", "−"),
      slope: text(slope),
    }),
  ];
}

/**
 * @param {Texts} texts
 * @param {string} name
 * @param {number} z
 * @param {number} slope
 * @param {number} steepest
 */
function sentenceOf(texts, name, z, slope, steepest) {
  if (name === "identity") return texts.identity;
  if (/relu/.test(name)) return texts[z > 0 ? "right" : z === 0 ? `corner_${name}` : `left_${name}`];
  const share = slope / steepest;
  return fill(texts[z === 0 ? "steepest" : share < 0.1 ? "flat" : "share"], {
    share: percent(share),
    steepest: text(steepest),
  });
}

/** @type {ReadingOf} */
export function readingOf({ texts }, _, settings) {
  const { f, derivative } = ACTIVATIONS[settings.function];
  return fill(texts.reading, { z: text(settings.z), value: text(f(settings.z)), slope: text(derivative(settings.z)) });
}

/** A program that computes value and slope. @type {CodeOf} */
export function codeOf({ texts }, settings, library) {
  const found = texts[library][settings.function];
  const [f, slope] = library === "cnnlib" ? found : [found, ""];
  return program(texts, library, { z: asFloat(settings.z), f, slope });
}

/** A number as Python writes a float. @param {number} value */
export function asFloat(value) {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/**
 * The point is moved in the plot as by the slider.
 *
 * @param {Settings} _
 * @param {number} x
 */
export function dragOf(_, x) {
  return { z: Number(Math.max(-6, Math.min(6, x)).toFixed(1)) + 0 };
}
