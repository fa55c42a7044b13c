/** The stage of the layer viewer: the digit and the answer, and beside them a row of maps for each stage of a layer. */

import { put, write } from "../dom.js";
import { led } from "../keys.js";
import { ends, short, span } from "../scenes/layers.js";
import { fill } from "../sentences.js";
import { box, f, field, grown, onPhone, over, path, rectangle, word } from "../shapes.js";
import { AnswerStage } from "./picture.js";

/**
 * @import { Box, Host, Pair, Stage } from "../types.js"
 * @import { Row } from "../scenes/layers.js"
 *
 * @typedef {object} Tile a map, kernel or unit on the stage
 * @property {Box} box
 * @property {number} row of the stage
 * @property {number} k which map or unit it belongs to
 * @property {number} d channel of a kernel
 * @property {number} from where its numbers begin
 * @property {number} rows
 * @property {number} columns
 */

const TITLE = 19; // px over a row
const GAP = 3; // px between maps, at least
const UNITS = { 10: 10, 84: 21, 120: 20 }; // units beside each other

/**
 * Where digit, sensitivity, bars and rows stand.
 *
 * @param {number} width
 * @param {string} size
 */
export function layout(width, size) {
  const narrow = onPhone(size);
  if (narrow) {
    const side = size === "phone" ? 92 : 76;
    return {
      height: size === "phone" ? 640 : 560,
      narrow,
      image: box(1, 22, side, side),
      sensitivity: box(side + 13, 22, side, side),
      bars: box(2 * side + 26, 22, width - 2 * side - 27, 118),
      rows: box(1, 150, width - 2, (size === "phone" ? 640 : 560) - 152),
    };
  }
  return {
    height: 466,
    narrow,
    image: box(1, 22, 120, 120),
    sensitivity: box(1, 170, 120, 120),
    bars: box(1, 318, 136, 146),
    rows: box(166, 0, width - 168, 464),
  };
}

/**
 * @typedef {ReturnType<typeof layout>} Places
 * @extends {AnswerStage<Places>}
 */
export class LayersStage extends AnswerStage {
  /** @param {Host} host */
  constructor(host) {
    super(host, layout);
    const { texts } = this;
    this.titles = ["image", "sensitivity"].map((name) => word("title", texts[name]));
    this.names = [0, 1, 2, 3, 4].map(() => word("title"));
    this.values = Array.from({ length: 30 }, () => word("score", "", "middle"));
    this.same = path("same");
    this.area = field(texts.look);
    this.node.append(over(...this.titles, ...this.names, ...this.values), this.area, this.same);
    /** @type {Tile[]} */
    this.tiles = [];
    this.k = 0;
    this.row = 1;
    this.listen();
  }

  listen() {
    const { area, host } = this;
    area.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.pointAt(event));
    area.addEventListener("click", (event) => {
      const found = this.pointAt(event);
      if (found) [this.k, this.row] = [found.tile.k, found.tile.row];
    });
    area.addEventListener("pointerleave", () => host.point(null));
    area.addEventListener("keydown", (event) => {
      const size = [this.rowsOf().length, this.rowsOf()[1].array.shape[0]];
      const to = led(event.key, [this.row, this.k], size);
      if (!to) return;
      event.preventDefault();
      [this.row, this.k] = to;
      host.point(null);
      host.point({ role: "map", cell: [this.row, this.k] });
    });
  }

  rowsOf() {
    return /** @type {Row[]} */ (this.scene?.numbers.rows ?? []);
  }

  /**
   * What is under the pointer: a tile, and the cell in it.
   *
   * @param {MouseEvent} event
   */
  pointAt(event) {
    const frame = this.node.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const tile = this.tiles.find(
      ({ box }) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
    );
    if (!tile) {
      this.host.point(null);
      return null;
    }
    const { box, rows, columns } = tile;
    const r = Math.min(rows - 1, Math.floor(((y - box.y) / box.height) * rows)),
      c = Math.min(columns - 1, Math.floor(((x - box.x) / box.width) * columns));
    this.under_pointer = { tile, r, c };
    this.host.point({ role: `tile ${tile.row} ${tile.k} ${tile.d}`, cell: [r, c] });
    return this.under_pointer;
  }

  /** @type {AnswerStage<Places>["stand"]} */
  stand({ image, sensitivity, rows }) {
    [image, sensitivity].forEach((box, k) => {
      put(this.titles[k], { x: box.x, y: box.y - 7 });
    });
    put(this.area, grown(rows, 0));
  }

  /** @type {Stage["draw"]} */
  change({ numbers }) {
    this.bars.draw(numbers.probabilities, numbers.truth);
    this.arrange();
    const count = this.rowsOf()[1].array.shape[0];
    this.k = Math.min(this.k, count - 1);
    this.row = Math.min(this.row, this.rowsOf().length - 1);
    put(this.area, { "aria-valuemax": count - 1 });
  }

  /** Give every row of the layer its place: as large as all find room. */
  arrange() {
    const { image, sensitivity, rows: box } = this.places;
    const rows = this.rowsOf(),
      room = box.height - TITLE * rows.length;
    let most = 92;
    const plans = () => rows.map(({ array }) => planOf(array.shape, box.width, most));
    let found = plans();
    const tall = () => found.reduce((sum, plan) => sum + plan.height, 0);
    while (tall() > room && most > 12) {
      most -= 2;
      found = plans();
    }
    const air = Math.min(44, (room - tall()) / rows.length);
    this.tiles = [];
    let top = box.y;
    for (const [k, plan] of found.entries()) {
      const { name, array } = rows[k];
      write(this.names[k], span(this.texts, name, array.values));
      put(this.names[k], { x: box.x, y: top + 13 });
      top += TITLE;
      for (const tile of plan.tiles)
        this.tiles.push({ ...tile, row: k, box: { ...tile.box, x: box.x + tile.box.x, y: top + tile.box.y } });
      top += plan.height + air;
    }
    this.names.forEach((node, k) => {
      node.style.display = k < rows.length ? "" : "none";
    });
    put(this.rims, { d: [image, sensitivity, ...this.tiles.map(({ box }) => box)].map(rectangle).join("") });
    const scores = rows[0].array.shape[0] === 10 && rows[0].key === "net";
    this.values.forEach((node, k) => {
      const tile = scores ? this.tiles[k] : undefined;
      node.style.display = tile ? "" : "none";
      if (!tile) return;
      put(node, { x: f(tile.box.x + tile.box.width / 2), y: f(tile.box.y + tile.box.height / 2) });
      write(node, brief(rows[tile.row].array.values[tile.k]));
    });
  }

  /** @param {any} numbers */
  paint({ image, input_sensitivity }) {
    const { places, backdrop } = this;
    backdrop.tinted(image, 0, 28, 28, places.image, 1, false);
    backdrop.tinted(input_sensitivity, 0, 28, 28, places.sensitivity, reach(input_sensitivity), true);
    const rows = this.rowsOf(),
      reaches = rows.map(({ array }) => reach(array.values));
    for (const { box, row, from, rows: high, columns } of this.tiles) {
      const { key, array } = rows[row];
      const strong = array.shape[0] === 10 && array.shape.length === 1 ? 2 : 1; // numbers stand on these
      backdrop.tinted(array.values, from, high, columns, box, strong * reaches[row], key !== "a" && key !== "pooled");
    }
  }

  /** @type {Stage["show"]} */
  show({ role, cell }) {
    const { texts } = this,
      [kind, ...at] = role.split(" ");
    const pointed = kind === "tile" ? at.map(Number) : kind === "map" ? [...cell, 0] : null;
    const focused = document.activeElement === this.area || this.area.getRootNode() !== document;
    const [row, k, d] = pointed ?? [this.row, this.k, 0];
    const seen = pointed || focused ? this.tiles.filter((tile) => tile.k === k).map(({ box }) => rectangle(box)) : [];
    put(this.same, { d: seen.join("") });
    const words = this.words(row, k, d, kind === "tile" ? cell : null);
    put(this.area, { "aria-valuenow": k, "aria-valuetext": words });
    return pointed ? words : texts.hint;
  }

  /** @param {number} row @param {number} k @param {number} d @param {Pair | null} cell */
  words(row, k, d, cell) {
    const { texts } = this.host.data;
    const { name, array } = this.rowsOf()[Math.min(row, this.rowsOf().length - 1)];
    const { values, shape } = array;
    if (shape.length === 1)
      return fill(texts[shape[0] === 10 ? "at_score" : "at_unit"], { name, k, value: short(values[k]) });
    const [high, wide] = shape.slice(-2),
      from = (shape.length === 4 ? k * shape[1] + d : k) * high * wide;
    const [least, most] = ends(values.subarray(from, from + high * wide));
    const gaps = { name, k, d, low: short(least), high: short(most) };
    if (!cell) return fill(texts[shape.length === 4 ? "at_kernel" : "at_map"], gaps);
    const [r, c] = cell;
    return fill(texts[shape.length === 4 ? "at_weight" : "at_cell"], {
      ...gaps,
      r,
      c,
      value: short(values[from + r * wide + c]),
    });
  }
}

/**
 * How a row is laid out: its height, and its tiles from its upper left corner.
 *
 * @param {number[]} shape
 * @param {number} width
 * @param {number} most px of a map
 */
function planOf(shape, width, most) {
  const units = shape.length === 1,
    deep = shape.length === 4 ? shape[1] : 1;
  const [rows, columns] = units ? [1, 1] : shape.slice(-2);
  const count = shape[0];
  const kernel = rows === 5 && columns === 5 && deep * count !== 16; // kernels need no more than a few px a cell
  let across = units ? UNITS[/** @type {10} */ (count)] : count;
  if (count === 10 && width < 480) across = 5; // numbers stand in these
  if (!units && width / across < 34 && deep === 1) across = Math.ceil(across / 2);
  const pitch = width / across;
  const limit = units ? (count === 10 ? 56 : 30) : kernel ? Math.min(most, deep > 1 ? 18 : 38) : most;
  const side = Math.max(4, Math.floor(Math.min(pitch - (units ? 0 : GAP), limit, units ? most : most)));
  const step = units ? side : Math.min(pitch, side + 26);
  const line = (side + 2) * deep + (units ? -2 : 2);
  const tiles = [];
  for (let k = 0; k < count; k++) {
    for (let d = 0; d < deep; d++) {
      const x = Math.floor((k % across) * step),
        y = Math.floor(Math.floor(k / across) * line + d * (side + 2));
      tiles.push({
        box: { x, y, width: side, height: side },
        k,
        d,
        from: (k * deep + d) * rows * columns,
        rows,
        columns,
      });
    }
  }
  return { tiles, height: Math.ceil(count / across) * line };
}

/** @param {ArrayLike<number>} values */
function reach(values) {
  const [low, high] = ends(values);
  return Math.max(-low, high);
}

/**
 * A number that finds room in a cell.
 *
 * @param {number} value
 */
function brief(value) {
  const size = Math.abs(value);
  if (size >= 0.995 && size < 1) return value > 0 ? "≈1" : "≈−1";
  return short(value).replace(/^(−?\d)\.\d·/, "$1·");
}
