/** What every layer of a network makes of a drawing: maps and units as coloured cells, arrows between, words below. */

import { element } from "./dom.js";
import { fill } from "./sentences.js";

/** @typedef {Record<string, any>} Texts what the pad says: templates in the reader's language, see pad_words.py */

// White is zero, as in all figures of the course: to black where nothing is below zero, else to dark orange above zero
// and to dark blue below. What is below zero is also dotted, for those who do not tell the two colours apart.
const GREY = [
  [255, 255, 255],
  [17, 17, 17],
];
const ABOVE = [
  [255, 255, 255],
  [253, 187, 132],
  [215, 48, 31],
  [103, 0, 13],
];
const BELOW = [
  [255, 255, 255],
  [166, 206, 227],
  [44, 127, 184],
  [8, 48, 107],
];
const BEGINS = /^convolution |^fully connected 1$/; // layers that begin a new line
const IN_A_LINE = { maps: 3, units: 5 };
const [TALL, LARGEST_UNIT] = [10, 15]; // units in a column, and the largest side of one, in px
const GAP = 3; // px between two maps

/** @param {number[][]} stops */
function scale(stops) {
  return Array.from({ length: 256 }, (_, k) => {
    const place = (k / 255) * (stops.length - 1),
      lower = Math.min(Math.floor(place), stops.length - 2);
    return stops[lower].map((part, c) => Math.round(part + (place - lower) * (stops[lower + 1][c] - part)));
  });
}

export const SCALES = { grey: scale(GREY), above: scale(ABOVE), below: scale(BELOW) };

/** @param {number[]} rgb */
const asNumber = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;
const COLOURS = Object.fromEntries(Object.entries(SCALES).map(([name, all]) => [name, Int32Array.from(all, asNumber)]));
const DOTTED = Int32Array.from(SCALES.below, (rgb) => asNumber(rgb.map((part) => (part + 255) >> 1)));

// ---- words -----------------------------------------------------------------------------------------------------------

/**
 * @param {Texts} texts
 * @param {number[]} shape
 */
function sizeOf(texts, shape) {
  const [count, height, width] = shape;
  if (shape.length < 3) return fill(texts.units, { count });
  return fill(count === 1 ? texts.one_map : texts.maps, { count, height, width });
}

/**
 * The name of a layer, such as "convolution 2", in the reader's language.
 *
 * @param {Texts} texts
 * @param {string} layer
 */
function named(texts, layer) {
  const end = layer.lastIndexOf(" ");
  return `${texts.kinds[layer.slice(0, end)] ?? layer.slice(0, end)}${layer.slice(end)}`;
}

/**
 * So many decimals that the largest of a layer has two digits at least.
 *
 * @param {number} limit
 */
const decimalsFor = (limit) => (limit >= 1 ? 1 : limit >= 0.1 ? 2 : 3);

/** @param {number} value @param {number} decimals */
function rounded(value, decimals) {
  const text = Math.abs(value).toFixed(decimals);
  return (value < 0 && Number(text) ? "−" : "") + text;
}

// ---- one layer -------------------------------------------------------------------------------------------------------

/** A canvas that shows the maps of a layer in rows, or its units in columns of ten. */
class Tiles {
  /**
   * @param {string} name
   * @param {number[]} shape
   * @param {number} most so many maps are drawn
   * @param {Texts} texts
   */
  constructor(name, shape, most, texts) {
    this.name = name;
    this.texts = texts;
    this.shown = named(texts, name);
    this.size = sizeOf(texts, shape);
    this.shape = shape;
    this.units = shape.length < 3;
    if (this.units) {
      const tall = Math.max(TALL, Math.ceil(Math.sqrt(shape[0] / 2)));
      this.columns = Math.ceil(shape[0] / tall);
      this.rows = Math.ceil(shape[0] / this.columns);
      this.count = this.wide = 1;
    } else {
      this.count = Math.min(shape[0], most);
      this.rows = shape[1];
      this.columns = shape[2];
      this.wide = this.count <= 2 ? this.count : Math.ceil(Math.sqrt(this.count * (this.count < 8 ? 1.5 : 1)));
    }
    /** @type {ArrayLike<number> | null} */
    this.values = null;
    this.side = this.down = this.room = 0; // px: of a map, and of what there is room for
    this.limit = 1;
    this.signed = false;
    this.canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { role: "img" }));
    this.range = element("span");
    const size = !this.units && shape[0] > most ? fill(texts.first, { size: this.size, most }) : this.size;
    const words = [element("b", {}, this.shown), element("br"), size, element("br"), this.range];
    this.figure = element("figure", {}, this.canvas, element("figcaption", {}, ...words));
    this.figure.style.setProperty("--share", String(this.units ? this.columns + 2 : 12));
    if (this.units) this.figure.className = "units";
  }

  /**
   * Be as wide as there is room for.
   *
   * @param {number} room in px
   */
  fit(room) {
    if (room === this.room || room < 1) return;
    this.room = room;
    const most = this.units ? LARGEST_UNIT * this.columns : 128;
    const gaps = this.units ? 0 : (this.wide - 1) * GAP;
    this.side = Math.max(this.columns, Math.min(most, Math.floor((room - gaps - 2) / this.wide)));
    if (this.units) this.side = Math.floor(this.side / this.columns) * this.columns;
    this.down = Math.round((this.side / this.columns) * this.rows);
    const high = Math.ceil(this.count / this.wide);
    this.canvas.width = this.wide * (this.side + GAP) - GAP;
    this.canvas.height = high * (this.down + GAP) - GAP;
    this.canvas.style.width = `${this.canvas.width + 2}px`;
    this.paint();
  }

  /**
   * Show these values, or paper without any if there are none.
   *
   * @param {ArrayLike<number> | null} values
   */
  show(values) {
    this.values = values;
    let [least, most] = [Infinity, -Infinity];
    for (const value of Array.from(values ?? [])) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    this.signed = least < 0;
    this.limit = Math.max(-least, most) || 1;
    const decimals = decimalsFor(Math.max(-least, most));
    const ends = { least: rounded(least, decimals), most: rounded(most, decimals) };
    const range = values ? fill(this.texts.range, ends) : this.texts.no_range;
    this.range.textContent = range;
    this.canvas.setAttribute("aria-label", fill(this.texts.layer, { name: this.shown, size: this.size, range }));
    this.paint();
  }

  /** The places of the edges of cells: whole px, as even as they can be. @param {number} count @param {number} long */
  edges(count, long) {
    return Array.from({ length: count + 1 }, (_, k) => Math.round((k * long) / count));
  }

  paint() {
    const { canvas, side, down, columns, rows, wide, values, limit, signed } = this;
    const context = canvas.getContext("2d");
    if (!context || !down) return;
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Int32Array(image.data.buffer); // the gaps let the page through
    const [right, below] = [this.edges(columns, side), this.edges(rows, down)];
    const thin = this.units && side / columns > 4 ? 1 : 0; // a line between units
    const lines = [new Int32Array(side), new Int32Array(side)];
    for (let k = 0; k < this.count; k++) {
      const top = Math.floor(k / wide) * (down + GAP),
        left = (k % wide) * (side + GAP);
      for (let r = 0; r < rows; r++) {
        for (const line of lines) line.fill(0);
        for (let c = 0; c < columns; c++) {
          const at = (k * rows + r) * columns + c;
          if (this.units && at >= this.shape[0]) continue;
          const value = values ? values[at] : 0;
          const step = Math.min(255, Math.round((255 * Math.abs(value)) / limit)) || 0;
          const colour = COLOURS[signed ? (value < 0 ? "below" : "above") : "grey"][step];
          for (let x = right[c]; x < right[c + 1] - thin; x++) {
            lines[0][x] = value < 0 && x % 2 === 0 ? DOTTED[step] : colour;
            lines[1][x] = value < 0 && x % 2 === 1 ? DOTTED[step] : colour;
          }
        }
        for (let y = below[r]; y < below[r + 1] - thin; y++) pixels.set(lines[y % 2], (top + y) * canvas.width + left);
      }
    }
    context.putImageData(image, 0, 0);
  }

  /**
   * What stands under a pointer on the canvas, in words.
   *
   * @param {MouseEvent} event
   */
  under(event) {
    const box = this.canvas.getBoundingClientRect(),
      border = this.canvas.clientLeft;
    const { side, down, rows, columns, wide } = this;
    const size = this.canvas.width / (box.width - 2 * border);
    const [x, y] = [(event.clientX - box.left - border) * size, (event.clientY - box.top - border) * size];
    const k = Math.floor(y / (down + GAP)) * wide + Math.floor(x / (side + GAP));
    const r = Math.floor(((y % (down + GAP)) / down) * rows),
      c = Math.floor(((x % (side + GAP)) / side) * columns);
    const at = (k * rows + r) * columns + c;
    const outside = k < 0 || k >= this.count || r < 0 || r >= rows || c < 0 || c >= columns;
    if (!this.values || outside || at >= this.values.length) return "";
    const value = rounded(this.values[at], 3);
    const name = this.shown;
    return this.units
      ? fill(this.texts.at_unit, { name, k: at, value })
      : fill(this.texts.at_map, { name, k, r, c, value });
  }
}

// ---- all layers ------------------------------------------------------------------------------------------------------

/** All layers in lines, an arrow before each; they take the room that there is. */
export class Layers {
  /**
   * @param {number} most so many maps of a layer are drawn
   * @param {Texts} texts
   */
  constructor(most, texts) {
    this.most = most;
    this.texts = texts;
    this.node = element("div", { class: "cnnx-pad-maps" });
    /** @type {Tiles[]} */
    this.tiles = [];
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.node);
  }

  /** @param {{name: string, shape: number[]}[]} maps */
  shape(maps) {
    this.tiles = maps.map(({ name, shape }) => new Tiles(name, shape, this.most, this.texts));
    /** @type {Tiles[][]} */
    const lines = [];
    for (const tiles of this.tiles) {
      const line = lines.at(-1);
      const full = line?.length === IN_A_LINE[tiles.units ? "units" : "maps"];
      if (!line || full || line[0].units !== tiles.units || BEGINS.test(tiles.name)) lines.push([tiles]);
      else line.push(tiles);
    }
    const arrow = () => element("span", { class: "cnnx-pad-arrow", "aria-hidden": "true" });
    const nodes = lines.map((line) => {
      const kind = line[0].units ? "units" : "maps";
      return element("div", { class: `cnnx-pad-line ${kind}` }, ...line.flatMap(({ figure }) => [arrow(), figure]));
    });
    this.node.replaceChildren(...nodes);
    this.fit();
  }

  fit() {
    for (const [tiles, room] of this.tiles.map((one) => /** @type {const} */ ([one, one.figure.clientWidth]))) {
      tiles.fit(room);
    }
  }

  /** @param {{values: ArrayLike<number>}[] | null} maps */
  show(maps) {
    for (const [k, tiles] of this.tiles.entries()) tiles.show(maps ? maps[k].values : null);
  }

  /** @param {MouseEvent} event */
  under(event) {
    return this.tiles.find((one) => one.canvas === event.target)?.under(event) ?? "";
  }

  destroy() {
    this.resized.disconnect();
  }
}
