/** The stage of the architecture explorer: the volumes from left to right, and under them a table with a row for each. */

import { put, vector, write } from "../dom.js";
import { sizeOf, told } from "../scenes/architecture.js";
import { grouped } from "../sentences.js";
import { f, field, onPhone, path, word } from "../shapes.js";

/**
 * @import { Host, Scene, Stage } from "../types.js"
 * @import { Row } from "../scenes/architecture.js"
 */

const ASIDE = 0.42,
  UP = 0.26; // how far a px of a map's width goes to the right and up
const MOST = 17; // layers
const LARGER = 1.7; // so many times at most grow the volumes of a network of few layers
const GAP = 46; // px between boxes, at most
const NAMES = ["layer", "shape", "parameters", "multiply_adds", "activations", "memory"];

/** @param {string} size */
export function layout(size) {
  const narrow = onPhone(size);
  const tall = narrow ? 118 : size === "tablet" ? 158 : 196;
  const line = narrow ? 17 : 18;
  /** @type {[number, string][]} the places of the columns, as parts of the width, and which side they keep */
  const columns = narrow
    ? [
        [0.055, "end"],
        [0.08, "start"],
        [0.46, "start"],
        [1, "end"],
      ]
    : [
        [0.03, "end"],
        [0.045, "start"],
        [0.235, "start"],
        [0.545, "end"],
        [0.725, "end"],
        [0.865, "end"],
        [1, "end"],
      ];
  return {
    height: tall + line * (MOST + 2) + 10,
    tall,
    line,
    columns,
    largest: narrow ? 76 : size === "tablet" ? 106 : 138,
    narrow,
  };
}

/**
 * Where every box stands, so that all find room side by side: x, width, height, depth.
 *
 * @param {Row[]} made
 * @param {number} room
 * @param {number} largest px of the largest map
 */
export function places(made, room, largest) {
  let sizes, rooms;
  const least = room / MOST - 4;
  for (let tallest = largest; ; tallest -= 3) {
    const unit = tallest / made[0].shape[1],
      share = tallest / largest;
    sizes = made.map(({ shape }) => sizeOfBox(shape, unit, share, largest));
    rooms = sizes.map(([wide, , deep]) => Math.max(wide + deep * ASIDE, least));
    if (rooms.reduce((a, b) => a + b, 0) + 3 * (rooms.length - 1) <= room || tallest <= 12) break;
  }
  const gap = Math.min(GAP, (room - rooms.reduce((a, b) => a + b, 0)) / Math.max(rooms.length - 1, 1));
  let x = 1;
  return sizes.map(([wide, high, deep], k) => {
    const at = x + (rooms[k] - wide - deep * ASIDE) / 2;
    const slot = [x, rooms[k]];
    x += rooms[k] + gap;
    return { x: at, wide, high, deep, slot };
  });
}

/**
 * The width grows with the logarithm of the channels, or it would fill the page.
 *
 * @param {number[]} shape
 * @param {number} unit
 * @param {number} share
 * @param {number} largest
 */
function sizeOfBox(shape, unit, share, largest) {
  if (shape.length === 1) return [5 + 7 * share, Math.min(largest, (0.12 + 0.06 * Math.log2(shape[0])) * largest), 0];
  const [channels, high, deep] = shape;
  return [(7 + 9 * Math.log2(channels)) * share, Math.max(high * unit, 4), Math.max(deep * unit, 4)];
}

export class ArchitectureStage {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    const { texts } = host.data;
    const all = /** @type {number[]} */ (Array.from({ length: MOST }, (_, k) => k));
    this.boxes = all.map(() => ({
      top: path("top"),
      side: path("side"),
      front: path("front"),
      slices: path("slices"),
    }));
    this.ranks = all.map((k) => word("rank", String(k), "middle"));
    this.heads = ["", ...NAMES].map((name) => word("head", name && texts[name]));
    this.cells = Array.from({ length: MOST + 1 }, () => this.heads.map(() => word("cell")));
    this.rule = path("rules");
    this.same = path("same");
    this.area = field(texts.look);
    this.node = vector(
      "svg",
      { class: "cnnx-svg" },
      vector(
        "g",
        { class: "cnnx-volumes", "aria-hidden": "true" },
        ...this.boxes.flatMap(({ top, side, front, slices }) => [top, side, front, slices]),
        ...this.ranks,
        this.rule,
        ...this.heads,
        ...this.cells.flat(),
      ),
      this.area,
      this.same,
    );
    this.k = 0;
    this.tall = 0; // px over the table
    this.area.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.pointAt(event));
    this.area.addEventListener("click", (event) => this.pointAt(event));
    this.area.addEventListener("pointerleave", () => host.point(null));
    this.area.addEventListener("keydown", (event) => {
      const last = this.made().length - 1;
      const by = /** @type {Record<string, number>} */ ({
        ArrowLeft: -1,
        ArrowUp: -1,
        ArrowRight: 1,
        ArrowDown: 1,
        Home: -last,
        End: last,
      })[event.key];
      if (!by) return;
      event.preventDefault();
      this.look(Math.min(Math.max(this.k + by, 0), last));
    });
  }

  /** @returns {Row[]} */
  made() {
    return this.scene?.numbers.made ?? [];
  }

  /** @param {number} k */
  look(k) {
    this.k = k;
    this.host.point({ role: "layer", cell: [k, 0] });
  }

  /** @param {MouseEvent} event */
  pointAt(event) {
    const frame = this.node.getBoundingClientRect(),
      { line } = /** @type {ReturnType<typeof layout>} */ (this.room),
      { tall } = this;
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const row = Math.floor((y - tall) / line) - 1;
    const k =
      y < tall ? (this.found ?? []).findIndex(({ slot }) => x >= slot[0] - 2 && x <= slot[0] + slot[1] + 2) : row;
    if (k >= 0 && k < this.made().length) this.look(k);
    else this.host.point(null);
  }

  /** @type {Stage["measure"]} */
  measure(width, size) {
    this.width = Math.max(width, 240);
    const room = layout(size);
    this.room = room;
    put(this.node, { width: this.width, height: room.height, viewBox: `0 0 ${this.width} ${room.height}` });
    put(this.area, { width: this.width, height: room.height });
    for (const texts of [this.heads, ...this.cells]) {
      for (const [c, node] of texts.entries()) {
        const column = room.columns[c];
        node.style.display = column ? "" : "none";
        if (column) put(node, { x: f(column[0] * this.width), "text-anchor": column[1] });
      }
    }
  }

  /** The table ends at the foot of the stage, and the volumes have the room that it leaves. */
  share() {
    const { height, line, largest } = /** @type {ReturnType<typeof layout>} */ (this.room);
    this.tall = height - 10 - line * (this.made().length + 2);
    put(this.rule, { d: `M0 ${f(this.tall + line)}h${this.width}` });
    for (const [r, texts] of [this.heads, ...this.cells].entries()) {
      const y = f(this.tall + line * (r + 0.5));
      for (const node of texts) put(node, { y });
    }
    return Math.min(LARGER * largest, (this.tall - 26) / (1 + UP));
  }

  /** @type {Stage["draw"]} */
  draw(scene) {
    this.scene = scene;
    const made = this.made(),
      largest = this.share(),
      { tall } = this;
    this.k = Math.min(this.k, made.length - 1);
    put(this.area, { "aria-valuemax": made.length - 1 });
    this.found = places(made, (this.width ?? 0) - 2, largest);
    for (const [k, box] of this.boxes.entries()) {
      const there = k < made.length;
      for (const node of [...Object.values(box), this.ranks[k]]) node.style.display = there ? "" : "none";
      if (there) this.volume(k, made[k], k === made.length - 1 ? "out" : made[k].kind, tall - 20);
    }
    this.table(scene);
  }

  /** @param {number} k @param {Row} row @param {string} kind @param {number} room */
  volume(k, { shape }, kind, room) {
    const { x, wide, high, deep } = /** @type {ReturnType<typeof places>} */ (this.found)[k];
    const [dx, dy] = [deep * ASIDE, deep * UP],
      y = (room + high + dy) / 2;
    const { front, side, top, slices } = this.boxes[k];
    put(front, { class: `cnnx-front ${kind}`, d: `M${f(x)} ${f(y)}h${f(wide)}v${f(-high)}h${f(-wide)}z` });
    put(top, { d: deep ? `M${f(x)} ${f(y - high)}h${f(wide)}l${f(dx)} ${f(-dy)}h${f(-wide)}z` : "" });
    put(side, {
      class: `cnnx-side ${kind}`,
      d: deep ? `M${f(x + wide)} ${f(y)}l${f(dx)} ${f(-dy)}v${f(-high)}l${f(-dx)} ${f(dy)}z` : "",
    });
    // A slice for each map while they can be told apart; for units, lines between some of them.
    const count = shape.length > 1 ? shape[0] : Math.min(shape[0], 12);
    let lines = "";
    for (let n = 1; n < count && (deep ? wide / count >= 1.8 : true); n++) {
      if (deep) lines += `M${f(x + (n * wide) / count)} ${f(y)}v${f(-high)}l${f(dx)} ${f(-dy)}`;
      else lines += `M${f(x)} ${f(y - (n * high) / count)}h${f(wide)}`;
    }
    put(slices, { d: lines });
    put(this.ranks[k], { x: f(x + (wide + dx) / 2), y: room + 9 });
  }

  /** @param {Scene} scene */
  table({ numbers }) {
    const made = this.made();
    const rows = made.map((row, k) => [
      String(k),
      row.name,
      row.shape.map(grouped).join(" × "),
      ...[row.parameters, row.multiply_adds, row.numbers].map(grouped),
      sizeOf(this.host.data.texts, 4 * row.numbers),
    ]);
    const sums = [numbers.parameters, numbers.multiply_adds, numbers.activations].map(grouped);
    rows.push(["", this.host.data.texts.sum, "", ...sums, sizeOf(this.host.data.texts, 4 * numbers.activations)]);
    for (const [r, texts] of this.cells.entries()) {
      for (const [c, node] of texts.entries()) {
        write(node, rows[r]?.[c] ?? "");
        put(node, { class: r === made.length ? "cnnx-cell best" : "cnnx-cell" });
      }
    }
  }

  settle() {}

  misfit() {} // the last network stays, faded

  holds() {
    return true;
  }

  /** @type {Stage["show"]} */
  show({ role, cell }) {
    const pointed = role === "layer",
      k = Math.min(pointed ? cell[0] : this.k, this.made().length - 1);
    const { line } = /** @type {ReturnType<typeof layout>} */ (this.room),
      { tall } = this;
    const [x, wide] = /** @type {ReturnType<typeof places>} */ (this.found)[k].slot;
    const box = `M${f(x - 1)} 1h${f(wide + 2)}v${tall - 6}h${f(-wide - 2)}z`;
    const row = `M1 ${f(tall + line * (k + 1))}h${f((this.width ?? 2) - 2)}v${line}h${f(2 - (this.width ?? 2))}z`;
    put(this.same, { d: pointed ? box + row : "" });
    const words = this.words(k);
    put(this.area, { "aria-valuenow": k, "aria-valuetext": words });
    return pointed ? words : this.host.data.texts.hint;
  }

  /** @param {number} k */
  words(k) {
    const { texts } = this.host.data,
      row = this.made()[k],
      before = this.made()[k - 1];
    const { name, parameters, multiply_adds, numbers, shape } = row;
    const gaps = {
      name,
      parameters,
      multiply_adds,
      numbers,
      units: shape[0],
      filters: shape[0],
      before: before?.numbers ?? 0,
    };
    const F = Math.round(Math.sqrt((parameters / shape[0] - 1) / (before?.shape[0] ?? 1)));
    /** @type {Record<string, number>} */
    const more = row.kind === "conv" ? { F, depth: before.shape[0], places: shape[1] * shape[2] } : {};
    return told(texts[`at_${row.kind}`], { ...gaps, ...more });
  }
}
