/** The scene of the architecture explorer: what Python's architecture.py computes, computed in the page. */

import { sceneWith } from "../scene.js";
import { fill, grouped, number } from "../sentences.js";

/**
 * @import { CodeOf, Data, SceneOf, Settings, Texts } from "../types.js"
 *
 * @typedef {object} Row a volume of the network
 * @property {string} name
 * @property {string} kind input, conv, pool or fc
 * @property {number[]} shape
 * @property {number} parameters
 * @property {number} multiply_adds
 * @property {number} numbers
 */

const CLASSES = 10,
  BYTES = 4;

/** @param {number[]} shape */
const product = (shape) => shape.reduce((all, n) => all * n, 1);

/**
 * A template filled; whole numbers of any size have commas between thousands where it says so.
 *
 * @param {string} template
 * @param {Record<string, string | number>} gaps
 */
export function told(template, gaps) {
  const shown = template.replace(/\{(\w+):,\}/g, (whole, name) => (name in gaps ? grouped(Number(gaps[name])) : whole));
  return fill(shown, gaps);
}

/**
 * The rows of INPUT, all CONV and POOL layers, and, if one does not fit, why: then those before it.
 *
 * @param {Data} data
 * @param {Settings} settings
 */
function rowsOf({ texts, inputs }, { input, convolutions, blocks, pooling, filters, kernel, padding }) {
  /** @type {number[]} */
  let shape = inputs?.[input] ?? [1, 1, 1];
  /** @type {Row[]} */
  const made = [{ name: texts.input, kind: "input", shape, parameters: 0, multiply_adds: 0, numbers: product(shape) }];
  if (padding === "same" && kernel % 2 === 0 && convolutions && blocks)
    return { made, message: fill(texts.even, { F: kernel, zeros: kernel - 1, more: kernel + 1 }) };
  const border = padding === "same" ? Math.floor(kernel / 2) : 0;
  for (let block = 1; block <= blocks; block++) {
    for (let n = 0; n < convolutions; n++) {
      const [depth, size] = shape;
      if (kernel > size + 2 * border) return { made, message: fill(texts.large, { block, F: kernel, size }) };
      const places = size - kernel + 2 * border + 1,
        weights = depth * kernel * kernel;
      shape = [filters, places, places];
      made.push({
        name: fill(texts.conv, { F: kernel }),
        kind: "conv",
        shape,
        parameters: filters * (weights + 1),
        multiply_adds: filters * weights * places * places,
        numbers: product(shape),
      });
    }
    if (pooling !== "max") continue;
    const [depth, size] = shape;
    if (size < 2) return { made, message: fill(texts.pool_large, { block, size }) };
    shape = [depth, Math.floor(size / 2), Math.floor(size / 2)];
    made.push({ name: texts.pool, kind: "pool", shape, parameters: 0, multiply_adds: 0, numbers: product(shape) });
  }
  return { made, message: "" };
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts } = data,
    { convolutions, blocks, hidden, pooling, units, batch } = settings;
  const { made, message } = rowsOf(data, settings);
  const pattern = fill(texts[pooling === "max" ? "pattern_pool" : "pattern"], {
    N: convolutions,
    M: blocks,
    K: hidden,
  });
  if (message) return sceneWith({ lines: [pattern], message, numbers: { made, parameters: null } });
  for (let k = 0; k <= hidden; k++) {
    const before = made[made.length - 1].numbers,
      count = k < hidden ? units : CLASSES;
    const counts = { parameters: (before + 1) * count, multiply_adds: before * count, numbers: count };
    made.push({ name: k < hidden ? texts.fc_relu : texts.fc, kind: "fc", shape: [count], ...counts });
  }
  const sum = /** @param {"parameters" | "multiply_adds" | "numbers"} name */ (name) =>
    made.reduce((all, row) => all + row[name], 0);
  const [parameters, multiply_adds, activations] = [sum("parameters"), sum("multiply_adds"), sum("numbers")];
  const largest = Math.max(...made.slice(1).map((row, k) => row.numbers + made[k].numbers));
  const bytes_test = BYTES * (parameters + largest),
    bytes_training = BYTES * (2 * batch * activations + 3 * parameters);
  const gaps = { parameters, largest, activations, batch };
  const lines = [
    pattern,
    told(texts.test, { ...gaps, size: sizeOf(texts, bytes_test) }),
    told(texts.training, { ...gaps, size: sizeOf(texts, bytes_training) }),
  ];
  const numbers = { made, parameters, multiply_adds, activations, bytes_test, bytes_training };
  const sentence = sentenceOf(texts, made, numbers, batch);
  return sceneWith({ output: [1, CLASSES], lines, sentence, numbers });
}

/**
 * A number of bytes in words, with three digits that count.
 *
 * @param {Texts} texts
 * @param {number} count
 */
export function sizeOf(texts, count) {
  for (const [unit, power] of /** @type {[string, number][]} */ ([
    ["GB", 3],
    ["MB", 2],
    ["KB", 1],
  ])) {
    const value = count / 1024 ** power;
    if (value >= 1) return `${number(value, value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${unit}`;
  }
  return fill(texts.bytes, { n: grouped(count) });
}

/**
 * @param {Texts} texts
 * @param {Row[]} made
 * @param {{parameters: number, multiply_adds: number, activations: number, bytes_training: number}} numbers
 * @param {number} batch
 */
function sentenceOf(texts, made, { parameters, multiply_adds, activations, bytes_training }, batch) {
  if (made.length === 2) return told(texts.linear, { classes: CLASSES, pixels: made[0].numbers });
  const dense = made.filter(({ kind }) => kind === "fc");
  if (dense.length + 1 === made.length) return texts.dense;
  if (!made.some(({ kind }) => kind === "conv")) return texts.pooling_only;
  const part = /** @param {"parameters" | "multiply_adds"} name @param {number} all */ (name, all) =>
    percent(texts, dense.reduce((sum, row) => sum + row[name], 0) / all);
  return fill(texts.mixed, {
    share: part("parameters", parameters),
    work: part("multiply_adds", multiply_adds),
    kept: percent(texts, (2 * batch * BYTES * activations) / bytes_training),
  });
}

/** @param {Texts} texts @param {number} share */
function percent(texts, share) {
  const n = 100 * share;
  if (n > 0 && n < 1) return texts.little;
  return n > 99 && n < 100 ? texts.nearly : fill(texts.percent, { n: Math.floor(n + 0.5) });
}

/** A program that builds the network of these settings. @type {CodeOf} */
export function codeOf({ texts, inputs }, settings, library) {
  if (library === "cnnlib") {
    const said = Object.entries(settings).map(([name, one]) => `${name}=${typeof one === "string" ? `'${one}'` : one}`);
    return fill(texts.code_cnnlib, { settings: said.join(", ") });
  }
  const { input, convolutions, blocks, hidden, pooling, filters, kernel, units, padding } = settings;
  const border = padding === "same" ? Math.floor(kernel / 2) : 0;
  const conv = fill(texts.torch_conv, { filters, F: kernel, padding: border });
  const block = conv.repeat(convolutions) + (pooling === "max" ? texts.torch_pool : "");
  const dense = fill(texts.torch_fc, { units }).repeat(hidden);
  const [depth, size] = inputs?.[input] ?? [1, 1];
  const layers = block.repeat(blocks) + texts.torch_flatten + dense + texts.torch_last;
  return fill(texts.code_torch, { layers, depth, size });
}
