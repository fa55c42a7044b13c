/** δ through pooling: a δ, its window in the map, what the δ gives to the window, and where that lies in ∂E/∂x. */

import { fill, signed, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, gridOf, readersOf } from "../stages/grids.js";

/**
 * @import { Pair, Scene, Settings, Texts } from "../types.js"
 * @import { Arrange, Draw, Height, Home, PositionOf, Show } from "../stages/grids.js"
 */

export const roles = ["input", "source", "window", "share", "output"];
const TITLE = 26;

/** @type {Height} */
export function height(_width, size) {
  return { small: 420, phone: 450, tablet: 340 }[size] ?? 384;
}

/** @type {Arrange} */
export function arrange(width, size) {
  const tall = height(width, size),
    small = onPhone(size),
    wide = small ? Math.min(width, 400) : width,
    left = (width - wide) / 2 + 2,
    end = left + wide - 4;
  if (small) {
    const input = wide * 0.45,
      window = wide * 0.3,
      second = TITLE + input + TITLE + 6,
      output = Math.min(tall - second - 6, wide * 0.6),
      third = (tall - second - 6 - TITLE) / 2;
    return {
      sheets: {
        input: { box: box(left, TITLE, input), left: true },
        window: { box: box(end - window, TITLE, window), left: true, anchor: "end" },
        source: { box: box(left, second, third), left: true, short: true },
        share: { box: box(left, second + third + TITLE, third), left: true },
        output: { box: box(end - output, second, output), left: true },
      },
      signs: [],
    };
  }
  const output = Math.min(tall - TITLE - 6, width * 0.4),
    source = size === "laptop" ? 128 : 112,
    input = Math.min(tall - source - 2 * TITLE - 16, width * 0.27),
    lens = Math.min(size === "laptop" ? 130 : 110, width - output - input - 60);
  const far = end - output,
    middle = left + input + (far - left - input) / 2,
    second = TITLE + input + TITLE + 10;
  return {
    sheets: {
      input: { box: box(left, TITLE, input), left: true },
      source: { box: box(left, second, source), left: true },
      window: { box: box(middle - lens / 2, TITLE, lens), anchor: "middle" },
      share: { box: box(middle - lens / 2, Math.min(second, tall - lens - 6), lens), anchor: "middle" },
      output: { box: box(far, TITLE, output), left: true },
    },
    signs: [],
  };
}

/** @type {Draw} */
export function draw(scene, _settings, texts) {
  return {
    input: drawingOf(gridOf(scene, "input"), texts.cell_input, { templates: { x: texts.cell_lost } }),
    source: { ...drawingOf(gridOf(scene, "source"), texts.cell_source), short: "δ" },
    output: drawingOf(gridOf(scene, "output"), texts.cell_output, { templates: { x: texts.cell_none } }),
  };
}

/** @type {Home} */
export function home({ position }) {
  return { role: "source", cell: position };
}

/** @type {PositionOf} */
export function positionOf({ role, cell }) {
  return role === "source" ? cell : null;
}

/**
 * What a δ gives to each cell of its window.
 *
 * @param {Scene} scene
 * @param {number} i
 * @param {number} j
 * @param {number} size
 */
function sharesOf(scene, i, j, size) {
  const value = gridOf(scene, "source").values[i][j] ?? 0;
  const winner = scene.winners?.[i][j];
  return Array.from({ length: size }, (_, m) =>
    Array.from({ length: size }, (_, n) =>
      winner === undefined ? value / size ** 2 : m * size + n === winner ? value : 0,
    ),
  );
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  const [i, j] = role === "source" ? cell : settings.position,
    { size } = settings;
  const input = gridOf(scene, "input").values;
  const is = scene.rows[i],
    js = scene.columns[j];
  const values = is.map((r) => js.map((c) => input[r][c] ?? 0)),
    shares = sharesOf(scene, i, j, size),
    kinds = values.map((row) => "i".repeat(row.length));
  const winner = scene.winners?.[i][j];
  const won = winner === undefined ? null : [Math.floor(winner / size), winner % size];
  const placed = /** @param {string} template @param {number[][]} numbers */ (template, numbers) => ({
    label: /** @param {number} m @param {number} n */ (m, n) =>
      fill(template, { r: is[m], c: js[n], value: text(numbers[m][n]) }),
  });
  const drawn = /** @param {string} name @param {number[][]} numbers */ (name, numbers) => ({
    ...drawingOf({ role: name, title: texts[name], values: numbers, kinds }, ""),
    ...placed(texts[`cell_${name}`], numbers),
  });
  const whole = [size, size];
  const shown = {
    grids: { window: drawn("window", values), share: drawn("share", shares) },
    frames: [
      { role: "source", at: [i, j] },
      { role: "share", at: [0, 0], size: whole },
      { role: "output", at: [is[0], js[0]], size: whole },
      { role: "input", at: [is[0], js[0]], size: whole },
      { role: "window", at: [0, 0], size: whole },
    ],
    joins: /** @type {[number, number][]} */ ([
      [0, 1],
      [1, 2],
      [3, 4],
    ]),
    cells: won
      ? [
          { role: "window", at: won },
          { role: "share", at: won },
          { role: "output", at: [is[won[0]], js[won[1]]] },
        ]
      : [],
    reading: given(scene, [i, j], values, won, settings, texts),
  };
  if (role !== "input" && role !== "output") return shown;
  return { ...shown, ...gotten(scene, cell, size, texts), idle: true };
}

/**
 * @param {Scene} scene
 * @param {number[]} source
 * @param {number[][]} values of the window
 * @param {number[] | null} won
 * @param {Settings} settings
 * @param {Texts} texts
 */
function given(scene, [i, j], values, won, { size }, texts) {
  const value = gridOf(scene, "source").values[i][j] ?? 0;
  const gaps = { i, j, value: text(value), n: size ** 2, share: text(value / size ** 2) };
  if (!won) return fill(texts.gives_mean, gaps);
  const largest = values[won[0]][won[1]];
  const many = values.flat().filter((x) => x === largest).length;
  const place = { x: text(largest), many, r: scene.rows[i][won[0]], c: scene.columns[j][won[1]] };
  return fill(texts[many > 1 ? "gives_tie" : "gives_max"], { ...gaps, ...place });
}

/**
 * From which δ a number of the map gets something.
 *
 * @param {Scene} scene
 * @param {Pair} cell
 * @param {number} size
 * @param {Texts} texts
 */
function gotten(scene, [r, c], size, texts) {
  const readers = readersOf(scene, [r, c]);
  const givers = readers.filter(
    ([i, j]) => !scene.winners || scene.winners[i][j] === scene.rows[i].indexOf(r) * size + scene.columns[j].indexOf(c),
  );
  const terms = givers.map(([i, j]) => (gridOf(scene, "source").values[i][j] ?? 0) / (scene.winners ? 1 : size ** 2));
  const gaps = {
    ...{ r, c, x: text(gridOf(scene, "input").values[r][c]) },
    ...{ terms: signed(terms), sum: text(gridOf(scene, "output").values[r][c]) },
  };
  const name = readers.length ? (["gets_none", "gets_one"][givers.length] ?? "gets") : "unread";
  return {
    cells: [
      { role: "input", at: [r, c] },
      { role: "output", at: [r, c] },
      ...givers.map((at) => ({ role: "source", at })),
    ],
    reading: fill(texts[name], gaps),
  };
}
