/**
 * Numbers that stamp a kernel on a map: the scenes of the transposed convolution and of the two explorers of
 * sensitivities, as stamps.py, transposed.py, sensitivity_steps.py and sensitivity_stride.py have them.
 */

import { program, sceneWith } from "../scene.js";
import { between, fill, joined } from "../sentences.js";
import { listed } from "./convolution_steps.js";

/**
 * @import { GridData, Scene, Settings } from "../types.js"
 *
 * @typedef {number[][]} Map
 *
 * @typedef {object} Axis
 * @property {number} count
 * @property {number} extra
 * @property {number} expanded
 * @property {number} padded
 * @property {number} uncut
 * @property {number} size
 * @property {number} kernel
 * @property {number} stride
 * @property {number} border
 * @property {number[][]} stamps for each number the cells that it stamps on, counted with the border
 * @property {number[][]} sources for each cell of the result the numbers that stamp on it
 */

/**
 * One axis from the sizes of its table.
 *
 * @param {number[]} sizes
 * @param {number} kernel
 * @param {number} stride
 * @param {number} border
 * @returns {Axis}
 */
function axisOf([count, extra, expanded, padded, uncut, size], kernel, stride, border) {
  const stamps = windows(count, kernel, stride);
  const sources = Array.from({ length: size }, (_, p) =>
    [...stamps.keys()].filter((i) => stamps[i].includes(p + border)),
  );
  return { count, extra, expanded, padded, uncut, size, kernel, stride, border, stamps, sources };
}

/** @param {number} count @param {number} kernel @param {number} stride */
function windows(count, kernel, stride) {
  return Array.from({ length: count }, (_, k) => Array.from({ length: kernel }, (_, m) => k * stride + m));
}

/** @param {Map} map @param {number} rows @param {number} columns */
function upperLeft(map, rows, columns) {
  return map.slice(0, rows).map((row) => row.slice(0, columns));
}

/**
 * What a source stamps with a kernel, counted with the border.
 *
 * @param {Map} source
 * @param {Map} kernel
 * @param {Axis[]} axes
 */
function stamped(source, kernel, [rows, columns]) {
  const map = Array.from({ length: rows.uncut }, () => /** @type {number[]} */ (Array(columns.uncut).fill(0)));
  for (const [i, down] of rows.stamps.entries())
    for (const [j, across] of columns.stamps.entries())
      for (const [m, p] of down.entries())
        for (const [n, q] of across.entries()) map[p][q] += source[i][j] * kernel[m][n];
  return map;
}

/** @param {Map} map @param {Axis[]} axes */
function cutOff(map, [rows, columns]) {
  const kept = map.slice(rows.border, rows.border + rows.size);
  return kept.map((row) => row.slice(columns.border, columns.border + columns.size));
}

/** @param {Axis[]} axes */
function usesOf([rows, columns]) {
  const counts = rows.sources.map((is) => columns.sources.map((js) => is.length * js.length));
  return { counts, kinds: counts.map((row) => row.map((n) => (n ? "o" : "x")).join("")) };
}

/**
 * @param {string} role
 * @param {string} title
 * @param {Map} values
 * @param {object} [more]
 * @returns {GridData}
 */
function grid(role, title, values, more = {}) {
  return { role, title, values, kinds: values.map((row) => "i".repeat(row.length)), ...more };
}

/**
 * @param {Map[]} sources
 * @param {Map[][]} kernels
 * @param {Axis[]} axes
 * @param {Record<string, string[]>} titles
 * @param {boolean} partial
 */
function stampedGrids(sources, kernels, axes, titles, partial) {
  const { counts, kinds } = usesOf(axes);
  const maps = sources.map((source, k) => kernels[k].map((kernel) => cutOff(stamped(source, kernel, axes), axes)));
  const sums = maps.reduce((all, those) =>
    all.map((map, d) => map.map((row, r) => row.map((value, c) => value + those[d][r][c]))),
  );
  return [
    ...sources.map((values, k) => grid("source", titles.source[k], values)),
    ...kernels.flat().map((values, k) => grid("kernel", titles.kernel[k], values)),
    ...(partial ? maps.flat().map((values, k) => grid("partial", titles.partial[k], values, { kinds })) : []),
    ...sums.map((values, d) => grid("output", titles.output[d], values, { kinds, counts })),
  ];
}

/**
 * @template T
 * @param {T[][]} map
 * @param {number[]} width of the rim above and below, left and right
 * @param {T} filling
 */
function rimmed(map, [top, left], filling) {
  const wide = map[0].length + 2 * left;
  const empty = () => Array.from({ length: top }, () => /** @type {T[]} */ (Array(wide).fill(filling)));
  const side = /** @type {T[]} */ (Array(left).fill(filling));
  return [...empty(), ...map.map((row) => [...side, ...row, ...side]), ...empty()];
}

/**
 * @param {Map} source
 * @param {Map} kernel
 * @param {Axis[]} axes
 * @param {string[]} titles of source, expanded, padded, kernel, turned, full, output
 */
function expandedGrids(source, kernel, axes, titles) {
  const [rows, columns] = axes;
  const around = [kernel.length - 1, kernel[0].length - 1];
  const [down, across] = axes.map(({ expanded, extra, stride }) =>
    Array.from({ length: expanded }, (_, k) => (k >= expanded - extra ? "f" : k % stride ? "z" : "i")),
  );
  const kinds = down.map((a) => across.map((b) => ["f", "z"].find((kind) => kind === a || kind === b) ?? "i"));
  const expanded = kinds.map((row, r) =>
    row.map((kind, c) => (kind === "i" ? source[r / rows.stride][c / columns.stride] : 0)),
  );
  const joined = /** @param {string[][]} map */ (map) => map.map((row) => row.join(""));
  const full = stamped(source, kernel, axes);
  const result = usesOf(axes);
  const border = [rows.border, columns.border];
  const inner = result.kinds.map((row) => [...row]);
  return [
    grid("source", titles[0], source),
    grid("expanded", titles[1], expanded, { kinds: joined(kinds) }),
    grid("padded", titles[2], rimmed(expanded, around, 0), { kinds: joined(rimmed(kinds, around, "p")) }),
    grid("kernel", titles[3], kernel),
    grid(
      "turned",
      titles[4],
      [...kernel].reverse().map((row) => [...row].reverse()),
    ),
    grid("full", titles[5], full, { kinds: joined(rimmed(inner, border, "p")) }),
    grid("output", titles[6], cutOff(full, axes), result),
  ];
}

/**
 * @param {string} stage
 * @param {Axis[]} axes
 * @param {GridData[]} grids
 * @param {string[]} lines
 * @param {string} sentence
 * @param {number[]} places
 * @param {object} [more]
 * @returns {Scene}
 */
function sceneFrom(stage, axes, grids, lines, sentence, places, more = {}) {
  const [rows, columns] = axes;
  const index =
    stage === "stamps"
      ? { stamps: axes.map((axis) => axis.stamps) }
      : { windows: axes.map(({ kernel, uncut }) => windows(uncut, kernel, 1)) };
  return sceneWith({
    output: [rows.size, columns.size],
    grids,
    rows: rows.sources,
    columns: columns.sources,
    lines,
    sentence,
    places,
    stage,
    border: [rows.border, columns.border],
    ...index,
    ...more,
  });
}

/** @param {GridData} output */
function lostIn({ counts = [] }) {
  return counts.flat().filter((count) => !count).length;
}

/** @param {any} data @param {Settings} s @returns {Scene} */
export function stepperScene(data, s) {
  const { texts } = data;
  const { size, kernel, stride, padding, depth: D, filters: N, direction } = s;
  const entry = entryOf(data, [size, kernel, padding, stride]);
  const axis = axisOf(entry, kernel, stride, padding),
    axes = [axis, axis],
    n = axis.count;
  const sources = data.source.slice(0, N).map((/** @type {Map} */ map) => upperLeft(map, n, n));
  const kernels = data.kernel
    .slice(0, N)
    .map((/** @type {Map[]} */ maps) => maps.slice(0, D).map((map) => upperLeft(map, kernel, kernel)));
  const many = Number(N > 1),
    deep = Number(D > 1);
  const channels = Array.from({ length: D }, (_, d) => ({ d, H: size, W: size })),
    filters = Array.from({ length: N }, (_, k) => ({ k, h: n, w: n }));
  const both = filters.flatMap(({ k }) => channels.map(({ d }) => ({ k, d })));
  const titles = {
    source: filters.map((one) => fill(texts.titles.source[many], one)),
    kernel: both.map((one) => fill(texts.titles.kernel[2 * many + deep], one)),
    partial: both.map((one) => fill(texts.titles.partial[deep], one)),
    output: channels.map((one) => fill(texts.titles.output[deep], one)),
  };
  const grids = stampedGrids(sources, kernels, axes, titles, true);
  const lost = lostIn(grids[grids.length - 1]);
  const [rows, columns] = data.never[entry[6]];
  const sentence = fill(texts.sentences[direction], {
    F: kernel,
    W: size,
    channels: texts.channels[D - 1],
    filters: texts.filters[direction][N - 1],
    cut: texts.cut[padding],
    lost: lost ? fill(texts.lost, { rows, columns, lost, pixels: size * size }) : "",
  });
  const from = direction === "from output";
  const more = { by: from ? "source" : "output", map: texts.maps[direction] };
  const line = data.lines[direction][stride - data.low.stride][padding - data.low.padding];
  return sceneFrom("stamps", axes, grids, [line], sentence, from ? [N, n, n] : [D, size, size], more);
}

/**
 * @param {any} data
 * @param {number[]} settings size, kernel, padding, stride
 */
function entryOf({ axes, low }, [size, kernel, padding, stride]) {
  return axes[size - low.size][kernel - low.kernel][padding - low.padding][stride - low.stride];
}

/** @param {any} data @param {Settings} s @returns {Scene} */
export function strideScene(data, s) {
  const { texts } = data;
  const numbers = [0, 1].map((a) => [s.size[a], s.kernel[a], s.padding[a], s.stride[a]]);
  const entries = numbers.map((axis) => entryOf(data, axis));
  const wrong = entries.map((entry) => (typeof entry === "number" ? data.messages[entry] : ""));
  if (wrong[0] && wrong[0] === wrong[1]) return sceneWith({ message: fill(wrong[0], { axis: texts.both[2] }) });
  if (wrong[0] || wrong[1])
    return sceneWith({
      message: joined(wrong.map((words, a) => fill(words, { axis: texts.both[a] })).filter(Boolean)),
    });
  const axes = entries.map((entry, a) => axisOf(entry, s.kernel[a], s.stride[a], s.padding[a]));
  const [rows, columns] = axes;
  const gaps = {
    ...{ h: rows.count, w: columns.count, H: rows.size, W: columns.size, F_h: rows.kernel, F_w: columns.kernel },
    ...{ E_h: rows.expanded, E_w: columns.expanded, Q_h: rows.padded, Q_w: columns.padded },
    ...{ U_h: rows.uncut, U_w: columns.uncut },
  };
  const titles = texts.titles.map((/** @type {string} */ title) => fill(title, gaps));
  const source = upperLeft(data.source, rows.count, columns.count);
  const grids = expandedGrids(source, upperLeft(data.kernel, rows.kernel, columns.kernel), axes, titles);
  const lost = lostIn(grids[grids.length - 1]);
  const what = between(
    texts.list,
    entries.map((entry, a) => data.never[entry[6]][a]),
  );
  const sentence = fill(texts.sentence, {
    ...gaps,
    between: data.between[rows.count > 1 ? rows.stride : 0][columns.count > 1 ? columns.stride : 0],
    dropped: data.dropped[rows.extra][columns.extra],
    cut: data.cut[rows.border][columns.border],
    lost: lost ? fill(texts.lost, { what, lost, pixels: rows.size * columns.size }) : "",
  });
  const line = /** @param {string} axis @param {Axis} one */ (axis, one) => {
    const { count: n, stride: S, extra, expanded: E, kernel: F, padded: Q, uncut: U, border: P, size: W } = one;
    return fill(texts.line, { axis, n, S, E, F, Q, U, P, W, extra: extra ? fill(texts.extra, { extra }) : "" });
  };
  const same = String(numbers[0]) === String(numbers[1]);
  const lines = same ? [line(texts.axes[2], rows)] : axes.map((axis, a) => line(texts.axes[a], axis));
  return sceneFrom("expanded", axes, grids, lines, sentence, [rows.uncut, columns.uncut]);
}

/** @param {any} data @param {Settings} s @returns {Scene} */
export function transposedScene(data, s) {
  const { texts, low } = data;
  const { view, size: n, kernel: F, stride: S, padding: P, output_padding: extra } = s;
  const entry = entryOf(data, [n, F, P, S])[extra];
  if (typeof entry === "number") return sceneWith({ message: data.messages[entry] });
  const axis = axisOf(entry, F, S, P),
    axes = [axis, axis];
  const gaps = { n, F, S, P, E: axis.expanded, Q: axis.padded, U: axis.uncut, W: axis.size };
  const titled = /** @param {string} role */ (role) => fill(texts.titles[role], gaps);
  const source = upperLeft(data.source, n, n),
    kernel = upperLeft(data.kernel, F, F);
  const stamping = view === "stamps";
  const roles = ["source", "expanded", "padded", "kernel", "turned", "full", "output"];
  const grids = stamping
    ? stampedGrids(
        [source],
        [[kernel]],
        axes,
        { source: [titled("source")], kernel: [titled("kernel")], output: [titled("output")] },
        false,
      )
    : expandedGrids(source, kernel, axes, roles.map(titled));
  const sentence = fill(texts.sentences[view], {
    ...gaps,
    overlap: texts.overlap[data.overlap[n - low.size][F - low.kernel][S - low.stride]],
    cut: fill(texts.cut[P], gaps),
    extra: texts.extras[extra],
    between: data.between[n > 1 ? S : 0],
    stamps: data.stamps[entry[6]],
  });
  const named = { name: extra ? texts.name : "", extra: extra ? fill(texts.extra, { extra }) : "" };
  const line = fill(texts.line, { ...gaps, ...named });
  const places = stamping ? [n, n] : [axis.uncut, axis.uncut];
  return sceneFrom(view, axes, grids, [line], sentence, places, stamping ? { by: "source" } : {});
}

/**
 * The setting as code: the sources, the kernels, and the settings by their names.
 *
 * @param {(data: any, settings: Settings) => Scene} sceneOf
 * @returns {(data: any, settings: Settings, library: string) => string}
 */
export function coded(sceneOf) {
  return (data, settings, library) => {
    const { grids } = sceneOf(data, settings);
    const of = /** @param {string} role */ (role) =>
      grids.filter((one) => one.role === role).map(({ values }) => values);
    const kernels = of("kernel"),
      sources = of("source");
    const apart = kernels.length / (sources.length || 1);
    const weights = sources.map((_, k) => kernels.slice(k * apart, (k + 1) * apart));
    const pair = /** @param {any} value */ (value) =>
      Array.isArray(value) ? (value[0] === value[1] ? value[0] : `(${value.join(", ")})`) : value;
    const said = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, pair(value)]));
    const [H, W] = [settings.size].flat().length > 1 ? settings.size : [settings.size, settings.size];
    return program(data.texts, library, {
      ...said,
      ...{ H, W, D: apart, source: listed(sources), kernel: listed(weights) },
    });
  };
}
