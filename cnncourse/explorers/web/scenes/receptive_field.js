/** What a pixel of the last map sees through a stack of layers, as receptive_field.py has it. */

import { program, sceneWith } from "../scene.js";
import { fill } from "../sentences.js";

/** @import { Scene, Settings } from "../types.js" */

/** @param {Settings} settings */
function layersOf(settings) {
  return Array.from({ length: settings.layers }, (_, l) => [settings[`kernel_${l + 1}`], settings[`stride_${l + 1}`]]);
}

/** @param {any} data @param {Settings} settings @returns {Scene} */
export function sceneOf({ texts, most, small }, settings) {
  let n = settings.size,
    field = 1,
    step = 1,
    weights = 0;
  /** @type {number[][][]} */
  const chain = [];
  const lines = [],
    sizes = [n];
  for (const [k, [F, S]] of layersOf(settings).entries()) {
    const next = field + (F - 1) * step;
    if (F > n) {
      const more = next <= most ? fill(texts.more, { next }) : "";
      return sceneWith({ message: fill(texts.message, { l: k + 1, F, n, more }) });
    }
    lines.push(fill(texts.line, { l: small[k + 1], before: small[k], field, F, step, next }));
    n = Math.floor((n - F) / S) + 1;
    chain.push(Array.from({ length: n }, (_, i) => Array.from({ length: F }, (_, m) => i * S + m)));
    sizes.push(n);
    weights += F * F;
    [field, step] = [next, step * S];
  }
  const seen = Array.from({ length: n }, (_, k) => /** @type {number[]} */ (below(chain, [k]).at(-1)));
  const times = Array.from({ length: settings.size }, (_, i) => seen.filter((window) => window.includes(i)).length);
  const values = times.map((a) => times.map((b) => a * b));
  const lost = values.flat().filter((value) => !value).length;
  const gaps = seen[0].length < field ? fill(texts.gaps, { seen: seen[0].length, field }) : "";
  const never = lost ? fill(texts.never, { lost, pixels: settings.size ** 2 }) : "";
  const kinds = values.map((row) => row.map((value) => (value ? "i" : "x")).join(""));
  return sceneWith({
    output: [n, n],
    grids: [
      { role: "input", title: fill(texts.titles[0], { n: settings.size }), values, kinds },
      {
        role: "output",
        title: fill(texts.titles[1], { n }),
        values: seen.map(() => seen.map(() => 0)),
        kinds: seen.map(() => "s".repeat(n)),
      },
    ],
    rows: seen,
    columns: seen,
    lines,
    sentence: fill(texts.sentence, {
      field,
      layers: texts.layers[settings.layers],
      weights,
      single: field * field,
      gaps,
      never,
    }),
    sizes,
    chain,
  });
}

/**
 * The cells of every map that these cells of the last one are computed from: the last map first, the input at the end.
 *
 * @param {number[][][]} chain
 * @param {number[]} cells
 */
export function below(chain, cells) {
  const found = [cells];
  for (const at of [...chain].reverse()) {
    const last = found[found.length - 1];
    found.push([...new Set(last.flatMap((k) => at[k]))].sort((a, b) => a - b));
  }
  return found;
}

/** @param {any} data @param {Settings} settings @param {string} library */
export function codeOf({ texts }, settings, library) {
  const layers = layersOf(settings).map(([F, S]) => `(${F}, ${S})`);
  const [r, c] = settings.position;
  return program(texts, library, { layers: layers.join(", "), size: settings.size, r, c });
}

/** @param {any} data @param {Settings} settings @param {string} name */
export function idleOf({ texts }, settings, name) {
  const layer = Number(/_(\d)$/.exec(name)?.[1] ?? 0);
  return layer > settings.layers ? fill(texts.unused, { l: layer, layers: texts.layers[settings.layers] }) : "";
}
