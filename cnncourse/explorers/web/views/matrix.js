/** A convolution as a matrix: a row for each place of the window, a column for each pixel, and one row times the pixels. */

import { bracketed, fill, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, fullOf, gridOf } from "../stages/grids.js";

/**
 * @import { Pair, Place, Scene, Settings } from "../types.js"
 * @import { Arrange, Draw, Height, PositionOf, Show } from "../stages/grids.js"
 */

export const roles = ["input", "kernel", "output", "matrix", "row", "pixels"];
const TITLE = 26;
const SUM = 76; // px from the sum to the row beside it
const CELL = 17.3; // px: in so wide a cell there is room for a number

/** @type {Height} */
export function height(_width, size) {
  return { small: 420, phone: 440, tablet: 350 }[size] ?? 392;
}

/** @type {Arrange} */
export function arrange(width, size, scene) {
  const small = onPhone(size),
    wide = small ? Math.min(width, 400) : width,
    left = (width - wide) / 2 + 2,
    tall = height(width, size),
    strip = small ? 22 : 30,
    last = tall - strip - 6,
    first = last - strip - TITLE;
  const input = small ? wide * 0.33 : size === "laptop" ? 150 : 122,
    kernel = small ? wide * 0.24 : size === "laptop" ? 82 : 70,
    output = small ? wide * 0.27 : size === "laptop" ? 104 : 86,
    gap = small ? (wide - 4 - input - kernel - output) / 2 : 28;
  const second = left + input + gap,
    third = second + kernel + gap,
    far = small ? left : third + output + 34,
    top = small ? TITLE + input + TITLE : TITLE;
  const end = left + wide - 4,
    columns = gridOf(scene, "matrix").values[0].length,
    from = small ? left : Math.min(far, end - CELL * columns), // under the matrix: what joins them crosses no grid
    line = end - from;
  return {
    sheets: {
      input: { box: box(left, TITLE, input), left: true, short: true },
      kernel: { box: box(second, TITLE, kernel), left: true },
      output: { box: box(third, TITLE, output), left: true },
      matrix: { box: box(far, top, end - far, first - TITLE - 4 - top), left: true, short: true },
      row: { box: box(from, first, line, strip), left: true },
      pixels: { box: box(from, last, line, strip), left: true },
    },
    signs: [
      { words: "⋆", x: second - gap / 2, y: TITLE + kernel / 2, look: "star" },
      { words: "=", x: third - gap / 2, y: TITLE + kernel / 2 },
      ...(small
        ? []
        : [
            { name: "caption", x: from - SUM, y: first + 26, look: "caption" },
            { name: "equation", x: from - SUM, y: first + 52, look: "equation" },
          ]),
    ],
  };
}

/** @type {Draw} */
export function draw(scene, { padding, size }, texts) {
  const rim = /** @type {Pair} */ ([padding, padding]);
  const templates = { p: texts.cell_padding, x: texts.cell_lost };
  const [input, kernel, matrix] = ["input", "kernel", "matrix"].map((role) => gridOf(scene, role));
  const pixels = pixelsOf(scene, padding, size);
  const strip = { role: "pixels", title: texts.pixels, values: [pixels], kinds: ["i".repeat(pixels.length)] };
  const table = drawingOf(matrix, texts.cell_matrix, { full: fullOf([kernel]) });
  return {
    input: { ...drawingOf(input, texts.cell_input, { rim, templates }), short: fill(texts.input, { size }) },
    kernel: drawingOf(kernel, texts.cell_kernel),
    output: drawingOf(gridOf(scene, "output"), texts.cell_output),
    matrix: { ...table, short: fill(texts.matrix, { n: matrix.values.length, pixels: pixels.length }) },
    pixels: drawingOf(strip, texts.cell_pixel),
  };
}

/**
 * The pixels in one row, as the matrix meets them.
 *
 * @param {Scene} scene
 * @param {number} padding
 * @param {number} size
 */
function pixelsOf(scene, padding, size) {
  const rows = gridOf(scene, "input").values.slice(padding, padding + size);
  return rows.flatMap((row) => row.slice(padding, padding + size).map((value) => value ?? 0));
}

/** @type {PositionOf} */
export function positionOf({ role, cell: [r, c] }, scene) {
  const across = scene.output?.[1] ?? 1;
  if (role === "output") return [r, c];
  return role === "matrix" ? [Math.floor(r / across), r % across] : null;
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  const across = scene.output?.[1] ?? 1;
  const output =
    role === "output" ? cell : role === "matrix" ? [Math.floor(cell[0] / across), cell[0] % across] : settings.position;
  const [r, c] = output,
    k = r * across + c;
  const matrix = gridOf(scene, "matrix"),
    row = matrix.values[k],
    pixels = pixelsOf(scene, settings.padding, settings.size);
  const held = [...matrix.kinds[k]].flatMap((kind, j) => (kind === "i" ? [j] : []));
  const terms = held.map((j, n) => `${n ? bracketed(pixels[j]) : text(pixels[j])}·${bracketed(row[j] ?? 0)}`);
  const value = text(gridOf(scene, "output").values[r][c]);
  const F = gridOf(scene, "kernel").values.length;
  const strip = {
    role: "row",
    title: fill(texts.row, { k }),
    values: [row],
    kinds: [matrix.kinds[k].replaceAll(".", "i")],
  };
  const shown = {
    grids: { row: drawingOf(strip, texts.cell_row, { full: fullOf([gridOf(scene, "kernel")]) }) },
    frames: [
      { role: "output", at: output },
      { role: "matrix", at: [k, 0], size: [1, row.length] },
      { role: "row", at: [0, 0], size: [1, row.length] },
      { role: "input", at: [scene.rows[r][0], scene.columns[c][0]], size: [F, F] },
    ],
    joins: /** @type {[number, number, boolean?][]} */ ([[1, 2, true]]),
    cells: held.map((j) => ({ role: "pixels", at: [0, j] })),
    words: { caption: texts.times, equation: `Σ = ${value}` },
    reading: fill(texts.reading, { k, r, c, terms: terms.join(" + ") || "0", value }),
  };
  const pixel = pixelAt({ role, cell }, settings);
  if (pixel === null) return shown;
  if (pixel < 0) return { ...shown, cells: [], reading: texts.at_padding };
  const users = matrix.kinds.flatMap((kinds, i) => (kinds[pixel] === "i" ? [i] : []));
  const [p, q] = [Math.floor(pixel / settings.size), pixel % settings.size];
  const readers = users.map((i) => ({ role: "output", at: [Math.floor(i / across), i % across] }));
  const column = [
    { role: "input", at: [p + settings.padding, q + settings.padding] },
    { role: "pixels", at: [0, pixel] },
  ];
  if (role === "matrix")
    return {
      ...shown,
      cells: [...column, { role: "matrix", at: cell }],
      reading: fill(texts[users.includes(k) ? "weight" : "no_weight"], { k, j: pixel, p, q, w: text(row[pixel]) }),
    };
  return {
    ...shown,
    cells: [...column, ...readers, ...users.map((i) => ({ role: "matrix", at: [i, pixel] }))],
    reading: fill(texts[users.length === 1 ? "column_one" : "column"], { j: pixel, p, q, n: users.length }),
    idle: true,
  };
}

/**
 * Which pixel a cell stands for, counted row by row: nothing if it stands for none, less than 0 in the padding.
 *
 * @param {Place} where
 * @param {Settings} settings
 */
function pixelAt({ role, cell: [r, c] }, { padding, size }) {
  if (role === "matrix" || role === "pixels" || role === "row") return c;
  if (role !== "input") return null;
  const [p, q] = [r - padding, c - padding];
  return p >= 0 && q >= 0 && p < size && q < size ? p * size + q : -1;
}
