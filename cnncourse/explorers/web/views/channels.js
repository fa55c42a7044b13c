/** Three channels: a plane of the input over a plane of the kernel and its products, three times; their sum. */

import { bracketed, fill, indexed, text } from "../sentences.js";
import { box, onPhone } from "../shapes.js";
import { drawingOf, fullOf, gridOf, lettersOf, readersOf } from "../stages/grids.js";

/**
 * @import { Pair, Scene, Settings, Texts } from "../types.js"
 * @import { Arrange, Draw, Drawing, Height, Sheet, Show } from "../stages/grids.js"
 */

const CHANNELS = [0, 1, 2];
export const roles = [...CHANNELS.flatMap((d) => [`input${d}`, `kernel${d}`, `products${d}`]), "output"];
const TITLE = 26;
const LOW = ["₀", "₁", "₂"];
const RIGHT = 176; // px for the output, on a laptop
const GAP = 22; // px between two channels
const [ROOM_PHONE, ROOM] = [100, 150]; // px: over narrower columns stand short titles

/** @type {Height} */
export function height(width, size) {
  if (onPhone(size)) return size === "phone" ? 470 : 430;
  return size === "tablet" ? 330 : Math.round(Math.min(190, sideOf(width))) + 176;
}

/** @param {number} width */
function sideOf(width) {
  return (width - RIGHT - 4 * GAP) / 3;
}

/** @type {Arrange} */
export function arrange(width, size) {
  return onPhone(size)
    ? arrangePhone(Math.min(width, 400), (width - Math.min(width, 400)) / 2)
    : arrangeWide(width, size);
}

/** @param {number} width @param {string} size */
function arrangeWide(width, size) {
  const right = size === "laptop" ? RIGHT : 170,
    gap = GAP;
  const column = (width - right - 4 * gap) / 3,
    side = Math.min(190, column);
  const small = Math.min(84, (column - 24) / 2),
    second = TITLE + side + TITLE + 12,
    foot = second + small + 20;
  /** @type {Record<string, Sheet>} */
  const sheets = {};
  const signs = [];
  for (const d of CHANNELS) {
    const x = 2 + d * (column + gap),
      lens = x + column - small;
    sheets[`input${d}`] = { box: box(x, TITLE, column, side), left: true };
    sheets[`kernel${d}`] = { box: box(x, second, small), left: true, short: column < ROOM };
    sheets[`products${d}`] = { box: box(lens, second, small) };
    signs.push(
      { words: "⋆", x: x + small / 2, y: TITLE + side + 12, look: "star" },
      { words: "=", x: (x + small + lens) / 2, y: second + small / 2 },
      { name: `sum${d}`, x: lens + small / 2, y: foot, look: "part" },
    );
    if (d < 2) signs.push({ words: "+", x: lens + small + gap / 2 + 3, y: foot, look: "sign" });
  }
  const end = width - 2,
    output = Math.min(right - 10, side + 10);
  sheets.output = { box: box(end - output, foot - 48 - output, output), left: true };
  signs.push(
    { name: "caption", x: end - output / 2, y: foot - 26, look: "caption" },
    { name: "equation", x: end - output / 2, y: foot, look: "equation" },
  );
  return { sheets, signs };
}

/** @param {number} width @param {number} left */
function arrangePhone(width, left) {
  const column = (width - 16) / 3,
    small = Math.min(76, column - 20),
    second = TITLE + column + 26,
    third = second + small + 8,
    fourth = third + small + 44;
  /** @type {Record<string, Sheet>} */
  const sheets = {};
  const signs = [];
  for (const d of CHANNELS) {
    const x = left + 1 + d * (column + 7);
    const short = column < ROOM_PHONE;
    sheets[`input${d}`] = { box: box(x, TITLE, column - 1), left: true, short };
    sheets[`kernel${d}`] = { box: box(x + 18, second, small), left: true, short };
    sheets[`products${d}`] = { box: box(x + 18, third, small), left: true, untitled: true };
    signs.push(
      { words: "⋆", x: x + 7, y: second + small / 2, look: "star" },
      { words: "=", x: x + 7, y: third + small / 2 },
      { name: `sum${d}`, x: x + 18 + small / 2, y: third + small + 15, look: "part" },
    );
    if (d < 2) signs.push({ words: "+", x: x + column + 3, y: third + small + 15 });
  }
  const output = Math.min(128, width * 0.38, height(width, width < 316 ? "small" : "phone") - fourth - 4);
  sheets.output = { box: box(left + width - output - 1, fourth, output), anchor: /** @type {"end"} */ ("end") };
  signs.push(
    { name: "caption", x: left + 2, y: fourth + 24, look: "caption", anchor: "start" },
    { name: "equation", x: left + 2, y: fourth + 50, look: "equation", anchor: "start" },
  );
  return { sheets, signs };
}

/** @type {Draw} */
export function draw(scene, { padding }, texts) {
  const inputs = CHANNELS.map((d) => gridOf(scene, "input", d)),
    kernels = CHANNELS.map((d) => gridOf(scene, "kernel", d));
  const rim = /** @type {Pair} */ ([padding, padding]);
  /** @type {Record<string, Drawing>} */
  const grids = { output: drawingOf(gridOf(scene, "output"), texts.cell_output) };
  grids.output.letters = lettersOf(gridOf(scene, "output"), (r, c) => indexed("a", r, c));
  for (const d of CHANNELS) {
    const named = /** @param {string} name */ (name) => fill(texts[name], { d });
    grids[`input${d}`] = drawingOf(inputs[d], named("cell_input"), {
      rim,
      full: fullOf(inputs),
      templates: { p: named("cell_padding"), x: named("cell_lost") },
    });
    grids[`input${d}`].title = named("input");
    grids[`input${d}`].letters = lettersOf(inputs[d], (r, c) => inputLetter(scene, d, r, c, padding));
    grids[`kernel${d}`] = {
      ...drawingOf(kernels[d], named("cell_kernel"), { full: fullOf(kernels) }),
      letters: lettersOf(kernels[d], (m, n) => indexed("w", m, n)),
    };
    grids[`input${d}`].short = fill(texts.short?.input ?? "", { d });
    grids[`kernel${d}`].title = named("kernel");
    grids[`kernel${d}`].short = fill(texts.short?.kernel ?? "", { d: LOW[d] });
  }
  return grids;
}

/**
 * A number of the input in letters, with row and column: the channel stands in the title. The zeros of the padding have
 * none.
 *
 * @param {Scene} scene
 * @param {number} d
 * @param {number} r
 * @param {number} c
 * @param {number} padding
 */
function inputLetter(scene, d, r, c, padding) {
  return gridOf(scene, "input", d).kinds[r][c] === "p" ? null : indexed("x", r - padding, c - padding);
}

/**
 * What the window at an output reads in each channel, times the weights.
 *
 * @param {Scene} scene
 * @param {Pair} cell
 * @param {Settings} settings
 * @param {Texts} texts
 */
function productsOf(scene, [r, c], { padding }, texts) {
  const data = CHANNELS.map((d) => {
    const { values, kinds } = gridOf(scene, "input", d),
      weights = gridOf(scene, "kernel", d).values;
    const at = scene.rows[r].map((i) => scene.columns[c].map((j) => [i, j]));
    return {
      xs: at.map((row) => row.map(([i, j]) => values[i][j] ?? 0)),
      ws: weights.map((row) => row.map((w) => w ?? 0)),
      values: at.map((row, m) => row.map(([i, j], n) => (values[i][j] ?? 0) * (weights[m][n] ?? 0))),
      kinds: at.map((row) => row.map(([i, j]) => kinds[i][j]).join("")),
    };
  });
  const full = Math.max(4, ...data.flatMap(({ values }) => values.flat().map(Math.abs)));
  const grids = data.map(({ xs, ws, values, kinds }, d) => ({
    ...drawingOf({ role: "products", title: fill(texts.products, { d }), values, kinds }, "", { full }),
    letters: values.map((row, m) => row.map((_, n) => `·${indexed("w", m, n)}`)),
    above: scene.rows[r].map((i) => scene.columns[c].map((j) => inputLetter(scene, d, i, j, padding) ?? "0")),
    kinds: [],
    label: /** @param {number} m @param {number} n */ (m, n) =>
      fill(texts.cell_product, { x: text(xs[m][n]), w: text(ws[m][n]), p: text(values[m][n]) }),
  }));
  const sums = data.map(({ values }) => values.flat().reduce((all, p) => all + p, 0));
  return { grids, sums };
}

/** @type {Show} */
export function show({ role, cell }, scene, settings, texts) {
  const output = role === "output" ? cell : settings.position;
  const [r, c] = output,
    bias = scene.bias ?? 0,
    relu = settings.f === "relu";
  const { grids, sums } = productsOf(scene, output, settings, texts);
  const sum = sums.reduce((all, one) => all + one, 0),
    net = sum + bias,
    added = `${text(sum)} ${bias < 0 ? "−" : "+"} ${text(Math.abs(bias))}`,
    a = relu ? Math.max(0, net) : net;
  const at = [scene.rows[r][0], scene.columns[c][0]];
  const gaps = {
    r,
    c,
    parts: sums.map((sum, k) => (k ? bracketed(sum) : text(sum))).join(" + "),
    bias,
    net: text(net),
  };
  const said = fill(texts.reading, gaps) + (relu ? fill(texts.then, { net: text(net), a: text(a) }) : "");
  const shown = {
    grids: Object.fromEntries(grids.map((one, d) => [`products${d}`, one])),
    frames: [
      ...CHANNELS.map((d) => ({ role: `input${d}`, at, size: [3, 3] })),
      ...CHANNELS.map((d) => ({ role: `products${d}`, at: [0, 0], size: [3, 3] })),
      { role: "output", at: output },
      ...CHANNELS.map((d) => ({ role: `kernel${d}`, at: [0, 0], size: [3, 3], soft: true })),
    ],
    joins: /** @type {[number, number, boolean][]} */ (CHANNELS.map((d) => [d, d + 3, true])),
    words: {
      ...Object.fromEntries(sums.map((sum, d) => [`sum${d}`, `Σ = ${text(sum)}`])),
      caption: texts[relu ? "sum_f" : "sum"],
      equation: relu ? `ReLU(${added}) = ${text(a)}` : `${added} = ${text(net)}`,
    },
    reading: said,
  };
  const channel = Number(role.at(-1));
  if (role.startsWith("input")) return { ...shown, ...reached(channel, cell, scene, settings, texts), idle: true };
  if (role === "output") return shown;
  const [m, n] = cell,
    place = [scene.rows[r][m], scene.columns[c][n]];
  const x = gridOf(scene, "input", channel).values[place[0]][place[1]] ?? 0,
    w = gridOf(scene, "kernel", channel).values[m][n] ?? 0;
  const cells = [
    { role: `input${channel}`, at: place },
    { role: `kernel${channel}`, at: cell },
    { role: `products${channel}`, at: cell },
  ];
  const weight = { d: channel, r: m, c: n, w: text(w), x: text(x), p: text(w * x) };
  return { ...shown, cells, reading: fill(texts.weight, weight) };
}

/**
 * @param {number} d
 * @param {Pair} cell
 * @param {Scene} scene
 * @param {Settings} settings
 * @param {Texts} texts
 */
function reached(d, [r, c], scene, { padding }, texts) {
  const outputs = readersOf(scene, [r, c]).map((at) => ({ role: "output", at }));
  const kind = gridOf(scene, "input", d).kinds[r][c];
  const place = fill(texts[kind === "p" ? "at_padding" : "at_input"], {
    d,
    r: text(r - padding),
    c: text(c - padding),
  });
  return {
    cells: [{ role: `input${d}`, at: [r, c] }, ...outputs],
    reading: fill(texts[["reaches_none", "reaches_one"][outputs.length] ?? "reaches_many"], {
      cell: place,
      n: outputs.length,
    }),
  };
}
