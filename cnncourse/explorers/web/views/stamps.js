/**
 * Stamp by stamp: a number of a source times a kernel lies on the result, or all that adds up at one of its cells. The
 * sources stand on the left, the kernels and what is laid down in the middle, the results on the right.
 */

import { tints } from "../grid.js";
import { between, bracketed, fill, indexed, signed, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, fullOf, gridOf, lettersOf } from "../stages/grids.js";

/**
 * @import { Pair, Place, Scene, Settings, Texts } from "../types.js"
 * @import { Arrange, Arrangement, Draw, Drawing, Height, Home, PositionOf, Region, Sheet, Show, Shown } from "../stages/grids.js"
 */

const MAPS = [0, 1, 2];
const KINDS = ["source", "kernel", "lens", "output"];
export const roles = ["source", "kernel", "lens", "output", ...MAPS.flatMap((k) => KINDS.map((kind) => kind + k))];
const TITLE = 26;
const LOW = "₀₁₂";

/** @type {Height} */
export function height(_width, size) {
  return { small: 396, phone: 424, tablet: 330 }[size] ?? 384;
}

/**
 * How many sources, results and ways from the one to the others there are. The only one of its kind has no number.
 *
 * @param {Scene} scene
 */
function counted(scene) {
  const of = /** @param {string} role */ (role) => scene.grids.filter((grid) => grid.role === role).length;
  const [N, D] = [of("source"), of("output")];
  const ways = scene.by === "source" ? D : N;
  return { N, D, ways };
}

/**
 * The name of a grid: with its number where there are several of its kind in the scene.
 *
 * @param {Scene} scene
 * @param {string} kind
 * @param {number} k
 */
function roleOf(scene, kind, k) {
  const { N, D, ways } = counted(scene);
  const many = { source: N > 1, output: D > 1 }[kind] ?? ways > 1;
  return many ? `${kind}${k}` : kind;
}

/** @param {string} role */
function numberOf(role) {
  return /\d$/.test(role) ? Number(role.at(-1)) : 0;
}

/** @type {Arrange} */
export function arrange(width, size, scene) {
  const { N, D } = counted(scene);
  if (N > 1 || D > 1) return arrangeMany(width, size, scene);
  return onPhone(size) ? arrangePhone(width, size) : arrangeOne(width, size);
}

/** @param {number} width @param {string} size @returns {Arrangement} */
function arrangeOne(width, size) {
  const tall = height(width, size) - TITLE - 6,
    laptop = size === "laptop";
  const output = Math.min(tall, width * 0.41),
    source = Math.min(laptop ? 236 : 190, width * 0.27),
    lens = Math.min(laptop ? 180 : 150, width - output - source - 80),
    kernel = Math.min(tall - lens - TITLE - 12, lens * 0.72);
  const end = width - 2 - output,
    middle = 2 + source + (end - 2 - source) / 2,
    second = TITLE + tall - lens;
  return {
    sheets: {
      source: { box: box(2, TITLE, source), left: true },
      kernel: { box: box(middle - kernel / 2, TITLE, kernel), anchor: "middle" },
      lens: { box: box(middle - lens / 2, second, lens), anchor: "middle" },
      output: { box: box(end, TITLE, output), left: true },
    },
    signs: [
      { words: "×", x: (2 + source + middle - kernel / 2) / 2, y: TITLE + kernel / 2 },
      { name: "caption", x: 2 + source / 2, y: TITLE + source + 30, look: "caption" },
      { name: "equation", x: 2 + source / 2, y: TITLE + source + 56, look: "equation" },
    ],
  };
}

/** @param {number} width @param {string} size @returns {Arrangement} */
function arrangePhone(width, size) {
  const wide = Math.min(width, 400),
    left = (width - wide) / 2,
    tall = height(width, size);
  const small = Math.min(130, wide * 0.36),
    second = TITLE + small + TITLE + 10,
    output = Math.min(tall - second - 6, wide * (size === "small" ? 0.52 : 0.6)),
    lens = wide - output - 24;
  return {
    sheets: {
      source: { box: box(left + 1, TITLE, small), left: true },
      kernel: { box: box(left + wide - small - 1, TITLE, small), left: true },
      lens: { box: box(left + 1, second, lens), left: true },
      output: { box: box(left + wide - output - 1, second, output), left: true, short: size === "small" },
    },
    signs: [
      { words: "×", x: left + wide / 2, y: TITLE + small / 2 },
      { name: "caption", x: left + lens / 2, y: second + lens + 20, look: "caption" },
      { name: "value", x: left + lens / 2, y: second + lens + 44, look: "equation" },
    ],
  };
}

/**
 * Several sources or results: a row for each, with what lies between them.
 *
 * @param {number} width
 * @param {string} size
 * @param {Scene} scene
 * @returns {Arrangement}
 */
function arrangeMany(width, size, scene) {
  const { N, D, ways } = counted(scene);
  const most = Math.max(N, D),
    room = height(width, size) / most,
    gap = onPhone(size) ? 8 : 34;
  const side = Math.min(room - TITLE - 6, (width - 3 * gap - 6) / 4),
    kernel = side;
  const across = 3 * side + kernel + 3 * gap,
    stretch = (width - 4 - across) / 3,
    places = [2, 2 + side + gap + stretch, 2 + side + kernel + 2 * (gap + stretch), width - 2 - side];
  /** @type {Record<string, Sheet>} */
  const sheets = {};
  const signs = [];
  /** @param {string} kind @param {number} count @param {number} column @param {number} wide */
  const stand = (kind, count, column, wide) => {
    for (let k = 0; k < count; k++) {
      const y = TITLE + room * (k + (most - count) / 2);
      sheets[roleOf(scene, kind, k)] = {
        box: box(places[column], y + (side - wide) / 2, wide),
        left: true,
        untitled: onPhone(size) && kind === "lens",
        short: onPhone(size),
        anchor: kind === "output" && !onPhone(size) ? "end" : "start",
      };
    }
  };
  stand("source", N, 0, side);
  stand("kernel", ways, 1, kernel);
  stand("lens", ways, 2, side);
  stand("output", D, 3, side);
  for (let k = 0; k < ways && !onPhone(size); k++) {
    const y = TITLE + room * (k + (most - ways) / 2) + side / 2;
    signs.push(
      { words: "×", x: places[1] - (gap + stretch) / 2, y },
      { words: "=", x: places[2] - (gap + stretch) / 2, y },
    );
  }
  return { sheets, signs };
}

/**
 * The result with its border, which is cut off.
 *
 * @param {Scene} scene
 * @param {number} d
 * @param {Settings} settings
 * @param {Texts} texts
 * @param {number} full
 * @returns {Drawing}
 */
function resultOf(scene, d, settings, texts, full) {
  const grid = gridOf(scene, "output", d);
  const [top, left] = scene.border ?? [0, 0];
  const uses = settings.counts && grid.counts;
  const values = /** @type {(number | null)[][]} */ (uses || grid.values);
  /** @param {string[][]} map @param {string} none */
  const around = (map, none) => {
    const wide = Array.from(map[0]).length + 2 * left;
    const empty = Array.from({ length: top }, () => /** @type {string[]} */ (Array(wide).fill(none)));
    const side = /** @type {string[]} */ (Array(left).fill(none));
    return [...empty, ...map.map((row) => [...side, ...row, ...side]), ...empty];
  };
  const looks = uses ? steps(uses) : tints(grid.values, "p", "n", full);
  const kinds = around(
    grid.kinds.map((row) => [...row].map((kind) => (kind === "x" ? "x" : "o"))),
    "p",
  );
  return {
    title: uses ? fill(texts.counted, { title: grid.title }) : grid.title,
    short: fill(texts.short?.output ?? "", { d: LOW[d], title: uses ? texts.counts : grid.title }),
    texts: around(
      values.map((row) => row.map(text)),
      "",
    ),
    looks: around(looks, "z"),
    letters: uses
      ? undefined
      : around(
          lettersOf(grid, (p, q) => indexed(texts.letters.result, ...(counted(scene).D > 1 ? [d] : []), p, q)),
          "",
        ),
    kinds: kinds.map((row) => row.join("")),
    rim: [top, left],
    label: (r, c) => {
      const [p, q] = [r - top, c - left];
      const value = values[p]?.[q];
      if (value === undefined) return fill(texts.cell_border, { p, q });
      return fill(texts.cell, { name: nameOf(scene, "result", d, p, q, texts), value: text(value) });
    },
  };
}

/**
 * Each number of stamps has a shade of its own, however small the numbers are.
 *
 * @param {number[][]} counts
 */
function steps(counts) {
  const known = [...new Set(counts.flat())].filter(Boolean).sort((a, b) => a - b);
  const shade = /** @param {number} n */ (n) =>
    known.length < 2 ? 2 : 1 + Math.round((4 * known.indexOf(n)) / (known.length - 1));
  return counts.map((row) => row.map((n) => (n ? `c${shade(n)}` : "z")));
}

/**
 * @param {Scene} scene
 * @param {"source" | "result"} what
 * @param {number} k
 * @param {number} r
 * @param {number} c
 * @param {Texts} texts
 */
function nameOf(scene, what, k, r, c, texts) {
  const { N, D } = counted(scene);
  const many = (what === "source" ? N : D) > 1;
  return fill(texts.names[what][Number(many)], { k, d: k, i: r, j: c, p: r, q: c });
}

/** @type {Draw} */
export function draw(scene, settings, texts) {
  const { N, D } = counted(scene);
  const all = /** @param {string} role */ (role) => scene.grids.filter((grid) => grid.role === role);
  const sources = all("source"),
    outputs = all("output");
  /** @type {Record<string, Drawing>} */
  const grids = {};
  for (let k = 0; k < N; k++)
    grids[roleOf(scene, "source", k)] = {
      letters: lettersOf(sources[k], (r, c) => sourceLetter(scene, k, r, c, texts)),
      ...drawingOf(sources[k], "", { full: fullOf(sources) }),
      short: fill(texts.short?.source ?? "", { k: LOW[k] }),
      label: (r, c) =>
        fill(texts.cell, { name: nameOf(scene, "source", k, r, c, texts), value: text(sources[k].values[r][c]) }),
    };
  for (let d = 0; d < D; d++) grids[roleOf(scene, "output", d)] = resultOf(scene, d, settings, texts, fullOf(outputs));
  return grids;
}

/** @type {Home} */
export function home({ position }, scene) {
  const [k, r, c] = position.length > 2 ? position : [0, ...position];
  const [top, left] = scene.border ?? [0, 0];
  if (scene.by === "source") return { role: roleOf(scene, "source", k), cell: [r, c] };
  return { role: roleOf(scene, "output", k), cell: [r + top, c + left] };
}

/** @type {PositionOf} */
export function positionOf({ role, cell: [r, c] }, scene) {
  const place = role.startsWith("source") ? [r, c] : inside(scene, r, c);
  if (!place || !role.startsWith(scene.by ?? "source")) return null;
  return (scene.places?.length ?? 2) > 2 ? [numberOf(role), ...place] : place;
}

/**
 * The cell of the result that a cell counted with the border becomes, if it is not cut off.
 *
 * @param {Scene} scene
 * @param {number} r
 * @param {number} c
 */
function inside({ border = [0, 0], output }, r, c) {
  const [rows, columns] = output ?? [0, 0];
  const [p, q] = [r - border[0], c - border[1]];
  return p >= 0 && q >= 0 && p < rows && q < columns ? [p, q] : null;
}

/** @type {Show} */
export function show(where, scene, settings, texts) {
  const at = home(settings, scene);
  const [r, c] = where.cell;
  const k = numberOf(where.role);
  if (where.role.startsWith("source") && scene.by === "source") return showStamp(k, where.cell, scene, texts);
  const result = where.role.startsWith("output") ? inside(scene, r, c) : null;
  if (result && scene.by === "output") return showTerms(k, result, scene, texts);
  const [, row, column] = settings.position.length > 2 ? settings.position : [0, ...settings.position];
  const first = numberOf(at.role);
  const settled =
    scene.by === "source"
      ? showStamp(first, [row, column], scene, texts)
      : showTerms(first, [row, column], scene, texts);
  if (where.role.startsWith("source")) return { ...settled, ...reachedBy(k, where.cell, scene, texts), idle: true };
  if (result) return { ...settled, ...addedAt(k, result, scene, texts), idle: true };
  if (where.role.startsWith("output")) return { ...settled, reading: texts.at_border, idle: true };
  return { ...settled, cells: weightCells(where, scene), reading: settled.reading };
}

/**
 * A weight and what it gives belong together.
 *
 * @param {Place} where
 * @param {Scene} scene
 */
function weightCells({ role, cell }, scene) {
  if (scene.by !== "source") return [{ role, at: cell }];
  const number = role.replace(/^\D+/, "");
  return [
    { role: `kernel${number}`, at: cell },
    { role: `lens${number}`, at: cell },
  ];
}

/**
 * The kernel times one number, and where that lies on the results.
 *
 * @param {number} k
 * @param {Pair} cell
 * @param {Scene} scene
 * @param {Texts} texts
 * @returns {Shown}
 */
function showStamp(k, [i, j], scene, texts) {
  const { D } = counted(scene);
  const value = gridOf(scene, "source", k).values[i][j] ?? 0;
  const [down, across] = [scene.stamps?.[0][i] ?? [], scene.stamps?.[1][j] ?? []];
  const kernels = Array.from({ length: D }, (_, d) => gridOf(scene, "kernel", k * D + d));
  const kinds = down.map((p) => across.map((q) => (inside(scene, p, q) ? "i" : "p")).join(""));
  /** @type {Record<string, Drawing>} */
  const grids = {};
  /** @type {Region[]} */
  const frames = [{ role: roleOf(scene, "source", k), at: [i, j] }];
  /** @type {[number, number][]} */
  const joins = [];
  const products = kernels.map(({ values }) => values.map((row) => row.map((w) => (w ?? 0) * value)));
  const full = Math.max(4, ...products.flat(2).map(Math.abs));
  for (const [d, kernel] of kernels.entries()) {
    const [weights, lens, output] = ["kernel", "lens", "output"].map((kind) => roleOf(scene, kind, d));
    const size = [down.length, across.length];
    grids[weights] = {
      ...drawingOf(kernel, texts.cell_kernel, { full: fullOf(kernels) }),
      letters: lettersOf(kernel, (m, n) => weightLetter(scene, k, d, m, n)),
      short: fill(texts.short?.kernel ?? "", { k: LOW[k], d: LOW[d] }),
    };
    grids[lens] = {
      ...drawingOf({ role: "lens", title: fill(texts.gives[Number(D > 1)], { d }), values: products[d], kinds }, "", {
        full,
      }),
      notes: kernel.values.map((row) => row.map((w) => `${text(value)}·${text(w)}`)),
      letters: lettersOf(kernel, (m, n) => `·${weightLetter(scene, k, d, m, n)}`),
      above: lettersOf(kernel, () => sourceLetter(scene, k, i, j, texts)),
      label: (m, n) =>
        fill(texts.cell_product, { x: text(value), w: text(kernel.values[m][n]), p: text(products[d][m][n]) }),
    };
    const from = frames.length;
    frames.push({ role: lens, at: [0, 0], size }, { role: output, at: [down[0], across[0]], size });
    joins.push([0, from], [from, from + 1]);
  }
  for (let d = 0; d < D; d++)
    frames.push({ role: roleOf(scene, "kernel", d), at: [0, 0], size: [down.length, across.length], soft: true });
  return {
    grids,
    frames,
    joins: D === 1 && counted(scene).N === 1 ? joins : joins.filter((_, n) => n % 2 === 1),
    words: { caption: texts.times, equation: `${text(value)} · w`, value: `${text(value)} · w` },
    reading: stampReading(k, [i, j], scene, texts),
  };
}

/**
 * Which cells of the results a number reaches, in words.
 *
 * @param {number} k
 * @param {Pair} cell
 * @param {Scene} scene
 * @param {Texts} texts
 */
function stampReading(k, [i, j], scene, texts) {
  const { D } = counted(scene);
  const sides = [scene.stamps?.[0][i] ?? [], scene.stamps?.[1][j] ?? []];
  const kept = sides.map((cells, a) =>
    cells.map((p) => p - (scene.border?.[a] ?? 0)).filter((p) => p >= 0 && p < (scene.output?.[a] ?? 0)),
  );
  const all = sides[0].length * sides[1].length,
    left = kept[0].length * kept[1].length;
  const span = /** @param {string} name @param {number[]} cells */ (name, cells) =>
    fill(texts[name][Number(cells.length > 1)], { a: cells[0], b: cells[cells.length - 1] });
  const gaps = {
    source: nameOf(scene, "source", k, i, j, texts),
    value: text(gridOf(scene, "source", k).values[i][j]),
    all,
    gone: all - left,
    D,
  };
  if (!left) return fill(texts.stamp_gone, gaps);
  const name = `stamp${D > 1 ? "s" : ""}${left < all ? "_cut" : ""}`;
  return fill(texts[name], { ...gaps, rows: span("row", kept[0]), columns: span("column", kept[1]) });
}

/** @param {number} k @param {Pair} cell @param {Scene} scene @param {Texts} texts */
function reachedBy(k, [i, j], scene, texts) {
  const { D } = counted(scene);
  const cells = (scene.stamps?.[0][i] ?? []).flatMap((p) =>
    (scene.stamps?.[1][j] ?? []).filter((q) => inside(scene, p, q)).map((q) => [p, q]),
  );
  const outputs = Array.from({ length: D }, (_, d) => roleOf(scene, "output", d));
  return {
    cells: [
      { role: roleOf(scene, "source", k), at: [i, j] },
      ...outputs.flatMap((role) => cells.map((at) => ({ role, at }))),
    ],
    reading: stampReading(k, [i, j], scene, texts),
  };
}

/**
 * A number of a source in letters; of several, the how-manieth comes first.
 *
 * @param {Scene} scene
 * @param {number} k
 * @param {number} r
 * @param {number} c
 * @param {Texts} texts
 */
function sourceLetter(scene, k, r, c, texts) {
  return counted(scene).N > 1 ? indexed(texts.letters.source, k, r, c) : indexed(texts.letters.source, r, c);
}

/**
 * A weight in letters; where there are several kernels, filter and channel come first.
 *
 * @param {Scene} scene
 * @param {number} k
 * @param {number} d
 * @param {number} m
 * @param {number} n
 */
function weightLetter(scene, k, d, m, n) {
  const { N, D } = counted(scene);
  return indexed("w", ...(N > 1 ? [k] : []), ...(D > 1 ? [d] : []), m, n);
}

/**
 * The terms of each filter that add up at one cell of a result.
 *
 * @param {number} d
 * @param {number[]} cell
 * @param {Scene} scene
 */
function termsOf(d, [p, q], scene) {
  const { N, D } = counted(scene);
  const is = scene.rows[p],
    js = scene.columns[q];
  const [top, left] = scene.border ?? [0, 0];
  const weights = is.map((i) =>
    js.map((j) => [scene.stamps?.[0][i].indexOf(p + top) ?? 0, scene.stamps?.[1][j].indexOf(q + left) ?? 0]),
  );
  const terms = Array.from({ length: N }, (_, k) => {
    const source = gridOf(scene, "source", k).values,
      kernel = gridOf(scene, "kernel", k * D + d).values;
    return is.map((i, r) => js.map((j, c) => [source[i][j] ?? 0, kernel[weights[r][c][0]][weights[r][c][1]] ?? 0]));
  });
  return { is, js, weights, terms };
}

/** @param {number} d @param {number[]} cell @param {Scene} scene @param {Texts} texts */
function sumReading(d, [p, q], scene, texts) {
  const result = nameOf(scene, "result", d, p, q, texts);
  const { terms } = termsOf(d, [p, q], scene);
  const pairs = terms.map((one) => one.flat());
  if (!pairs[0].length) return fill(texts.sum_none, { result });
  const sums = pairs.map((one) => one.reduce((all, [a, b]) => all + a * b, 0));
  const said = pairs.map((one) => one.map(([a, b], n) => `${n ? bracketed(a) : text(a)}·${bracketed(b)}`).join(" + "));
  const value = text(sums.reduce((all, one) => all + one, 0));
  if (sums.length === 1) return fill(texts.sum, { result, terms: said[0], value });
  const each = said.map((one, k) => fill(texts.part, { k, terms: one, sum: text(sums[k]) }));
  const parts = between(texts.between_parts, each);
  return fill(texts.sums, { result, parts, sums: signed(sums), value });
}

/** @param {number} d @param {number[]} cell @param {Scene} scene @param {Texts} texts */
function addedAt(d, [p, q], scene, texts) {
  const { N } = counted(scene);
  const { is, js } = termsOf(d, [p, q], scene);
  const [top, left] = scene.border ?? [0, 0];
  const sources = Array.from({ length: N }, (_, k) => roleOf(scene, "source", k));
  return {
    cells: [
      { role: roleOf(scene, "output", d), at: [p + top, q + left] },
      ...sources.flatMap((role) => is.flatMap((i) => js.map((j) => ({ role, at: [i, j] })))),
    ],
    reading: sumReading(d, [p, q], scene, texts),
  };
}

/**
 * What adds up at one cell of a result: for each filter the numbers whose stamps lie there, times their weights.
 *
 * @param {number} d
 * @param {number[]} cell
 * @param {Scene} scene
 * @param {Texts} texts
 * @returns {Shown}
 */
function showTerms(d, [p, q], scene, texts) {
  const { N, D } = counted(scene);
  const { is, js, weights, terms } = termsOf(d, [p, q], scene);
  const [top, left] = scene.border ?? [0, 0];
  const kernels = Array.from({ length: N }, (_, k) => gridOf(scene, "kernel", k * D + d));
  const products = terms.map((one) => one.map((row) => row.map(([a, b]) => a * b)));
  const full = Math.max(4, ...products.flat(2).map(Math.abs));
  const some = is.length * js.length > 0;
  /** @type {Region[]} */
  const frames = [{ role: roleOf(scene, "output", d), at: [p + top, q + left] }];
  /** @type {Record<string, Drawing>} */
  const grids = {};
  const cells = [];
  /** @type {[number, number, boolean?][]} */
  const joins = [];
  for (let k = 0; k < N; k++) {
    const [source, kernel, lens] = ["source", "kernel", "lens"].map((kind) => roleOf(scene, kind, k));
    const sum = products[k].flat().reduce((all, one) => all + one, 0);
    grids[kernel] = {
      ...drawingOf(kernels[k], texts.cell_kernel, { full: fullOf(kernels) }),
      letters: lettersOf(kernels[k], (m, n) => weightLetter(scene, k, d, m, n)),
      short: fill(texts.short?.kernel ?? "", { k: LOW[k], d: LOW[d] }),
    };
    const values = some ? products[k] : [[0]];
    grids[lens] = {
      ...drawingOf({ role: "lens", title: "", values, kinds: values.map((row) => "i".repeat(row.length)) }, "", {
        full,
      }),
      title: fill(texts[some ? "products" : "no_products"], { sum: text(sum) }),
      notes: some ? terms[k].map((row) => row.map(([a, b]) => `${text(a)}·${text(b)}`)) : undefined,
      letters: some ? weights.map((row) => row.map(([m, n]) => `·${weightLetter(scene, k, d, m, n)}`)) : undefined,
      above: some ? is.map((i) => js.map((j) => sourceLetter(scene, k, i, j, texts))) : undefined,
      label: (m, n) =>
        some
          ? fill(texts.cell_product, { x: text(terms[k][m][n][0]), w: text(terms[k][m][n][1]), p: text(values[m][n]) })
          : fill(texts.cell, { name: texts.no_products, value: "0" }),
    };
    if (!some) continue;
    const from = frames.length,
      size = [is.length, js.length];
    frames.push({ role: source, at: [is[0], js[0]], size }, { role: lens, at: [0, 0], size });
    joins.push([from, from + 1], [from + 1, 0]);
    cells.push(...weights.flat().map((at) => ({ role: kernel, at })));
  }
  const total = products.flat(2).reduce((all, one) => all + one, 0);
  return {
    grids,
    frames,
    joins: N === 1 ? joins : joins.filter((_, n) => n % 2 === 1),
    cells,
    words: { caption: texts.added, equation: `Σ = ${text(total)}`, value: `Σ = ${text(total)}` },
    reading: sumReading(d, [p, q], scene, texts),
  };
}
