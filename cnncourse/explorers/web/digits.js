/** The bundled digits, LeNet-5, and what is said of its answer: Python's digits.py has the same. */

import { lenet } from "./network.js";
import { fill } from "./sentences.js";

/** @import { Data, Texts } from "./types.js" */

const PIXELS = 784;
/** @type {WeakMap<Data, Float64Array>} */
const unpacked = new WeakMap();
/** @type {WeakMap<DataView, ReturnType<typeof lenet>>} */
const networks = new WeakMap();

/**
 * One of the digits, numbers from 0 to 1, as they are in single precision.
 *
 * @param {Data} data
 * @param {number} digit
 * @param {number} example
 */
export function digitOf(data, digit, example) {
  let all = unpacked.get(data);
  if (!all) {
    all = new Float64Array(10 * (data.examples ?? 0) * PIXELS);
    const { levels = 1 } = data;
    const packed = atob(data.digits ?? "");
    for (let k = 0, at = 0; k < packed.length; k++) {
      const value = packed.charCodeAt(k);
      if (value) all[at++] = Math.fround(value / levels);
      else at += packed.charCodeAt(++k); // so many zeros
    }
    unpacked.set(data, all);
  }
  const from = (digit * (data.examples ?? 0) + example) * PIXELS;
  return all.subarray(from, from + PIXELS);
}

/** @param {Data} data */
export function networkOf(data) {
  const bytes = /** @type {DataView} */ (data.weights);
  const known = networks.get(bytes) ?? lenet(bytes);
  networks.set(bytes, known);
  return known;
}

/**
 * A probability with two decimals, never 0 or 1 unless it is.
 *
 * @param {number} p
 */
export function share(p) {
  if (p > 0 && p < 0.005) return "<0.01";
  return p >= 0.995 && p < 1 ? ">0.99" : p.toFixed(2);
}

/** @param {Texts} texts @param {number} digit */
export function article(texts, digit) {
  return fill(texts[digit === 8 ? "one_vowel" : "one"], { digit });
}

/** @param {ArrayLike<number>} values */
export function largestOf(values) {
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k] > values[best]) best = k;
  return best;
}

/**
 * What the net reads and whether it is right, in words.
 *
 * @param {Texts} texts
 * @param {number[]} probabilities
 * @param {number} truth
 */
export function reading(texts, probabilities, truth) {
  const best = largestOf(probabilities);
  const second = largestOf(probabilities.map((p, k) => (k === best ? -1 : p)));
  return fill(texts[best === truth ? "correctly" : "wrongly"], {
    best: article(texts, best),
    p: share(probabilities[best]),
    second,
    q: share(probabilities[second]),
    truth: article(texts, truth),
  });
}
