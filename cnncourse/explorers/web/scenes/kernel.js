/** The scene of the kernel editor: what Python's kernel_editor.py computes, computed in the page. */

import { bytesOf, program } from "../scene.js";
import { fill, joined, number } from "../sentences.js";

/** @import { CodeOf, Data, SceneOf, Settings, Texts } from "../types.js" */

/** @type {WeakMap<Data, Float64Array>} */
const photographs = new WeakMap();

/**
 * The grey values of the photograph, row by row.
 *
 * @param {Data} data
 */
export function photographOf(data) {
  const known = photographs.get(data);
  if (known) return known;
  const pixels = Float64Array.from(bytesOf(data.photo));
  photographs.set(data, pixels);
  return pixels;
}

/** @param {Settings} settings */
export function weightsOf(settings) {
  return [0, 1, 2].map((m) => [0, 1, 2].map((n) => Number(settings[`w${m}${n}`])));
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts } = data,
    side = data.side ?? 0;
  const count = side - 2;
  const { divisor, bias } = settings;
  const weights = weightsOf(settings);
  const result = filtered(photographOf(data), side, weights, divisor, bias);
  let smallest = Infinity,
    largest = -Infinity,
    under = 0,
    over = 0;
  for (let k = 0; k < result.length; k++) {
    const value = result[k];
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
    if (value < 0) under++;
    else if (value > 255) over++;
  }
  const negative = under / result.length,
    above = over / result.length;
  const centred = negative >= (data.many ?? 1);
  const reach = Math.max(-smallest, largest);
  const levels = new Uint8ClampedArray(result.length); // rounds halves to even numbers, as NumPy does
  const factor = 127.5 / reach;
  for (let k = 0; k < result.length; k++) levels[k] = centred ? 127.5 + factor * result[k] : result[k];
  const numbers = { smallest, largest, negative, above, centred, reach: centred ? reach : 255, result, levels };
  const lines = [
    fill(texts.formula, { divisor: dividedBy(texts, divisor), bias: moved(texts, bias) }),
    fill(texts.spans, { low: number(smallest), high: number(largest), negative: share(texts, negative) }),
  ];
  const sentence = sentenceOf(texts, weights.flat(), divisor, bias, numbers);
  return { output: [count, count], grids: [], rows: [], columns: [], lines, sentence, message: "", numbers };
}

/**
 * The sum of weights times pixels, divided by the divisor, plus the bias.
 *
 * @param {Float64Array} photo
 * @param {number} side
 * @param {number[][]} weights
 * @param {number} divisor
 * @param {number} bias
 */
function filtered(photo, side, weights, divisor, bias) {
  const count = side - 2;
  const result = new Float64Array(count * count);
  for (const [m, row] of weights.entries()) {
    for (const [n, w] of row.entries()) {
      if (!w) continue;
      for (let i = 0; i < count; i++) {
        const from = (i + m) * side + n,
          to = i * count;
        for (let j = 0; j < count; j++) result[to + j] += w * photo[from + j];
      }
    }
  }
  for (let k = 0; k < result.length; k++) result[k] = result[k] / divisor + bias;
  return result;
}

/** @param {Texts} texts @param {number} divisor */
function dividedBy(texts, divisor) {
  return divisor > 1 ? fill(texts.divisor, { divisor }) : "";
}

/** @param {Texts} texts @param {number} bias */
function moved(texts, bias) {
  return bias ? fill(texts[bias > 0 ? "plus" : "minus"], { bias: number(Math.abs(bias)) }) : "";
}

/** @param {Texts} texts @param {number} part */
function share(texts, part) {
  if (!part) return texts.none;
  return part < 0.01 ? texts.little : fill(texts.percent, { n: Math.floor(100 * part + 0.5) });
}

/**
 * @param {Texts} texts
 * @param {number[]} weights
 * @param {number} divisor
 * @param {number} bias
 * @param {{centred: boolean, reach: number, negative: number, above: number}} numbers
 */
function sentenceOf(texts, weights, divisor, bias, { centred, reach, negative, above }) {
  if (!weights.some(Boolean)) return texts.nothing;
  const total = weights.reduce((sum, w) => sum + w, 0),
    gain = total / divisor;
  const kind = gain === 0 ? 0 : gain === 1 ? 1 : 2;
  const name = (bias ? ["bias", "shifted", "times_bias"] : ["zero", "same", "times"])[kind];
  const flat = fill(texts[`flat_${name}`], { gain: number(gain, 2) });
  const gaps = { total: number(total), divisor, gain: number(gain, 2), flat };
  const which = negative && above ? "_both" : negative ? "_below" : above ? "_above" : "";
  const shown = centred
    ? fill(texts.centred, { high: number(reach), low: number(-reach) })
    : fill(texts[`clipped${which}`], { below: share(texts, negative), above: share(texts, above) });
  return joined([fill(texts[divisor > 1 ? "total_divided" : "total"], gaps), shown]);
}

/**
 * The nine terms of a window, their sum and the result, in words.
 *
 * @param {Data} data
 * @param {Settings} settings
 * @param {number} r
 * @param {number} c
 */
export function readingOf(data, settings, r, c) {
  const { texts } = data,
    side = data.side ?? 0,
    photo = photographOf(data);
  const { divisor, bias, letters } = settings;
  const parts = weightsOf(settings).flatMap((row, m) =>
    row.map((w, n) => ({ w, x: photo[(r + m) * side + c + n], m, n })),
  );
  const sum = parts.reduce((total, { w, x }) => total + w * x, 0);
  const used = letters ? parts : parts.filter(({ w }) => w);
  const terms = used.map(({ w, x, m, n }) =>
    letters ? `w_{${m}${n}}·x_{${m}${n}}` : `${x}·${w < 0 ? `(${number(w)})` : number(w)}`,
  );
  const value = sum / divisor + bias;
  const gaps = { r, c, terms: terms.join(" + ") || texts.no_terms, sum: number(sum), value: number(value) };
  const over = { divisor: dividedBy(texts, divisor), bias: moved(texts, bias) };
  return {
    sum,
    value,
    words: fill(texts[over.divisor || over.bias ? "reading" : "reading_sum"], { ...gaps, ...over }),
  };
}

/** A program that computes the result of these settings. @type {CodeOf} */
export function codeOf({ texts }, settings, library) {
  const rows = weightsOf(settings).map((row) => `    [${row.join(", ")}]`);
  const { divisor, bias } = settings;
  const sign = bias ? ` ${bias > 0 ? "+" : "-"} ${Math.abs(bias)}` : "";
  return program(texts, library, { w: `[\n${rows.join(",\n")},\n]`, divisor, bias: sign });
}
