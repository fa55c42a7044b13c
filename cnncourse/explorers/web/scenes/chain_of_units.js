/** The scene of a chain of units, as chain.py has it. */

import { axis, bars, counted, decades, dots, label, line, powerOf, powers, raised, text } from "../numbers.js";
import { program, sceneWith } from "../scene.js";
import { fill } from "../sentences.js";
import { ACTIVATIONS, asFloat } from "./activation_function.js";

/**
 * @import { Axis, CodeOf, Plot, ReadingOf, SceneOf, Settings, Texts } from "../types.js"
 *
 * @typedef {object} Chain
 * @property {number[]} nets
 * @property {number[]} activations the start is the first
 * @property {number[]} slopes
 * @property {number[]} factors
 * @property {number[]} products
 * @property {number[]} bounds
 */

const DEEPEST = 30;

/** @param {Settings} settings @returns {Chain} */
function chainOf({ function: name, depth, weight, start }) {
  const { f, derivative, steepest } = ACTIVATIONS[name];
  const nets = [],
    activations = [start];
  for (let k = 0; k < depth; k++) {
    nets.push(weight * activations[k]);
    activations.push(f(nets[k]));
  }
  const slopes = nets.map(derivative);
  const factors = slopes.map((slope) => weight * slope + 0);
  return {
    nets,
    activations,
    slopes,
    factors,
    products: running(factors),
    bounds: running(nets.map(() => Math.abs(weight) * steepest)),
  };
}

/** @param {number[]} factors */
function running(factors) {
  let product = 1;
  return factors.map((factor) => (product *= factor) + 0);
}

/** @type {SceneOf} */
export function sceneOf({ texts }, settings) {
  const chain = chainOf(settings);
  const { factors, products, bounds } = chain;
  const { depth, weight } = settings;
  const { steepest } = ACTIVATIONS[settings.function];
  return sceneWith({
    lines: [
      fill(texts.line_product, { factors: productOf(factors), product: text(products[depth - 1]) }),
      fill(texts.line_bound, {
        w: text(Math.abs(weight)),
        steepest: text(steepest),
        n: raised(depth),
        bound: text(bounds[depth - 1]),
      }),
    ],
    sentence: sentenceOf(texts, depth, weight, chain),
    plots: [factorsOf(texts, factors), productsOf(texts, products, bounds)],
  });
}

/** @param {number[]} factors */
function productOf(factors) {
  const all = factors.map((f) => (f < 0 ? `(${text(f)})` : text(f)));
  return (all.length > 4 ? [...all.slice(0, 2), "…", ...all.slice(-1)] : all).join(" · ");
}

/** @param {Texts} texts @param {number} depth @param {number} weight @param {Chain} chain */
function sentenceOf(texts, depth, weight, { factors, products }) {
  const product = products[depth - 1],
    size = Math.abs(product);
  if (product === 0) return fill(weight === 0 ? texts.no_weight : texts.off, { k: factors.indexOf(0) + 1 });
  let name = "becomes";
  if (Math.abs(size - 1) <= 1e-9 * Math.max(size, 1)) name = "kept";
  else if (size < 0.01) name = depth > 1 ? "vanishes" : "vanishes_one";
  else if (size > 100) name = "explodes";
  const gaps = {
    units: fill(texts.units[depth > 1 ? 1 : 0], { n: depth }),
    product: text(product),
    size: text(size),
    average: text(size ** (1 / depth)),
  };
  return fill(texts[name], gaps) + (product < 0 ? texts.negative : "");
}

/** @param {Texts} texts @param {number} depth */
function across(texts, depth) {
  const last = depth <= 10 ? 10 : DEEPEST;
  return axis(texts.unit, 0.3, last + 0.7, counted(last));
}

/** @param {number[]} values */
function up(values) {
  const [low, high] = decades(values);
  return axis("", powerOf(low), powerOf(high), powers(low, high), true);
}

/** @param {Texts} texts @param {number[]} factors @returns {Plot} */
function factorsOf(texts, factors) {
  const x = across(texts, factors.length),
    y = up(factors);
  const sizes = factors.map(Math.abs);
  const boxes = /** @param {(f: number) => boolean} chosen */ (chosen) =>
    factors.flatMap((f, k) => (chosen(f) ? [[k + 1 - 0.36, y.low, k + 1 + 0.36, sizes[k]]] : []));
  const minus = boxes((f) => f < 0);
  const marks = [
    line(level(x), "rule"),
    bars(
      boxes((f) => f > 0),
      "plus",
    ),
    bars(minus, "minus"),
    dots(
      boxes((f) => f === 0).map(([left]) => [left + 0.36, y.low]),
      "zero",
    ),
  ];
  if (minus.length) marks.push(label(texts.minus, x.low, y.high, "start", "corner"));
  return {
    title: texts.factors,
    said: fill(texts.said_factors, { least: text(Math.min(...sizes)), most: text(Math.max(...sizes)) }),
    x,
    y,
    marks,
    items: sizes.map((size, k) => [k + 1, size || y.low]),
  };
}

/** @param {Texts} texts @param {number[]} products @param {number[]} bounds @returns {Plot} */
function productsOf(texts, products, bounds) {
  const depth = products.length,
    last = products[depth - 1],
    bound = bounds[depth - 1];
  const x = across(texts, depth),
    y = up([...products, ...bounds]);
  const points = products.map((p, k) => [k + 1, Math.abs(p) || y.low]);
  const ofSign = /** @param {number} sign */ (sign) => points.filter((_, k) => Math.sign(products[k]) === sign);
  const marks = [
    line(level(x), "rule"),
    line(
      bounds.flatMap((one, k) => (one > 0 ? [[k + 1, one]] : [])),
      "soft",
    ),
    line(
      points.filter((_, k) => products[k]),
      "thin",
    ),
    dots(ofSign(1), "plus"),
    dots(ofSign(-1), "minus"),
    dots(ofSign(0), "zero"),
  ];
  const middle = Math.floor(depth / 2);
  if (bounds[0] > 0 && bound >= bounds[0] && depth <= x.high / 2)
    marks.push(label(texts.bound, depth, bound, "start", "right"));
  else if (bound > 0)
    marks.push(label(texts.bound, middle + 1, bounds[middle], bound < bounds[0] ? "start" : "end", "above"));
  if (products[middle]) {
    const way = Math.abs(last) > Math.abs(products[0]) ? "start" : "end";
    marks.push(label(texts.product, middle + 1, Math.abs(products[middle]), way, "below", "strong"));
  }
  if (!last) marks.push(label(texts.zero, depth, y.low, "end", "above", "strong"));
  const gaps = { n: depth, first: text(products[0]), last: text(last), bound: text(bound) };
  return { title: texts.products, said: fill(texts.said_products, gaps), x, y, marks, items: points };
}

/** @param {Axis} axis */
function level({ low, high }) {
  return [
    [low, 1],
    [high, 1],
  ];
}

/** @type {ReadingOf} */
export function readingOf({ texts }, _, settings, k) {
  const { nets, activations, slopes, factors, products } = chainOf(settings);
  const slope = slopes[k];
  return fill(texts.reading, {
    k: k + 1,
    net: text(nets[k]),
    a: text(activations[k + 1]),
    w: settings.weight < 0 ? `(${text(settings.weight)})` : text(settings.weight),
    slope: text(slope),
    factor: text(factors[k]),
    product: text(products[k]),
  });
}

/** A program that computes the product. @type {CodeOf} */
export function codeOf({ texts }, settings, library) {
  const found = texts[library][settings.function];
  const [f, slope] = library === "cnnlib" ? found : [found, ""];
  return program(texts, library, {
    x: asFloat(settings.start),
    n: settings.depth,
    w: asFloat(settings.weight),
    f,
    slope,
  });
}
