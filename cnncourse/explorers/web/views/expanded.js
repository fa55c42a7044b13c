/**
 * The same numbers as one convolution: zeros put between the numbers of a source and around them, the kernel turned, a
 * window that moves over all of it, and the border of the result cut off.
 */

import { tints } from "../grid.js";
import { bracketed, fill, indexed, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, gridOf, lettersOf } from "../stages/grids.js";

/**
 * @import { GridData, Pair, Scene, Texts } from "../types.js"
 * @import { Arrange, Arrangement, Draw, Height, Home, PositionOf, Show, Shown } from "../stages/grids.js"
 */

export const roles = ["source", "kernel", "padded", "turned", "lens", "full"];
const TITLE = 26;

/** @type {Height} */
export function height(_width, size) {
  return { small: 396, phone: 424, tablet: 330 }[size] ?? 384;
}

/** @type {Arrange} */
export function arrange(width, size) {
  return onPhone(size) ? arrangePhone(width, size) : arrangeWide(width, size);
}

/** @param {number} width @param {string} size @returns {Arrangement} */
function arrangeWide(width, size) {
  const laptop = size === "laptop",
    tall = height(width, size) - TITLE - 6,
    gap = laptop ? 26 : 16,
    small = laptop ? 120 : 96,
    lens = laptop ? 150 : 110;
  const side = Math.min(tall - 70, (width - small - lens - 3 * gap - 4) / 2),
    middle = 2 + small + side + 2 * gap + lens / 2,
    second = TITLE + small + TITLE + 20;
  return {
    sheets: {
      source: { box: box(2, TITLE, small), left: true },
      kernel: { box: box(2, second, small), left: true },
      padded: { box: box(2 + small + gap, TITLE, side), left: true },
      turned: { box: box(middle - small / 2, TITLE, small), anchor: "middle" },
      lens: { box: box(middle - lens / 2, second, lens), anchor: "middle" },
      full: { box: box(width - 2 - side, TITLE, side), left: true },
    },
    signs: [
      { words: "⋆", x: middle - small / 2 - gap / 2 - 4, y: TITLE + small / 2, look: "star" },
      { words: "=", x: middle + small / 2 + gap / 2 + 4, y: TITLE + small / 2 },
      { name: "caption", x: width - 2 - side / 2, y: TITLE + side + 22, look: "caption" },
      { name: "equation", x: width - 2 - side / 2, y: TITLE + side + 46, look: "equation" },
    ],
  };
}

/** @param {number} width @param {string} size @returns {Arrangement} */
function arrangePhone(width, size) {
  const wide = Math.min(width, 400),
    left = (width - wide) / 2,
    tall = height(width, size),
    third = (wide - 24) / 3,
    small = Math.min(third, size === "phone" ? 108 : 88),
    side = (wide - 14) / 2,
    second = TITLE + small + TITLE,
    last = second + side + TITLE,
    lens = Math.min(tall - last - 6, side);
  return {
    sheets: {
      source: { box: box(left + 1, TITLE, small), left: true },
      kernel: { box: box(left + 13 + third, TITLE, small), left: true },
      turned: { box: box(left + 23 + 2 * third, TITLE, small), left: true },
      padded: { box: box(left + 1, second, side - 1), left: true },
      full: { box: box(left + wide - side, second, side - 1), left: true, short: true },
      lens: { box: box(left + 1, last, lens), left: true },
    },
    signs: [
      { name: "caption", x: left + wide - side / 2, y: last + lens / 2 - 12, look: "caption" },
      { name: "value", x: left + wide - side / 2, y: last + lens / 2 + 12, look: "equation" },
    ],
  };
}

/** @type {Draw} */
export function draw(scene, settings, texts) {
  const [source, kernel, padded, turned, full, output] = ["source", "kernel", "padded", "turned", "full", "output"].map(
    (role) => gridOf(scene, role),
  );
  const named = /** @param {string} name */ (name) =>
    fill(texts.cell, { name: fill(texts.at[name], AT), value: "{value}" });
  const rim = /** @type {Pair} */ ([kernel.values.length - 1, kernel.values[0].length - 1]);
  const border = /** @type {Pair} */ (scene.border ?? [0, 0]);
  const whole = { ...drawingOf(padded, named("padded")), rim }; // cells are counted with the rim
  const result = { ...drawingOf(full, named("full")), rim: border };
  const cut = border.some(Boolean);
  if (settings.counts && output.counts) {
    const uses = full.kinds.map((row, r) =>
      [...row].map((_, c) => output.counts?.[r - border[0]]?.[c - border[1]] ?? null),
    );
    result.texts = uses.map((row) => row.map((n) => (n === null ? "" : text(n))));
    result.looks = tints(uses, "c");
  }
  return {
    source: {
      ...drawingOf(source, named("source")),
      letters: lettersOf(source, (r, c) => indexed(texts.letters.source, r, c)),
    },
    kernel: {
      ...drawingOf(kernel, texts.cell_kernel),
      letters: lettersOf(kernel, (m, n) => indexed("w", m, n)),
    },
    turned: {
      ...drawingOf(turned, texts.cell_kernel),
      letters: lettersOf(turned, (m, n) => turnedLetter(turned, m, n)),
    },
    padded: { ...whole, letters: lettersOf(padded, (r, c) => paddedLetter(padded, r, c, texts)) },
    full: {
      ...result,
      letters:
        settings.counts && output.counts ? undefined : lettersOf(full, (r, c) => resultLetter(scene, r, c, texts)),
      short: full.title,
      title: cut ? fill(texts.both_titles, { full: full.title }) : output.title,
    },
  };
}

/**
 * A weight of the turned kernel in letters: it keeps the name that it has in w.
 *
 * @param {GridData} turned
 * @param {number} m
 * @param {number} n
 */
function turnedLetter({ values }, m, n) {
  return indexed("w", values.length - 1 - m, values[0].length - 1 - n);
}

/**
 * A number of the padded map in letters; the zeros that were put in have none.
 *
 * @param {GridData} padded
 * @param {number} r
 * @param {number} c
 * @param {Texts} texts
 */
function paddedLetter({ kinds }, r, c, texts) {
  const [rows, columns] = numbersIn(kinds);
  return kinds[r][c] === "i" ? indexed(texts.letters.source, rows.indexOf(r), columns.indexOf(c)) : null;
}

/**
 * A number of the result in letters; what is cut off has none.
 *
 * @param {Scene} scene
 * @param {number} r
 * @param {number} c
 * @param {Texts} texts
 */
function resultLetter({ border = [0, 0], output }, r, c, texts) {
  const [p, q] = [r - border[0], c - border[1]],
    [H, W] = output ?? [0, 0];
  return p >= 0 && q >= 0 && p < H && q < W ? indexed(texts.letters.result, p, q) : "";
}

const AT = { i: "{r}", j: "{c}", p: "{r}", q: "{c}" };

/** @type {Home} */
export function home({ position }) {
  return { role: "full", cell: position };
}

/** @type {PositionOf} */
export function positionOf({ role, cell }) {
  return role === "full" ? cell : null;
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  if (role === "full") return showWindow(cell, scene, texts);
  const settled = showWindow(settings.position, scene, texts);
  if (role === "padded") return { ...settled, ...reachedBy(cell, "padded", cell, scene, texts), idle: true };
  if (role === "source") {
    const [rows, columns] = numbersIn(gridOf(scene, "padded").kinds);
    const at = /** @type {Pair} */ ([rows[cell[0]], columns[cell[1]]]);
    return { ...settled, ...reachedBy(at, "source", cell, scene, texts), idle: true };
  }
  const [F_h, F_w] = [gridOf(scene, "kernel").values.length, gridOf(scene, "kernel").values[0].length];
  const other = [F_h - 1 - cell[0], F_w - 1 - cell[1]];
  const [turned, kernel] = role === "kernel" ? [other, cell] : [cell, other];
  const cells = [
    { role: "kernel", at: kernel },
    { role: "turned", at: turned },
    { role: "lens", at: turned },
  ];
  return { ...settled, cells };
}

/**
 * In which rows and columns of the padded map numbers stand, not zeros that were put in.
 *
 * @param {string[]} kinds
 */
function numbersIn(kinds) {
  const rows = [...kinds.keys()].filter((r) => kinds[r].includes("i"));
  return [rows, [...kinds[rows[0]]].flatMap((kind, c) => (kind === "i" ? [c] : []))];
}

/** @param {Pair} cell @param {Scene} scene @param {Texts} texts @returns {Shown} */
function showWindow([r, c], scene, texts) {
  const padded = gridOf(scene, "padded"),
    turned = gridOf(scene, "turned").values;
  const [is, js] = [scene.windows?.[0][r] ?? [], scene.windows?.[1][c] ?? []];
  const pairs = is.map((i, m) => js.map((j, n) => [padded.values[i][j] ?? 0, turned[m][n] ?? 0]));
  const kinds = is.map((i) => js.map((j) => padded.kinds[i][j]).join(""));
  const values = pairs.map((row) => row.map(([a, b]) => a * b));
  const met = pairs.flatMap((row, m) => row.filter((_, n) => kinds[m][n] === "i"));
  const sum = values.flat().reduce((all, one) => all + one, 0);
  const [rows, columns] = numbersIn(padded.kinds);
  const sources = rows.flatMap((row, i) =>
    columns.flatMap((column, j) => (is.includes(row) && js.includes(column) ? [{ role: "source", at: [i, j] }] : [])),
  );
  const size = [is.length, js.length];
  const lens = drawingOf({ role: "lens", title: texts.lens, values, kinds }, "");
  return {
    grids: {
      lens: {
        ...lens,
        notes: pairs.map((row) => row.map(([a, b]) => `${text(a)}·${text(b)}`)),
        letters: lettersOf({ values }, (m, n) => `·${turnedLetter(gridOf(scene, "turned"), m, n)}`),
        above: lettersOf({ values }, (m, n) => paddedLetter(padded, is[m], js[n], texts) ?? "0"),
        label: (m, n) =>
          fill(texts.cell_product, { x: text(pairs[m][n][0]), w: text(pairs[m][n][1]), p: text(values[m][n]) }),
      },
    },
    frames: [
      { role: "padded", at: [is[0], js[0]], size },
      { role: "lens", at: [0, 0], size },
      { role: "full", at: [r, c] },
      { role: "turned", at: [0, 0], size, soft: true },
    ],
    joins: [
      [0, 1],
      [1, 2],
    ],
    cells: sources,
    words: { caption: texts.sum_of, equation: `Σ = ${text(sum)}`, value: `Σ = ${text(sum)}` },
    reading: reading([r, c], met, size[0] * size[1] - met.length, sum, scene, texts),
  };
}

/**
 * @param {Pair} cell
 * @param {number[][]} met the numbers in the window that are no zeros put in, with their weights
 * @param {number} rest how many zeros the window holds
 * @param {number} sum
 * @param {Scene} scene
 * @param {Texts} texts
 */
function reading([r, c], met, rest, sum, scene, texts) {
  const [top, left] = scene.border ?? [0, 0];
  const [H, W] = scene.output ?? [0, 0];
  const [p, q] = [r - top, c - left];
  const kept = p >= 0 && q >= 0 && p < H && q < W;
  const gaps = {
    full: fill(texts.at.full, { p: r, q: c }),
    terms: met.map(([a, b], k) => `${k ? bracketed(a) : text(a)}·${bracketed(b)}`).join(" + "),
    value: text(sum),
    zeros: fill(texts.zeros[Math.min(rest, 2)], { n: rest }),
    end: kept ? fill(texts.at.result, { p, q }) : texts.at.cut,
  };
  return fill(texts[met.length ? "meets" : "meets_none"], gaps);
}

/**
 * @param {Pair} cell of the padded map
 * @param {string} name
 * @param {Pair} named the cell as it is called
 * @param {Scene} scene
 * @param {Texts} texts
 */
function reachedBy([r, c], name, [i, j], scene, texts) {
  const reached = [r, c].map((one, a) => {
    const windows = scene.windows?.[a] ?? [];
    return [...windows.keys()].filter((k) => windows[k].includes(one));
  });
  const span = /** @param {string} axis @param {number[]} cells */ (axis, cells) =>
    fill(texts[axis][Number(cells.length > 1)], { a: cells[0], b: cells[cells.length - 1] });
  const [rows, columns] = numbersIn(gridOf(scene, "padded").kinds);
  const source = [rows.indexOf(r), columns.indexOf(c)];
  return {
    cells: [
      { role: "padded", at: [r, c] },
      ...(source.includes(-1) ? [] : [{ role: "source", at: source }]),
      ...reached[0].flatMap((p) => reached[1].map((q) => ({ role: "full", at: [p, q] }))),
    ],
    reading: fill(texts.padded_reaches, {
      name: fill(texts.at[name], { i, j }),
      value: text(gridOf(scene, "padded").values[r][c]),
      rows: span("row", reached[0]),
      columns: span("column", reached[1]),
    }),
  };
}
