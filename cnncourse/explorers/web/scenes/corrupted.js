/** The scene of the corruption explorer: what Python's corrupted_digit.py computes, computed in the page. */

import { digitOf, largestOf, networkOf, reading } from "../digits.js";
import { probabilitiesOf } from "../network.js";
import { bytesOf, program } from "../scene.js";
import { fill } from "../sentences.js";

/** @import { CodeOf, Data, Follow, SceneOf, Settings } from "../types.js" */

const SIDE = 28;
const CHANGES = ["down", "right", "rotation", "noise", "thickness"];
/** What a number below 0 is called. @type {Record<string, string>} */
const OPPOSITES = { down: "up", right: "left", thickness: "thinness" };
/** @type {WeakMap<Data, Float32Array>} */
const noises = new WeakMap();

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts, count } = data,
    { digit, example, curve } = settings;
  const before = digitOf(data, digit, example);
  const image = corrupted(data, before, settings);
  const probabilities = probabilitiesOf(networkOf(data), image);
  const [values, right] = /** @type {NonNullable<typeof data.curves>} */ (data.curves)[curve];
  const place = nearest(values, settings[curve]);
  const numbers = {
    before,
    image,
    probabilities,
    truth: digit,
    predicted: largestOf(probabilities),
    values,
    right,
    place,
  };
  const decimals = { noise: 2, thickness: 2 }[/** @type {string} */ (curve)] ?? 0;
  const change = Number(settings[curve]),
    said = change < 0 ? OPPOSITES[curve] : undefined;
  const value = (said ? -change : change).toFixed(decimals).replace("-", "−");
  const line = fill(texts.curves[said ?? curve], { count: count ?? 0, value, right: right[place] });
  const read = reading(texts, probabilities, digit);
  const ways = CHANGES.filter((name) => settings[name]).length;
  const name = !image.some((ink) => ink > 0) ? "nothing_left" : ways > 1 ? "ways" : ways ? "one_way" : "unchanged";
  const sentence = fill(texts[name], { read, n: ways });
  return { output: [SIDE, SIDE], grids: [], rows: [], columns: [], lines: [line], sentence, message: "", numbers };
}

/** @param {number[]} values @param {number} wanted */
export function nearest(values, wanted) {
  return largestOf(values.map((value) => -Math.abs(value - wanted)));
}

/**
 * Strokes thickened, turned, shifted, and last with noise.
 *
 * @param {Data} data
 * @param {Float64Array} x
 * @param {Settings} settings
 */
function corrupted(data, x, { down, right, rotation, noise, thickness }) {
  let image = x;
  if (thickness) image = thicker(image, thickness);
  if (rotation) image = turned(image, rotation);
  image = shifted(image, down, right);
  return noise ? noisy(image, noise, noiseOf(data)) : image;
}

/** @param {Float64Array} x @param {number} pixels */
function thicker(x, pixels) {
  const choose = pixels > 0 ? Math.max : Math.min;
  const whole = Math.floor(Math.abs(pixels)),
    part = Math.abs(pixels) - whole;
  const once = /** @param {Float64Array} image */ (image) =>
    image.map((ink, k) => {
      const [r, c] = [Math.floor(k / SIDE), k % SIDE];
      const around = [
        r > 0 ? image[k - SIDE] : 0,
        r < SIDE - 1 ? image[k + SIDE] : 0,
        c > 0 ? image[k - 1] : 0,
        c < SIDE - 1 ? image[k + 1] : 0,
      ];
      return choose(ink, ...around);
    });
  let now = x;
  for (let k = 0; k < whole; k++) now = once(now);
  if (!part) return now;
  const more = once(now);
  return now.map((ink, k) => (1 - part) * ink + part * more[k]);
}

/**
 * About the middle, interpolated bilinearly; outside is 0.
 *
 * @param {Float64Array} x
 * @param {number} degrees
 */
function turned(x, degrees) {
  const turn = (degrees * Math.PI) / 180,
    cosine = Math.cos(turn),
    sine = Math.sin(turn),
    middle = (SIDE - 1) / 2;
  const at = /** @param {number} r @param {number} c */ (r, c) =>
    r >= 0 && c >= 0 && r < SIDE && c < SIDE ? x[r * SIDE + c] : 0;
  return x.map((_, k) => {
    const [i, j] = [Math.floor(k / SIDE) - middle, (k % SIDE) - middle];
    const [r, c] = [middle + cosine * i + sine * j, middle - sine * i + cosine * j];
    const [top, left] = [Math.floor(r), Math.floor(c)];
    const [v, h] = [r - top, c - left];
    const above = at(top, left) * (1 - h) + at(top, left + 1) * h,
      below = at(top + 1, left) * (1 - h) + at(top + 1, left + 1) * h;
    return above * (1 - v) + below * v;
  });
}

/** @param {Float64Array} x @param {number} down @param {number} right */
function shifted(x, down, right) {
  return x.map((_, k) => {
    const [r, c] = [Math.floor(k / SIDE) - down, (k % SIDE) - right];
    return r >= 0 && c >= 0 && r < SIDE && c < SIDE ? x[r * SIDE + c] : 0;
  });
}

/** @param {Float64Array} x @param {number} deviation @param {Float32Array} noise */
function noisy(x, deviation, noise) {
  return x.map((ink, k) => Math.min(1, Math.max(0, ink + deviation * noise[k])));
}

/** @param {Data} data */
function noiseOf(data) {
  const known = noises.get(data);
  if (known) return known;
  const bytes = bytesOf(data.noise);
  const noise = new Float32Array(bytes.buffer);
  noises.set(data, noise);
  return noise;
}

/** The curve is that of the change that was moved last. @type {Follow} */
export function follow(before, after) {
  const moved = CHANGES.filter((name) => before[name] !== after[name]);
  return moved.length === 1 ? { ...after, curve: moved[0] } : after;
}

/** A program that changes the digit as these settings say and asks the network. @type {CodeOf} */
export function codeOf({ texts }, settings, library) {
  return program(texts, library, settings);
}
