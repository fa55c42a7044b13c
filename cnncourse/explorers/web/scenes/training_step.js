/** The scene of the training step: what Python's training_step.py computes, computed in the page. */

import { program } from "../scene.js";
import { fill, joined } from "../sentences.js";
import { backward, equals, forward, imageOf, labelOf, less, made, readingOf, shown, updated } from "../small_net.js";

/**
 * @import { CodeOf, Data, SceneOf, Settings, Texts } from "../types.js"
 * @import { Cell, Values } from "../small_net.js"
 */

/** @type {WeakMap<Data, Cell[]>} */
const cells = new WeakMap();

/**
 * Every number of the network, forward and backward.
 *
 * @param {Data} data
 * @returns {Cell[]}
 */
export function cellsOf(data) {
  const known = cells.get(data);
  if (known) return known;
  const all = Object.entries(data.shapes ?? {}).flatMap(([name, [rows, columns]]) =>
    Array.from({ length: rows * columns }, (_, k) => {
      return /** @type {Cell} */ ([name, Math.floor(k / columns), k % columns]);
    }),
  );
  cells.set(data, all);
  return all;
}

/**
 * The name of a number: its grid, row and column.
 *
 * @param {Cell} cell
 */
export function knownAs([name, r, c]) {
  return `${name}_${r}${c}`;
}

/** @type {WeakMap<Data, {key: string, path: {parameters: Values[], losses: number[]}}>} */
const paths = new WeakMap();

/**
 * The parameters before each step, the first to the last and one more, and E at each.
 *
 * @param {Data} data
 * @param {Settings} settings
 */
export function pathOf(data, { rate, image, label, start }) {
  const { most = 0, tiny = 0, starts = {} } = data,
    key = [rate, image, label, start].join(" "),
    known = paths.get(data);
  if (known?.key === key) return known.path;
  /** @type {Values[]} */
  const parameters = [starts[start]];
  /** @type {number[]} */
  const losses = [];
  for (let n = 0; n <= most; n++) {
    const truth = labelOf(data, image, label, n);
    const v = forward(imageOf(data, image, n), parameters[n], truth, tiny);
    losses.push(v.E[0][0]);
    parameters.push(updated(parameters[n], backward(v, truth, tiny), rate));
  }
  const path = { parameters, losses };
  paths.set(data, { key, path });
  return path;
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts, tiny = 0 } = data,
    { rate, steps, image, label, letters, look } = settings;
  const { parameters, losses } = pathOf(data, settings);
  const truth = labelOf(data, image, label, steps);
  const passed = forward(imageOf(data, image, steps), parameters[steps], truth, tiny);
  const v = { ...passed, ...backward(passed, truth, tiny) };
  const all = cellsOf(data);
  const cell = all.find((one) => knownAs(one) === look) ?? all[0];
  const how = made(v, truth, cell, tiny);
  const numbers = {
    ...Object.fromEntries(Object.entries(v).map(([name, grid]) => [name, grid.flat()])),
    values: v,
    E: v.E[0][0],
    label: truth,
    losses: losses.slice(0, steps + 1),
    top: Math.max(...losses),
    look: cell,
    reading: readingOf(texts, v, how, rate, cell, letters),
    sources: how.sources,
    get targets() {
      return targetsOf(data, v, truth, cell);
    },
  };
  const lines = [
    fill(texts.now, { p: less(texts, v.p, truth), E: shown(numbers.E) }),
    fill(texts.rule, { rate: shown(rate) }),
  ];
  const sentence = sentenceOf(data, settings, v, truth, parameters[steps + 1]);
  return { output: [2, 1], grids: [], rows: [], columns: [], lines, sentence, message: "", numbers };
}

/**
 * The cells that the number in a cell helps to make.
 *
 * @param {Data} data
 * @param {Values} v
 * @param {number} truth
 * @param {Cell} cell
 */
export function targetsOf(data, v, truth, [name, r, c]) {
  const among = /** @param {Cell} other */ (other) =>
    made(v, truth, other, data.tiny ?? 0).sources.some(([one, i, j]) => one === name && i === r && j === c);
  return cellsOf(data).filter(among);
}

/**
 * @param {Data} data
 * @param {Settings} settings
 * @param {Values} v
 * @param {number} truth
 * @param {Values} after
 */
function sentenceOf(data, { steps, image, label }, v, truth, after) {
  const { texts, tiny = 0, images = {} } = data;
  const loss = /** @param {Values} parameters @param {number} n */ (parameters, n) =>
    shown(forward(imageOf(data, image, n), parameters, labelOf(data, image, label, n), tiny).E[0][0]);
  const before = Object.fromEntries(Object.keys(after).map((name) => [name, v[name]]));
  const gaps = {
    E: loss(before, steps),
    next: loss(after, steps),
    other: loss(before, steps + 1),
    other_next: loss(after, steps + 1),
  };
  const turn = images[image].length > 1;
  const name = steps === 0 ? "before" : steps === 1 ? "after_one" : "after";
  const then = turn ? "next_turn" : gaps.E === gaps.next ? "still" : "next";
  const p = shown(v.p[truth][0]);
  const said = [
    fill(texts[name], { label: truth, p: p === "1" ? texts.nearly : p, n: steps }),
    fill(texts[then], gaps),
  ];
  return joined([...said, ...remarks(texts, v, tiny)]);
}

/**
 * What is worth a word: maps without a number above 0, kernels that stay equal, ties.
 *
 * @param {Texts} texts
 * @param {Values} v
 * @param {number} tiny
 * @returns {string[]}
 */
function remarks(texts, v, tiny) {
  const dead = [0, 1].filter((k) => !v[`net${k}`].flat().some((net) => net > tiny));
  if (dead.length === 2) return [texts.dead_both];
  if (dead.length) return [fill(texts.dead, { k: dead[0] })];
  const same = /** @param {string} name */ (name) =>
    v[`${name}0`].flat().every((value, n) => Math.abs(value - v[`${name}1`].flat()[n]) < tiny);
  if (["w", "wb", "d_w", "d_wb"].every(same)) return [texts.alike];
  const windows = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n >> 2, (n >> 1) & 1, n & 1]);
  const ties = windows.filter(([k, r, c]) => v[`y${k}`][r][c] > tiny && equals(v, k, r, c, tiny) > 1).length;
  return ties ? [fill(texts[ties === 1 ? "tie" : "ties"], { n: ties })] : [];
}

/** A program that takes the steps of these settings. @type {CodeOf} */
export function codeOf(data, { rate, steps, image, label, start }, library) {
  const { texts, images = {}, starts = {} } = data,
    given = starts[start];
  const square = /** @param {string} name */ (name) => given[name];
  const flat = /** @param {string} name */ (name) => given[name].flat();
  /** @type {[string, unknown][]} */
  const layers = [
    ["0.weight", [0, 1].map((k) => [square(`w${k}`)])],
    ["0.bias", [0, 1].map((k) => flat(`wb${k}`)[0])],
    ["4.weight", [0, 1].map((u) => [...flat(`W${u}0`), ...flat(`W${u}1`)])],
    ["4.bias", flat("b")],
  ];
  const lines = layers.map(([name, values]) => {
    return `    "${name}": ${fill(texts[`array_${library}`], { values: python(values) })},\n`;
  });
  return program(texts, library, {
    x: python(images[image].map((one) => one.flat())),
    labels: python(images[image].map((_, n) => labelOf(data, image, label, n))),
    start: `{\n${lines.join("")}}`,
    rate,
    steps,
  });
}

/** @param {unknown} values @returns {string} */
function python(values) {
  return Array.isArray(values) ? `[${values.map(python).join(", ")}]` : String(values);
}
