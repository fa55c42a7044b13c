/** The scene of the canvas of digits: what Python's canvas_of_digits.py computes, computed in the page. */

import { article, largestOf, networkOf, share } from "../digits.js";
import { softmax } from "../layers.js";
import { slid } from "../network.js";
import { program, sceneWith } from "../scene.js";
import { fill, joined, number } from "../sentences.js";

/**
 * @import { CodeOf, Data, Scene, SceneOf, Settings, Texts } from "../types.js"
 *
 * @typedef {{slot: number, digit: number, row: number, column: number}} Placed a digit on the canvas
 */

const RING = 2; // px of padding
const MIDDLE = 2; // where a digit begins that is in the middle of window 0
const SURE = 0.9;
const NEAR = 2;
export const ROWS = 48;
export const COLUMNS = 104;
export const HIGH = ROWS + 2 * RING;
export const WIDE = COLUMNS + 2 * RING;
export const SIDE = 24; // of a digit
export const WINDOW = 32;
export const STEP = 4;
export const PLACES = [6, 20];
/** @type {WeakMap<Data, Float64Array[]>} */
const enlarged = new WeakMap();

/**
 * The digits that are on the canvas.
 *
 * @param {Settings} settings
 * @returns {Placed[]}
 */
export function placed(settings) {
  return [1, 2, 3, 4]
    .filter((k) => settings[`digit_${k}`] !== "none")
    .map((k) => ({
      slot: k,
      digit: Number(settings[`digit_${k}`]),
      row: settings[`row_${k}`],
      column: settings[`column_${k}`],
    }));
}

/**
 * Ten digits of 8×8 pixels stretched to 20×20, linear in between, with two empty pixels on each side.
 *
 * @param {Data} data
 */
function knownDigits(data) {
  const found = enlarged.get(data);
  if (found) return found;
  const [to, size] = [SIDE - 4, 8];
  const weights = Array.from({ length: to }, (_, i) => {
    const middle = Math.min(Math.max((i + 0.5) * (size / to) - 0.5, 0), size - 1);
    return Array.from({ length: size }, (_, k) => Math.max(0, 1 - Math.abs(middle - k)));
  });
  const made = data.known.pixels.map((/** @type {number[]} */ pixels) => {
    const image = new Float64Array(SIDE * SIDE);
    for (let i = 0; i < to; i++) {
      for (let j = 0; j < to; j++) {
        let sum = 0;
        for (let r = 0; r < size; r++)
          for (let c = 0; c < size; c++) sum += (weights[i][r] * weights[j][c] * pixels[size * r + c]) / 16;
        image[(i + 2) * SIDE + j + 2] = Math.fround(sum);
      }
    }
    return image;
  });
  enlarged.set(data, made);
  return made;
}

/** @param {Data} data @param {Placed[]} shown */
function canvasOf(data, shown) {
  const canvas = new Float64Array(HIGH * WIDE);
  for (const { digit, row, column } of shown) {
    const image = knownDigits(data)[digit];
    for (let i = 0; i < SIDE; i++) {
      const from = (row + RING + i) * WIDE + column + RING;
      for (let j = 0; j < SIDE; j++) canvas[from + j] = Math.max(canvas[from + j], image[i * SIDE + j]);
    }
  }
  return canvas;
}

/** @param {Placed[]} shown @param {number} row @param {number} column */
function inTheMiddle(shown, row, column) {
  let [truth, least] = [-1, NEAR + 1];
  for (const one of shown) {
    const far = Math.max(Math.abs(one.row - MIDDLE - STEP * row), Math.abs(one.column - MIDDLE - STEP * column));
    if (far < least) [truth, least] = [one.digit, far];
  }
  return truth;
}

/**
 * The window whose middle is nearest to that of a digit; of two, the later one.
 *
 * @param {Placed} digit
 */
function nearest({ row, column }) {
  const [i, j] = [row, column].map((at, axis) =>
    Math.min(Math.max(Math.floor((at - MIDDLE + STEP / 2) / STEP), 0), PLACES[axis] - 1),
  );
  return i * PLACES[1] + j;
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts, work: [once, each] = [1, 1] } = data;
  const shown = placed(settings);
  const canvas = canvasOf(data, shown);
  const scores = slid(networkOf(data), canvas, HIGH, WIDE).values;
  const n = PLACES[0] * PLACES[1];
  const probabilities = new Float64Array(10 * n),
    classes = new Uint8Array(n),
    surety = new Float64Array(n);
  for (let at = 0; at < n; at++) {
    const ten = softmax(Float64Array.from({ length: 10 }, (_, k) => scores[k * n + at])).probabilities;
    for (const [k, p] of ten.entries()) probabilities[k * n + at] = p;
    classes[at] = largestOf(ten);
    surety[at] = ten[classes[at]];
  }
  const { map } = settings;
  const numbers = {
    placed: shown,
    canvas,
    scores,
    probabilities,
    classes,
    surety,
    map,
    shown: map === "best" ? surety : probabilities.subarray(Number(map) * n, (Number(map) + 1) * n),
    once,
    each,
  };
  const counts = { n, each: number(each), all: number(n * each), ratio: number((n * each) / once) };
  const scene = sceneWith({
    output: PLACES,
    lines: [fill(texts.once, { once: number(once) }), fill(texts.each, counts)],
    sentence: sentenceOf(texts, shown, numbers),
    numbers,
  });
  Object.assign(numbers, lookedAt(data, scene, settings.position));
  return scene;
}

/**
 * What there is to say of one window: what it sees, what comes of it cut out and read alone, and ten probabilities.
 *
 * @param {Data} data
 * @param {Scene} scene
 * @param {number[]} position
 */
export function lookedAt(data, scene, position) {
  const { texts } = data,
    { numbers } = scene;
  const [i, j] = position.map((k, axis) => Math.min(k, PLACES[axis] - 1));
  const n = PLACES[0] * PLACES[1],
    at = i * PLACES[1] + j;
  const window = new Float64Array(WINDOW * WINDOW);
  for (let r = 0; r < WINDOW; r++) {
    const from = (STEP * i + r) * WIDE + STEP * j;
    window.set(numbers.canvas.subarray(from, from + WINDOW), r * WINDOW);
  }
  const cropped = slid(networkOf(data), window, WINDOW, WINDOW).values;
  const ten = Array.from({ length: 10 }, (_, k) => numbers.probabilities[k * n + at]);
  const best = largestOf(ten),
    second = largestOf(ten.map((p, k) => (k === best ? -1 : p)));
  const reading = fill(texts.reading, {
    r: i,
    c: j,
    best: article(texts, best),
    p: share(ten[best]),
    second: article(texts, second),
    q: share(ten[second]),
    slid: number(numbers.scores[best * n + at], 2),
    cropped: number(cropped[best], 2),
  });
  return { position: [i, j], window, cropped, ten, truth: inTheMiddle(numbers.placed, i, j), reading };
}

/**
 * @param {Texts} texts
 * @param {Placed[]} shown
 * @param {{classes: Uint8Array, surety: Float64Array}} numbers
 */
function sentenceOf(texts, shown, { classes, surety }) {
  const read = /** @param {number} at */ (at) => ({ best: article(texts, classes[at]), p: share(surety[at]) });
  if (!shown.length) return fill(texts.empty, read(0));
  const reads = shown.map((one) => fill(texts.read, { digit: article(texts, one.digit), ...read(nearest(one)) }));
  let [sure, middle] = [0, 0];
  for (const [at, p] of surety.entries()) {
    if (p >= SURE) sure++;
    if (inTheMiddle(shown, Math.floor(at / PLACES[1]), at % PLACES[1]) >= 0) middle++;
  }
  const told = fill(texts.sure, { sure, n: surety.length, middle });
  return joined([fill(texts.reads, { list: reads.join(texts.and) }), told]);
}

/** A program that reads this canvas. @type {CodeOf} */
export function codeOf({ texts, known }, settings, library) {
  const list = placed(settings).map(({ digit, row, column }) => `(${known.which[digit]}, ${row}, ${column})`);
  return program(texts, library, { placed: list.join(", ") });
}
