/** The scene of a deep stack, as deep_stack.py has it, from the table of sizes that Python sends. */

import { axis, counted, decades, dots, label, line, powerOf, powers, rough, text } from "../numbers.js";
import { program, sceneWith } from "../scene.js";
import { fill } from "../sentences.js";

/** @import { Axis, CodeOf, Data, Plot, ReadingOf, SceneOf, Settings, Texts } from "../types.js" */

const LOST = 1e-3,
  DEEPEST = 30;
/** @type {"first"} */
export const START = "first";

/** @param {Data} data @param {Settings} settings */
function sizesOf({ known }, { function: f, start, depth }) {
  const [activations, norms] = known[`${f} ${start}`];
  return {
    activations: /** @type {number[]} */ (activations.slice(0, depth)),
    norms: /** @type {number[]} */ (norms[depth - 1]),
  };
}

/**
 * After how many layers on the way back less than a thousandth is left, or null.
 *
 * @param {number[]} norms
 */
function lostAfter(norms) {
  const last = norms.length - 1;
  for (let back = 1; back <= last; back++) if (norms[last - back] < LOST * norms[last]) return back;
  return null;
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts } = data;
  const { activations, norms } = sizesOf(data, settings);
  const back = lostAfter(norms),
    ratio = norms[0] / norms[norms.length - 1];
  return sceneWith({
    lines: linesOf(texts, norms, ratio, back),
    sentence: sentenceOf(texts, settings, activations, ratio, back),
    plots: [forwardOf(texts, activations), backwardOf(texts, norms, back)],
  });
}

/** @param {Texts} texts @param {number} n */
function layersOf(texts, n) {
  return fill(texts.layers[n === 1 ? 0 : 1], { n });
}

/**
 * @param {Texts} texts
 * @param {number[]} norms
 * @param {number} ratio
 * @param {number | null} back
 */
function linesOf(texts, norms, ratio, back) {
  const depth = norms.length;
  const first = fill(texts.line_ratio, { first: text(norms[0]), last: text(norms[depth - 1]), ratio: text(ratio) });
  if (depth === 1) return [first];
  const lost = back === null ? texts.never : fill(texts.after, { layers: layersOf(texts, back) });
  return [first, fill(texts.line_lost, { lost, each: text(ratio ** (1 / (depth - 1))) })];
}

/**
 * @param {Texts} texts
 * @param {Settings} settings
 * @param {number[]} activations
 * @param {number} ratio
 * @param {number | null} back
 */
function sentenceOf(texts, { function: f, depth }, activations, ratio, back) {
  if (depth === 1) return texts.one;
  if (back !== null) {
    const dies = f !== "sigmoid" && activations[depth - 1] < 1e-3 * activations[0];
    const cause = f === "sigmoid" ? texts.sigmoid : dies ? texts.dies : "";
    return fill(texts.vanishes, { layers: layersOf(texts, back) }) + cause;
  }
  const name = ratio > 1000 ? "explodes" : ratio >= 0.1 && ratio <= 10 ? "passes" : ratio < 1 ? "shrinks" : "grows";
  return fill(texts[name], { ratio: text(ratio), layers: layersOf(texts, depth) });
}

/**
 * The axes of a plot of sizes.
 *
 * @param {Texts} texts
 * @param {number} depth
 * @param {number[]} values
 */
function axesOf(texts, depth, values) {
  const last = depth <= 10 ? 10 : DEEPEST,
    [low, top] = decades(values);
  const high = Math.max(top, Math.ceil(-low / 7)); // over a long way down there is room for words
  return {
    x: axis(texts.layer, 0.3, last + 0.7, counted(last)),
    y: axis("", powerOf(low), powerOf(high), powers(low, high), true),
  };
}

/**
 * A line across.
 *
 * @param {Axis} x
 * @param {number} y
 */
function across({ low, high }, y) {
  return [
    [low, y],
    [high, y],
  ];
}

/** @param {Texts} texts @param {number[]} activations @returns {Plot} */
function forwardOf(texts, activations) {
  const { x, y } = axesOf(texts, activations.length, activations);
  const points = activations.map((size, k) => [k + 1, size]);
  return {
    title: texts.forward,
    said: fill(texts.said_forward, { all: activations.map(rough).join(", ") }),
    x,
    y,
    marks: [line(across(x, 1), "rule"), line(points, "thin"), dots(points)],
    items: points,
  };
}

/** @param {Texts} texts @param {number[]} norms @param {number | null} back @returns {Plot} */
function backwardOf(texts, norms, back) {
  const last = norms.length - 1,
    limit = LOST * norms[last];
  const { x, y } = axesOf(texts, norms.length, [...norms, limit]);
  const points = norms.map((norm, k) => [k + 1, norm]);
  const marks = [line(across(x, 1), "rule"), line(across(x, limit), "soft"), line(points, "thin"), dots(points)];
  if (back !== null) {
    const lost = points[last - back];
    marks.push(dots([lost], "goal"), label(texts.lost, lost[0], lost[1], "end", "above", "strong"));
  }
  marks.push(
    back !== null && 2 * (norms.length - back) > x.high
      ? label(texts.thousandth, x.low, limit, "start", "above")
      : label(texts.thousandth, x.high, limit, "end", "below"),
  );
  const said = fill(texts.said_backward, { all: norms.map(rough).join(", ") });
  return { title: texts.backward, said, x, y, marks, items: points };
}

/** @type {ReadingOf} */
export function readingOf(data, _, settings, k) {
  const { activations, norms } = sizesOf(data, settings);
  const share = text(norms[k] / norms[norms.length - 1]);
  return fill(data.texts.reading, { k: k + 1, a: rough(activations[k]), d: rough(norms[k]), share });
}

/** A program that prints the sizes of δ. @type {CodeOf} */
export function codeOf({ texts }, { function: f, depth, start }, library) {
  const uniform = start === "uniform" ? texts.uniform : "";
  const head = fill(texts.head, { uniform, deviation: texts.deviations[start], depth });
  return program(texts, library, { head, layer: texts[library][f] });
}
