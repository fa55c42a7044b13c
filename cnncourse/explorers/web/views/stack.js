/** A stack of layers: the input, the last map, and between them one row of every map with what a pixel sees of it. */

import { tints } from "../grid.js";
import { below } from "../scenes/receptive_field.js";
import { fill, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { gridOf, readersOf } from "../stages/grids.js";

/**
 * @import { Texts } from "../types.js"
 * @import { Arrange, Draw, Drawing, Height, Sheet, Show } from "../stages/grids.js"
 */

const LEVELS = [5, 4, 3, 2, 1, 0];
export const roles = ["input", "output", ...LEVELS.map((l) => `map${l}`)];
const TITLE = 26;
const FEW = 36; // more cells are not framed one by one
const LABEL = 58; // px before a row for what it is

/** @type {Height} */
export function height(_width, size) {
  return { small: 386, phone: 420, tablet: 330 }[size] ?? 384;
}

/** @type {Arrange} */
export function arrange(width, size, scene) {
  const small = onPhone(size),
    wide = small ? Math.min(width, 400) : width,
    left = (width - wide) / 2 + 2,
    end = left + wide - 4,
    tall = height(width, size);
  const input = small ? wide * 0.6 : Math.min(tall - TITLE - 6, wide * 0.45),
    output = small ? wide * 0.32 : size === "laptop" ? 132 : 108;
  const far = small ? left : left + input + 34,
    top = small ? TITLE + input + TITLE + 4 : TITLE + output + TITLE + 14;
  const sizes = scene.sizes ?? [1],
    each = (tall - top - 4) / sizes.length,
    start = far + LABEL,
    cell = Math.min((end - start) / sizes[0], each * 0.62);
  /** @type {Record<string, Sheet>} */
  const sheets = {
    input: { box: box(left, TITLE, input), left: true, short: size === "small" },
    output: { box: box(end - output, TITLE, output), left: true, anchor: size === "small" ? "end" : "start" },
  };
  const signs = [];
  for (const [l, n] of sizes.entries()) {
    const y = top + (sizes.length - 1 - l) * each,
      middle = start + (cell * sizes[0]) / 2;
    sheets[`map${l}`] = { box: box(middle - (cell * n) / 2, y, cell * n, cell), untitled: true, left: true };
    signs.push({ name: `name${l}`, x: far, y: y + cell / 2, look: "caption", anchor: "start" });
  }
  if (!small) signs.push({ name: "caption", x: far, y: TITLE + 10, look: "caption", anchor: "start" });
  if (!small) signs.push({ name: "equation", x: far, y: TITLE + 36, look: "equation", anchor: "start" });
  return { sheets, signs };
}

/** @type {Draw} */
export function draw(scene, _settings, texts) {
  const input = gridOf(scene, "input"),
    output = gridOf(scene, "output");
  return {
    input: {
      title: input.title,
      short: fill(texts.short?.input ?? "", { n: input.values.length }),
      kinds: input.kinds,
      texts: input.values.map((row) => row.map(text)),
      looks: tints(input.values, "c"),
      label: /** @param {number} r @param {number} c */ (r, c) =>
        fill(texts.cell_input, { r, c, value: text(input.values[r][c]) }),
    },
    output: {
      title: output.title,
      texts: output.values.map((row) => row.map(() => "")),
      looks: output.values.map((row) => row.map(() => "z")),
      label: /** @param {number} r @param {number} c */ (r, c) => fill(texts.cell_output, { r, c }),
    },
  };
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  const output = role === "output" ? cell : settings.position;
  const [r, c] = output;
  const is = scene.rows[r],
    js = scene.columns[c];
  const size = [is, js].map((cells) => cells[cells.length - 1] - cells[0] + 1);
  const seen = below(scene.chain ?? [], [c]).reverse(); // the input first
  /** @type {Record<string, Drawing>} */
  const grids = {};
  for (const [l, n] of (scene.sizes ?? []).entries()) {
    const there = Array.from({ length: n }, (_, k) => seen[l].includes(k));
    grids[`map${l}`] = {
      title: "",
      texts: [there.map(() => "")],
      looks: [there.map((yes) => (yes ? "c3" : "z"))],
      label: (_, k) => fill(texts[there[k] ? "cell_seen" : "cell_unseen"], { name: nameOf(l, texts), c: k }),
    };
  }
  const spans = seen.map((cells, l) => ({
    role: `map${l}`,
    at: [0, cells[0]],
    size: [1, cells[cells.length - 1] - cells[0] + 1],
  }));
  const names = Object.fromEntries(seen.map((_, l) => [`name${l}`, nameOf(l, texts)]));
  const gaps = {
    r,
    c,
    rows: spanOf(is, texts.row),
    columns: spanOf(js, texts.column),
    h: size[0],
    w: size[1],
    n: is.length,
    m: js.length,
  };
  const dense = is.length === size[0] && js.length === size[1];
  const shown = {
    grids,
    frames: [{ role: "output", at: output }, { role: "input", at: [is[0], js[0]], size }, ...spans],
    joins: /** @type {[number, number, boolean?][]} */ (spans.slice(1).map((_, l) => [l + 3, l + 2, true])),
    cells:
      dense || is.length * js.length > FEW ? [] : is.flatMap((i) => js.map((j) => ({ role: "input", at: [i, j] }))),
    words: { ...names, caption: texts.field, equation: `${size[0]} × ${size[1]}` },
    reading: fill(texts[dense ? "sees" : "sees_gaps"], gaps),
  };
  if (role !== "input") return shown;
  const [p, q] = cell;
  const readers = readersOf(scene, cell);
  return {
    ...shown,
    cells: [{ role: "input", at: cell }, ...readers.map((at) => ({ role: "output", at }))],
    reading: fill(texts.seen_by[Math.min(readers.length, 2)], { r: p, c: q, n: readers.length }),
    idle: true,
  };
}

/** @param {number} l @param {Texts} texts */
function nameOf(l, texts) {
  return l ? fill(texts.level, { l }) : texts.bottom;
}

/** @param {number[]} cells @param {string[]} templates for one and for several */
function spanOf(cells, templates) {
  return fill(templates[Number(cells.length > 1)], { a: cells[0], b: cells[cells.length - 1] });
}
