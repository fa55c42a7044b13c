/** The scene of the training film: what Python's training_film.py reads out of the stored epochs, read in the page. */

import { article, largestOf, share } from "../digits.js";
import { softmax } from "../layers.js";
import { single } from "../network.js";
import { bytesOf, program } from "../scene.js";
import { fill, joined, number } from "../sentences.js";

/**
 * @import { CodeOf, SceneOf, Texts } from "../types.js"
 *
 * @typedef {{how: [string, number, number, number], loss: [number, number][], right: [number, number][],
 *   kernels: string, reach: number, scores: string}} Stored a film as Python sends it
 */

export const EPOCHS = 20;
export const SHOWN = 12; // digits
export const KERNELS = 8;
export const GUESSING = Math.log(10);
const CELLS = 9;
/** @type {WeakMap<Stored, {kernels: Int8Array, scores: Float64Array}>} */
const unpacked = new WeakMap();

/** @param {Stored} film */
function numbersOf(film) {
  const known = unpacked.get(film);
  if (known) return known;
  const halves = new DataView(bytesOf(film.scores).buffer);
  const scores = Float64Array.from({ length: halves.byteLength / 2 }, (_, k) => single(halves.getUint16(2 * k, true)));
  const made = { kernels: new Int8Array(bytesOf(film.kernels).buffer), scores };
  unpacked.set(film, made);
  return made;
}

/** @type {SceneOf} */
export function sceneOf(data, { film, epoch, digit }) {
  const { texts, known } = data;
  /** @type {Stored} */
  const kept = known.films[film];
  const { kernels, scores } = numbersOf(kept);
  const count = KERNELS * CELLS;
  const at = /** @param {number} k */ (k) => kernels.subarray(k * count, (k + 1) * count);
  const now = at(epoch);
  const apart = /** @param {Int8Array} before */ (before) =>
    Math.sqrt(now.reduce((sum, w, k) => sum + (w - before[k]) ** 2, 0));
  const length = Math.sqrt(at(0).reduce((sum, w) => sum + w * w, 0));
  const tens = Array.from({ length: SHOWN }, (_, k) => {
    const from = (epoch * SHOWN + k) * 10;
    return softmax(scores.subarray(from, from + 10)).probabilities;
  });
  const loss = kept.loss.slice(0, epoch + 1);
  const ten = tens[digit],
    truth = known.labels[digit];
  const numbers = {
    film,
    epoch,
    digit,
    loss: loss.flat(),
    right: kept.right[epoch],
    kernels: Float64Array.from(now, (w) => (w / 127) * kept.reach),
    begin: Float64Array.from(at(0), (w) => (w / 127) * kept.reach),
    reach: kept.reach,
    probabilities: tens.flat(),
    reads: tens.map(largestOf),
    ten,
    truth,
    top: Math.max(...kept.loss.flat()) > 2.5 ? 4.5 : 2.5,
    reading: readingOf(texts, ten, truth, digit),
  };
  const [train, validation] = loss[epoch].map((one) => number(one, 3));
  const percent = /** @param {Int8Array} before */ (before) => number((100 * apart(before)) / length, 0);
  const moved = { moved: percent(at(0)), step: percent(at(Math.max(epoch - 1, 0))) };
  const lines = [fill(texts.losses, { train, validation }), fill(texts.moved, moved)];
  const [how, , total] = kept.how,
    [right, val] = kept.right[epoch];
  const counts = fill(texts.counts, { epoch, how, right: number(right), count: number(total), val });
  const sentence = joined([counts, seen(texts, loss)]).trim();
  return { output: [1, SHOWN], grids: [], rows: [], columns: [], lines, sentence, message: "", numbers };
}

/** @param {Texts} texts @param {number[]} ten @param {number} truth @param {number} digit */
function readingOf(texts, ten, truth, digit) {
  const best = largestOf(ten),
    second = largestOf(ten.map((p, k) => (k === best ? -1 : p)));
  return fill(texts.reading, {
    k: digit + 1,
    truth: article(texts, truth),
    best: article(texts, best),
    p: share(ten[best]),
    second: article(texts, second),
    q: share(ten[second]),
  });
}

/** @param {Texts} texts @param {[number, number][]} losses */
function seen(texts, losses) {
  const before = losses.slice(0, -1),
    [train, validation] = losses[losses.length - 1];
  if (!before.length) return texts.fresh;
  if (Math.abs(train - GUESSING) < 0.05) return texts.guess;
  if (train < 0.2 && validation > train + 0.3) return texts.parted;
  const best = largestOf(losses.map(([, one]) => -one)),
    low = losses[best][1];
  if (validation > 1.5 * low) return fill(texts.rose, { best, low: number(low, 2) });
  return before.every(([a, b]) => train < a && validation < b) ? texts.lowest : "";
}

/** A program that trains the network so far. @type {CodeOf} */
export function codeOf({ texts, known }, { film, epoch }, library) {
  const [, rate, count, batch] = known.films[film].how;
  return program(texts, library, { rate, count, batch, epoch });
}
