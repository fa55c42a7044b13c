/** The scene of the layer viewer: what Python's lenet_layers.py computes, computed in the page. */

import { digitOf, networkOf, reading } from "../digits.js";
import { passed } from "../network.js";
import { program, sceneWith } from "../scene.js";
import { fill, joined } from "../sentences.js";

/**
 * @import { CodeOf, Data, SceneOf, Settings, Texts } from "../types.js"
 * @import { Tensor } from "../layers.js"
 * @import { Passed } from "../network.js"
 *
 * @typedef {object} Row a stage of a layer
 * @property {string} key
 * @property {string} name
 * @property {Tensor} array
 */

const LAYERS = { conv1: 0, conv2: 3, fc1: 7, fc2: 9, output: 11 };
/** @type {WeakMap<DataView, {which: string, found: Passed}>} the last digit: another layer of it is there at once */
const last = new WeakMap();

/** @param {Data} data @param {Settings} settings */
function passedOf(data, { digit, example }) {
  const bytes = /** @type {DataView} */ (data.weights);
  const which = `${digit} ${example}`;
  const known = last.get(bytes);
  if (known?.which === which) return known.found;
  const found = passed(networkOf(data), digitOf(data, digit, example), digit);
  last.set(bytes, { which, found });
  return found;
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts } = data,
    { layer, digit, example } = settings;
  const found = passedOf(data, settings);
  const net = found.net[layer];
  const { shape, w } = networkOf(data)[layer];
  const kernels = shape.length > 2 ? { values: w, shape } : null;
  const numbers = {
    image: digitOf(data, digit, example),
    input_sensitivity: found.sensitivity.values,
    probabilities: found.probabilities,
    truth: digit,
    loss: found.loss,
    net: net.values,
    a: found.a[layer].values,
    delta: found.delta[layer].values,
    pooled: found.pooled[layer]?.values ?? null,
  };
  const prefix = layer === "output" ? "output_" : "";
  /** @type {[string, Tensor | null | undefined][]} */
  const named = [
    ["kernels", kernels],
    ["net", net],
    ["a", found.a[layer]],
    ["pooled", found.pooled[layer]],
    ["delta", found.delta[layer]],
  ];
  const rows = named.flatMap(([key, array]) => (array ? [{ key, name: texts[prefix + key], array }] : []));
  const spans = [
    ...rows.map(({ name, array }) => span(texts, name, array.values)),
    span(texts, texts.input, found.sensitivity.values),
  ];
  const lines = [fill(texts.loss, { loss: short(found.loss) }), spans.join(texts.and)];
  const sentence = joined([reading(texts, found.probabilities, digit), seen(texts, layer, found)]);
  const output = net.shape.length > 1 ? net.shape.slice(1) : [1, net.shape[0]];
  return sceneWith({ output, lines, sentence, numbers: { ...numbers, rows } });
}

/** @param {Texts} texts @param {string} layer @param {Passed} found */
function seen(texts, layer, found) {
  if (layer === "output") return texts.seen_output;
  const percent = /** @param {Float64Array} values */ (values) =>
    Math.floor((100 * values.reduce((n, v) => n + (v ? 1 : 0), 0)) / values.length + 0.5);
  const gaps = { active: percent(found.a[layer].values), reached: percent(found.delta[layer].values) };
  return fill(texts[found.pooled[layer] ? "seen_maps" : "seen_units"], gaps);
}

/** @param {ArrayLike<number>} values */
export function ends(values) {
  let low = Infinity,
    high = -Infinity;
  for (let k = 0; k < values.length; k++) {
    low = Math.min(low, values[k]);
    high = Math.max(high, values[k]);
  }
  return [low, high];
}

/** @param {Texts} texts @param {string} name @param {ArrayLike<number>} values */
export function span(texts, name, values) {
  const [low, high] = ends(values);
  return fill(texts.between, { name, low: short(low), high: short(high) });
}

/**
 * A number with two digits that count.
 *
 * @param {number} value
 */
export function short(value) {
  const size = Math.abs(value);
  const minus = /** @param {string} words */ (words) => words.replace("-", "−");
  if (size >= 0.995 && size < 1) {
    for (let d = 3; ; d++) if (Number(size.toFixed(d)) < 1 || d === 17) return minus(value.toFixed(d));
  }
  if (size && size < 1e-3) {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    const raised = String(Number(exponent)).replace(/[-\d]/g, (one) => (one === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(one)]));
    return minus(`${mantissa}·10${raised}`);
  }
  return minus(size >= 10 ? value.toFixed(0) : String(Number(value.toPrecision(2)) + 0));
}

/** A program that computes the output of the layer of these settings. @type {CodeOf} */
export function codeOf({ texts }, { layer, digit, example }, library) {
  const count = LAYERS[/** @type {"fc1"} */ (layer)] + 1;
  return program(texts, library, { count, digit, example });
}
