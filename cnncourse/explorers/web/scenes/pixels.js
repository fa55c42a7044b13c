/** The scene of the pixels of a digit: what Python's pixels_of_a_digit.py computes, computed in the page. */

import { article, digitOf, largestOf, networkOf, reading, share } from "../digits.js";
import { DRAWN, ERASED, marksOf, marksWritten } from "../edits.js";
import { probabilitiesOf } from "../network.js";
import { program, sceneWith } from "../scene.js";
import { fill, number } from "../sentences.js";

/** @import { CodeOf, Data, Follow, Pair, SceneOf, Settings, Texts } from "../types.js" */

export const SIDE = 28;
export const LENS = 7;
const FULL = 255;
/** What the net reads of the digits as they were. @type {WeakMap<Data, Record<string, number[]>>} */
const known = new WeakMap();

/**
 * The first row and column of the numbers that are shown around a pixel: it stands in their middle.
 *
 * @param {Pair} position
 * @returns {Pair}
 */
export function lensAt([row, column]) {
  const first = /** @param {number} at */ (at) => Math.min(Math.max(at - (LENS - 1) / 2, 0), SIDE - LENS);
  return [first(row), first(column)];
}

/** @type {SceneOf} */
export function sceneOf(data, { digit, example, changes, position }) {
  const { texts } = data;
  const before = digitOf(data, digit, example);
  const marks = marksOf(changes, SIDE) ?? [];
  const image = before.map((ink, k) => (marks[k] === ERASED ? 0 : marks[k] === DRAWN ? 1 : ink));
  const probabilities = probabilitiesOf(networkOf(data), image),
    unchanged = unchangedOf(data, digit, example);
  const numbers = {
    before,
    image,
    pixels: Array.from(image, (ink) => Math.round(FULL * ink)),
    changed: Array.from(image, (ink, k) => Number(ink !== before[k])),
    unchanged,
    probabilities,
    predicted: largestOf(probabilities),
    truth: digit,
    position: position.map((/** @type {number} */ k) => Math.min(k, SIDE - 1)),
    reading: "",
  };
  numbers.reading = readingOf(texts, numbers, numbers.position);
  const n = numbers.changed.reduce((sum, one) => sum + one, 0),
    best = largestOf(unchanged);
  const gaps = { read: reading(texts, probabilities, digit), n, best: article(texts, best), p: share(unchanged[best]) };
  return sceneWith({
    output: [SIDE, SIDE],
    lines: [fill(texts.count, { ink: numbers.pixels.filter((one) => one > 0).length })],
    sentence: fill(texts[n === 0 ? "whole" : n === 1 ? "changed_one" : "changed"], gaps),
    numbers,
  });
}

/** @param {Data} data @param {number} digit @param {number} example */
function unchangedOf(data, digit, example) {
  const found = known.get(data) ?? {},
    key = `${digit} ${example}`;
  found[key] ??= probabilitiesOf(networkOf(data), digitOf(data, digit, example));
  known.set(data, found);
  return found[key];
}

/**
 * A pixel in words: where it is, its number, and what was done to it.
 *
 * @param {Texts} texts
 * @param {any} numbers
 * @param {number[]} position
 */
export function readingOf(texts, { pixels, before, changed }, [r, c]) {
  const k = r * SIDE + c,
    value = pixels[k];
  const name = changed[k] ? (value ? "drawn" : "rubbed") : value === 0 ? "paper" : value === FULL ? "ink" : "grey";
  return fill(texts[name], {
    r,
    c,
    value,
    old: Math.round(FULL * before[k]),
    percent: number((100 * value) / FULL, 0),
  });
}

/**
 * The changes after a stroke of the tool from one pixel to another.
 *
 * @param {Settings} settings
 * @param {Pair} from
 * @param {Pair} to
 */
export function stroked({ changes, tool, brush }, from, to) {
  const marks = /** @type {string[]} */ (marksOf(changes, SIDE));
  const reach = (Number(brush) - 1) / 2,
    steps = Math.max(1, ...[0, 1].map((axis) => Math.abs(to[axis] - from[axis])));
  for (let step = 0; step <= steps; step++) {
    const [r, c] = [0, 1].map((axis) => Math.round(from[axis] + ((to[axis] - from[axis]) * step) / steps));
    for (let i = Math.max(r - reach, 0); i <= Math.min(r + reach, SIDE - 1); i++)
      for (let j = Math.max(c - reach, 0); j <= Math.min(c + reach, SIDE - 1); j++)
        marks[i * SIDE + j] = tool === "draw" ? DRAWN : ERASED;
  }
  return marksWritten(marks, SIDE);
}

/** Another digit comes without the changes that were made on the one before. @type {Follow} */
export function follow(before, after) {
  const other = ["digit", "example"].some((name) => before[name] !== after[name]);
  return other && before.changes === after.changes ? { ...after, changes: "" } : after;
}

/** A program that changes these pixels and asks the network. @type {CodeOf} */
export function codeOf({ texts }, { digit, example, changes }, library) {
  const edits = (changes ? changes.split("_") : []).map((/** @type {string} */ run) => {
    const [row, columns] = run.slice(1).split(".");
    const [first, last = first] = columns.split("-");
    return fill(texts.code_edit, { row, first, after: Number(last) + 1, value: run[0] === DRAWN ? 1 : 0 });
  });
  return program(texts, library, { digit, example, edits: edits.join("") });
}
