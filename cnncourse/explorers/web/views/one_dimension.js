/** Convolution in one dimension: A, B as it lies on it, the products, and the result, one below the other. */

import { tints } from "../grid.js";
import { bracketed, fill, indexed, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, fullOf, gridOf, lettersOf } from "../stages/grids.js";

/**
 * @import { Scene, Settings, Texts } from "../types.js"
 * @import { Arrange, Draw, Drawing, Height, Sheet, Show } from "../stages/grids.js"
 */

export const roles = ["kernel", "input", "turned", "products", "output"];
const TITLE = 26;
const MOST = 40; // px of a cell

/** @type {Height} */
export function height(_width, size) {
  return onPhone(size) ? 296 : 352;
}

/** @type {Arrange} */
export function arrange(width, size, scene) {
  const small = onPhone(size),
    count = gridOf(scene, "input").values[0].length,
    F = gridOf(scene, "kernel").values[0].length;
  const cell = Math.min(small ? 30 : MOST, (width - 4) / Math.max(count, 10)),
    left = Math.max(2, (width - cell * count) / 2),
    line = small ? 59 : 70;
  // The result stands under the middle of the windows it comes from.
  const outputs = gridOf(scene, "output").values[0].length,
    shift = ((F - 1) * cell) / 2;
  /** @type {Record<string, Sheet>} */
  const sheets = {};
  for (const [k, role] of roles.entries()) {
    const cells = { kernel: F, output: outputs }[role] ?? count;
    const x = left + (role === "output" || role === "kernel" ? shift : 0);
    sheets[role] = { box: box(role === "kernel" ? left : x, TITLE + k * line, cells * cell, cell), left: true };
  }
  return { sheets, signs: [] };
}

/** @type {Draw} */
export function draw(scene, settings, texts) {
  const full = fullOf(scene.grids.filter(({ role }) => role !== "output"));
  const rim = scene.before ?? 0,
    first = scene.first ?? 0;
  const input = gridOf(scene, "input"),
    output = gridOf(scene, "output");
  const labelled = /** @param {Drawing} drawing @param {(c: number) => string} label */ (drawing, label) => ({
    ...drawing,
    label: /** @param {number} _r @param {number} c */ (_r, c) => label(c),
  });
  return {
    kernel: {
      ...drawingOf(gridOf(scene, "kernel"), texts.cell_kernel, { full }),
      letters: lettersOf(gridOf(scene, "kernel"), (_, c) => indexed("B", c)),
    },
    input: {
      ...labelled(drawingOf(input, "", { full }), (c) =>
        fill(input.kinds[0][c] === "p" ? texts.cell_padding : texts.cell_input, {
          c: text(c - rim),
          value: text(input.values[0][c]),
        }),
      ),
      letters: lettersOf(input, (_, c) => letterOfA(c, scene)),
    },
    output: {
      ...labelled(drawingOf(output, ""), (c) =>
        fill(texts.cell_output, {
          result: nameOf(settings, texts),
          c: text(c + first),
          value: text(output.values[0][c]),
        }),
      ),
      letters: [output.values[0].map((_, c) => `s=${text(c + first)}`)],
    },
  };
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  const place = role === "output" ? cell[1] : settings.position[1];
  const input = gridOf(scene, "input").values[0],
    weights = scene.turned ?? [],
    F = weights.length,
    turn = settings.way === "convolution";
  const full = fullOf(scene.grids.filter(({ role }) => role !== "output"));
  const on = input.map((_, c) => (c >= place && c < place + F ? weights[c - place] : null));
  const products = on.map((w, c) => (w === null ? null : w * (input[c] ?? 0)));
  const strip = /** @param {string} title @param {(number | null)[]} values @param {string} template */ (
    title,
    values,
    template,
  ) => ({
    title,
    texts: [values.map((value) => (value === null ? "" : text(value)))],
    looks: tints([values], "p", "n", full),
    label: /** @param {number} _r @param {number} c */ (_r, c) => {
      const number = turn ? F - 1 - (c - place) : c - place;
      return values[c] === null ? texts.cell_empty : fill(template, { c: number, value: text(values[c]) });
    },
  });
  const window = { at: [0, place], size: [1, F] };
  const lies = /** @param {number} c */ (c) => indexed("B", turn ? F - 1 - (c - place) : c - place);
  const row = /** @param {(c: number) => string} letter */ (letter) => [
    on.map((w, c) => (w === null ? "" : letter(c))),
  ];
  const shown = {
    grids: {
      turned: { ...strip(texts[turn ? "turned" : "straight"], on, texts.cell_turned), letters: row(lies) },
      products: {
        ...strip(texts.products, products, texts.cell_products),
        letters: row((c) => `${letterOfA(c, scene) ?? "0"}${lies(c)}`),
      },
    },
    frames: [
      { role: "input", ...window },
      { role: "turned", ...window },
      { role: "products", ...window },
      { role: "output", at: [0, place] },
    ],
    joins: /** @type {[number, number, boolean?][]} */ ([
      [0, 1, true],
      [1, 2, true],
      [2, 3, true],
    ]),
    cells: [],
    reading: sumOf(scene, settings, place, texts),
  };
  if (role === "kernel") return { ...shown, ...metBy(cell[1], scene, settings, place, texts) };
  if (role !== "input") return shown;
  return { ...shown, ...reachedFrom(cell[1], scene, settings, texts), idle: true };
}

/** @param {number} c @param {Scene} scene */
function letterOfA(c, scene) {
  return gridOf(scene, "input").kinds[0][c] === "p" ? null : indexed("A", c - (scene.before ?? 0));
}

/**
 * What the result is called.
 *
 * @param {Settings} settings
 * @param {Texts} texts
 */
function nameOf({ way }, texts) {
  return texts[way === "convolution" ? "output" : "output_correlation"];
}

/**
 * The sum at a place, in the order of A.
 *
 * @param {Scene} scene
 * @param {Settings} settings
 * @param {number} place
 * @param {Texts} texts
 */
function sumOf(scene, settings, place, texts) {
  const { example, way, extent } = settings;
  const { values, kinds } = gridOf(scene, "input");
  const terms = (scene.turned ?? [])
    .map((w, m) => ({ w, c: place + m }))
    .filter(({ c }) => kinds[0][c] !== "p")
    .map(({ w, c }) => `${text(values[0][c])}·${bracketed(w)}`);
  const s = place + (scene.first ?? 0);
  const value = text(gridOf(scene, "output").values[0][place]);
  const dice = example === "dice" && way === "convolution" && extent === "full";
  return fill(texts[dice ? "reading_dice" : "reading"], {
    result: nameOf(settings, texts),
    s: text(s),
    terms: terms.join(" + "),
    value,
    sum: s + 2,
  });
}

/**
 * Where a weight of B lies now.
 *
 * @param {number} k
 * @param {Scene} scene
 * @param {Settings} settings
 * @param {number} place
 * @param {Texts} texts
 */
function metBy(k, scene, { way }, place, texts) {
  const F = (scene.turned ?? []).length,
    c = place + (way === "convolution" ? F - 1 - k : k);
  const { values } = gridOf(scene, "input");
  return {
    cells: ["kernel", "turned", "input"].map((role) => ({ role, at: [0, role === "kernel" ? k : c] })),
    reading: fill(texts.weight, {
      k,
      value: text(gridOf(scene, "kernel").values[0][k]),
      met: text(values[0][c]),
    }),
  };
}

/**
 * Which numbers of the result a number of A is part of.
 *
 * @param {number} c
 * @param {Scene} scene
 * @param {Settings} settings
 * @param {Texts} texts
 */
function reachedFrom(c, scene, settings, texts) {
  const places = [...scene.columns.keys()].filter((place) => scene.columns[place].includes(c));
  const { values, kinds } = gridOf(scene, "input");
  const gaps = {
    k: c - (scene.before ?? 0),
    value: text(values[0][c]),
    n: places.length,
    result: nameOf(settings, texts),
  };
  const name = kinds[0][c] === "p" ? "reaches_zero" : places.length === 1 ? "reaches_one" : "reaches";
  return {
    cells: [{ role: "input", at: [0, c] }, ...places.map((place) => ({ role: "output", at: [0, place] }))],
    reading: fill(texts[name], gaps),
  };
}
