/** The scene of padding and stride, as padding_stride.py has it. */

import { program, sceneWith } from "../scene.js";
import { between, fill, joined } from "../sentences.js";

/**
 * @import { CodeOf, Data, IdleOf, SceneOf, Settings, Texts } from "../types.js"
 *
 * @typedef {object} Axis
 * @property {number} size
 * @property {number} kernel
 * @property {number} padding
 * @property {number} stride
 * @property {number} dilation
 * @property {number} extent over how many cells the kernel reaches
 * @property {number} padded how many cells there are, padding included
 * @property {number} count how many windows fit; 0 or less if none does
 * @property {number[][]} windows the cells of each, counted with padding
 * @property {number[]} uses how many windows read each cell of the input
 */

/** @param {Settings} settings @param {0 | 1} a @returns {Axis} */
function axisOf({ dilation, ...settings }, a) {
  const [size, kernel, padding, stride] = ["size", "kernel", "padding", "stride"].map((name) => settings[name][a]);
  const extent = (kernel - 1) * dilation + 1,
    padded = size + 2 * padding;
  const count = extent > padded ? 0 : Math.floor((padded - extent) / stride) + 1;
  const windows = Array.from({ length: count }, (_, k) =>
    Array.from({ length: kernel }, (_, m) => k * stride + m * dilation),
  );
  const uses = new Array(size).fill(0);
  for (const cell of windows.flat()) if (cell >= padding && cell < padding + size) uses[cell - padding]++;
  return { size, kernel, padding, stride, dilation, extent, padded, count, windows, uses };
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts } = data;
  const down = axisOf(settings, 0),
    across = axisOf(settings, 1);
  const message = messageOf(data, down, across);
  if (message) return sceneWith({ message });
  const same = ["size", "kernel", "padding", "stride"].every((name) => settings[name][0] === settings[name][1]);
  return sceneWith({
    output: [down.count, across.count],
    grids: gridsOf(data, down, across),
    rows: down.windows,
    columns: across.windows,
    lines: same ? [lineOf(texts, "both", down)] : [lineOf(texts, "rows", down), lineOf(texts, "columns", across)],
    sentence: sentenceOf(texts, down, across),
    bias: data.bias,
  });
}

/** @param {Data} data @param {Axis} down @param {Axis} across */
function gridsOf({ texts, image, kernel, bias }, down, across) {
  /** @type {number[][]} */
  const values = [];
  const kinds = [],
    counts = [];
  for (let i = -down.padding; i < down.size + down.padding; i++) {
    const value = [],
      count = [];
    let kind = "";
    for (let j = -across.padding; j < across.size + across.padding; j++) {
      const inside = i >= 0 && i < down.size && j >= 0 && j < across.size;
      const times = inside ? down.uses[i] * across.uses[j] : 0;
      value.push(inside ? image[i][j] : 0);
      count.push(times);
      kind += inside ? (times ? "i" : "x") : "p";
    }
    values.push(value);
    kinds.push(kind);
    counts.push(count);
  }
  const weights = kernel.slice(0, down.kernel).map((row) => row.slice(0, across.kernel));
  const output = down.windows.map((is) =>
    across.windows.map((js) => {
      let net = bias;
      for (let m = 0; m < is.length; m++)
        for (let n = 0; n < js.length; n++) net += values[is[m]][js[n]] * weights[m][n];
      return net;
    }),
  );
  const gaps = {
    H: down.size,
    W: across.size,
    PH: down.padded,
    PW: across.padded,
    d: down.dilation,
    F_h: down.kernel,
    F_w: across.kernel,
    n_h: down.count,
    n_w: across.count,
  };
  const all = /** @param {number[][]} rows @param {string} kind */ (rows, kind) =>
    rows.map((row) => kind.repeat(row.length));
  return [
    {
      role: "input",
      title: fill(texts[down.padding || across.padding ? "padded" : "input"], gaps),
      values,
      kinds,
      counts,
    },
    {
      role: "kernel",
      title: fill(texts[down.dilation > 1 ? "dilated" : "kernel"], gaps),
      values: weights,
      kinds: all(weights, "i"),
    },
    { role: "output", title: fill(texts.output, gaps), values: output, kinds: all(output, "o") },
  ];
}

/** @param {Texts} texts @param {string} name @param {Axis} axis */
function lineOf(texts, name, { size, kernel, padding, stride, dilation, extent, padded, count }) {
  const gaps = { size, F: kernel, F1: kernel - 1, d: dilation, P: padding, S: stride, left: padded - extent, n: count };
  return fill(texts[dilation > 1 ? `${name}_dilated` : name], gaps);
}

/** @param {Texts} texts @param {Axis} down @param {Axis} across */
function sentenceOf(texts, down, across) {
  const said = [
    fill(texts[down.count * across.count === 1 ? "one_place" : "places"], { n_h: down.count, n_w: across.count }),
  ];
  const read = down.kernel * across.kernel;
  if (down.dilation > 1 && read > 1)
    said.push(fill(texts.reach, { d: down.dilation, E_h: down.extent, E_w: across.extent, read }));
  const what = between(texts.list, [neverRead(texts.never_row, down), neverRead(texts.never_column, across)]);
  if (!what) return joined([...said, texts.all_read]);
  const pixels = down.size * across.size;
  const lost = pixels - down.uses.filter(Boolean).length * across.uses.filter(Boolean).length;
  return joined([...said, fill(texts.never, { what, lost, pixels })]);
}

/**
 * @param {string[]} words at the end one, at the end many, stepped over one, stepped over many, both
 * @param {Axis} axis
 */
function neverRead(words, { padded, padding, count, stride, extent, uses }) {
  const end = Math.max(0, padded - padding - (count - 1) * stride - extent);
  const passed = uses.filter((n) => !n).length - end;
  const phrases = [];
  if (end) phrases.push(fill(words[end === 1 ? 0 : 1], { n: end }));
  if (passed) phrases.push(fill(words[passed === 1 ? 2 : 3], { n: passed }));
  return between(words[4], phrases);
}

/** @param {Data} data @param {Axis} down @param {Axis} across */
function messageOf({ texts, largest }, down, across) {
  const wrong = [down, across].map((axis) => misfit(texts, largest, axis));
  if (wrong[0] && JSON.stringify(wrong[0]) === JSON.stringify(wrong[1])) {
    return fill(texts.misfit, { ...wrong[0], axis: texts.axes[2] });
  }
  const messages = wrong.flatMap((one, a) => (one ? [fill(texts.misfit, { ...one, axis: texts.axes[a] })] : []));
  return messages.length ? joined(messages) : "";
}

/** @param {Texts} texts @param {Record<string, number>} largest @param {Axis} axis */
function misfit(texts, largest, { size, kernel, padding, dilation, extent, padded }) {
  if (extent <= padded) return null;
  /** @type {[string, number][]} */
  const offers = [["fits_kernel", Math.floor((padded - 1) / dilation) + 1]];
  const more = Math.floor((extent - size + 1) / 2),
    room = Math.floor((padded - 1) / (kernel - 1));
  if (more <= largest.padding) offers.push(["fits_padding", more]);
  if (extent - 2 * padding <= largest.size) offers.push(["fits_size", extent - 2 * padding]);
  if (dilation > 1 && room >= 1) offers.push(["fits_dilation", room]);
  return {
    kernel: fill(texts[dilation > 1 ? "a_dilated_kernel" : "a_kernel"], { F: kernel, d: dilation }),
    extent,
    cells: fill(texts[padding ? "padded_cells" : "cells"], { n: padded, size, P: padding }),
    offers: offers.map(([name, n]) => fill(texts[name], { n })).join(texts.or),
  };
}

/** A program that computes the output of these settings. @type {CodeOf} */
export function codeOf({ texts, image, kernel, bias }, settings, library) {
  const part = /** @param {number[][]} rows @param {number[]} size */ (rows, [h, w]) => {
    const lines = rows.slice(0, h).map((row) => `    [${row.slice(0, w).join(", ")}]`);
    return `[\n${lines.join(",\n")},\n]`;
  };
  const { stride, padding } = settings;
  const same = stride[0] === stride[1] && padding[0] === padding[1];
  const said = /** @param {number[]} pair */ (pair) => (same ? pair[0] : `(${pair.join(", ")})`);
  return program(texts, library, {
    x: part(image, settings.size),
    w: part(kernel, settings.kernel),
    bias,
    stride: said(stride),
    padding: said(padding),
    dilation: settings.dilation,
  });
}

/** @type {IdleOf} */
export function idleOf({ texts }, settings, name) {
  return name === "dilation" && Math.max(...settings.kernel) === 1 ? texts.no_gaps : "";
}
