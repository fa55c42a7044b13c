/** Pooling: a window on a map, a lens on what it reads, and its largest number or its mean. */

import { bracketed, fill, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, gridOf, readersOf } from "../stages/grids.js";

/**
 * @import { Pair, Scene, Settings, Texts } from "../types.js"
 * @import { Arrange, Draw, Height, Show } from "../stages/grids.js"
 */

export const roles = ["input", "window", "output"];
const TITLE = 26;

/** @type {Height} */
export function height(_width, size) {
  return { small: 396, phone: 446, tablet: 316 }[size] ?? 376;
}

/** @type {Arrange} */
export function arrange(width, size) {
  const tall = height(width, size);
  if (onPhone(size)) {
    const wide = Math.min(width, 400),
      left = (width - wide) / 2,
      big = Math.min(240, wide * 0.68, tall - 190),
      second = TITLE + big + TITLE + 12,
      lens = Math.min(tall - second - 6, wide * 0.4),
      output = Math.min(tall - second - 6, wide - lens - 50);
    return {
      sheets: {
        input: { box: box(left + 1, TITLE, big), left: true },
        window: { box: box(left + 1, second, lens), left: true },
        output: { box: box(left + wide - output - 1, second, output), left: true },
      },
      signs: [
        { name: "operation", x: left + lens + (wide - lens - output) / 2, y: second + lens / 2, look: "caption" },
        { name: "caption", x: left + big + 16, y: TITLE + big / 2 - 14, look: "caption", anchor: "start" },
        { name: "value", x: left + big + 16, y: TITLE + big / 2 + 10, look: "equation", anchor: "start" },
      ],
    };
  }
  const side = Math.min(tall - TITLE - 6, width * 0.42),
    lens = size === "laptop" ? 150 : 110,
    output = Math.min(size === "laptop" ? 258 : 190, width - side - lens - 130);
  const middle = 2 + side + (width - 4 - side - output) / 2,
    top = TITLE + (side - lens) / 2,
    end = width - 2 - output;
  return {
    sheets: {
      input: { box: box(2, TITLE, side), left: true },
      window: { box: box(middle - lens / 2, top, lens) },
      output: { box: box(end, TITLE, output), left: true },
    },
    signs: [
      { name: "operation", x: middle + lens / 2 + (end - middle - lens / 2) / 2, y: top + lens / 2, look: "caption" },
      { name: "caption", x: end + output / 2, y: TITLE + output + 24, look: "caption" },
      { name: "equation", x: end + output / 2, y: TITLE + output + 48, look: "equation" },
    ],
  };
}

/** @type {Draw} */
export function draw(scene, { padding }, texts) {
  const rim = /** @type {Pair} */ ([padding, padding]);
  const templates = { p: texts.cell_padding, x: texts.cell_lost };
  return {
    input: drawingOf(gridOf(scene, "input"), texts.cell_input, { rim, templates }),
    output: drawingOf(gridOf(scene, "output"), texts.cell_output),
  };
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  const output = role === "output" ? cell : settings.position;
  const [r, c] = output,
    { padding, size } = settings;
  const input = gridOf(scene, "input");
  const is = scene.rows[r],
    js = scene.columns[c];
  const values = is.map((i) => js.map((j) => input.values[i][j])),
    kinds = is.map((i) => js.map((j) => input.kinds[i][j]).join(""));
  const value = text(gridOf(scene, "output").values[r][c]);
  const chosen = scene.winners?.[r][c];
  const winner = chosen === undefined ? null : [Math.floor(chosen / size), chosen % size];
  const place = /** @param {number[]} at */ ([m, n]) => ({ r: text(is[m] - padding), c: text(js[n] - padding) });
  const numbers = values.flat(),
    sum = numbers.reduce((/** @type {number} */ all, x) => all + (x ?? 0), 0);
  const many = numbers.filter((x) => x !== null && x === Math.max(...numbers.map((y) => y ?? -Infinity))).length;
  const gaps = {
    r,
    c,
    value,
    n: numbers.length,
    sum: text(sum),
    terms: numbers.map((x) => bracketed(x ?? 0)).join(" + "),
  };
  const reading = winner
    ? fill(texts[many > 1 ? "reading_tie" : "reading_max"], { ...gaps, many, ...named(place(winner)) })
    : fill(texts.reading_mean, gaps);
  const shown = {
    grids: {
      window: {
        ...drawingOf({ role: "window", title: texts.window, values, kinds }, texts.cell_window, {
          full: Math.max(4, ...input.values.flat().map((x) => Math.abs(x ?? 0))),
        }),
        label: /** @param {number} m @param {number} n */ (m, n) =>
          fill(texts.cell_window, { ...place([m, n]), value: text(values[m][n]) }),
      },
    },
    frames: [
      { role: "input", at: [is[0], js[0]], size: [size, size] },
      { role: "window", at: [0, 0], size: [size, size] },
      { role: "output", at: output },
    ],
    joins: /** @type {[number, number][]} */ ([
      [0, 1],
      [1, 2],
    ]),
    cells: winner
      ? [
          { role: "window", at: winner },
          { role: "input", at: [is[winner[0]], js[winner[1]]] },
        ]
      : [],
    words: {
      operation: texts[`operation_${scene.pool}`],
      caption: fill(texts[winner ? "largest" : "mean"], gaps),
      value,
      equation: winner ? value : `${text(sum)} / ${numbers.length} = ${value}`,
    },
    reading,
  };
  if (role === "output") return shown;
  if (role === "window") {
    const [m, n] = cell;
    const at = { role: "input", at: [is[m], js[n]] };
    const took = winner && String(winner) === String(cell);
    const told = { ...place(cell), value: text(values[m][n]), n: numbers.length };
    return {
      ...shown,
      cells: [at, { role: "window", at: cell }],
      reading: fill(texts[winner ? (took ? "taken" : "passed") : "shared"], told),
    };
  }
  return { ...shown, ...reached(cell, scene, settings, texts), idle: true };
}

/** @param {{r: string, c: string}} place */
function named({ r, c }) {
  return { i: r, j: c };
}

/** @param {Pair} cell @param {Scene} scene @param {Settings} settings @param {Texts} texts */
function reached([r, c], scene, { padding, size }, texts) {
  const outputs = readersOf(scene, [r, c]);
  const wins = outputs.filter(
    ([i, j]) => scene.winners?.[i][j] === scene.rows[i].indexOf(r) * size + scene.columns[j].indexOf(c),
  ).length;
  const kind = gridOf(scene, "input").kinds[r][c];
  const place = fill(texts[kind === "p" ? "at_padding" : "at_input"], { r: text(r - padding), c: text(c - padding) });
  const name = ["reads_none", "reads_one"][outputs.length] ?? "reads_many";
  const said = fill(texts[name], { cell: place, n: outputs.length });
  return {
    cells: [{ role: "input", at: [r, c] }, ...outputs.map((at) => ({ role: "output", at }))],
    reading: scene.winners && outputs.length ? said + fill(texts.wins, { n: wins }) : said,
  };
}
