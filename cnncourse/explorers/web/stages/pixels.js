/** The stage of the pixels of a digit: the digit under a pointer, an eraser or a pen, numbers around it, ten bars. */

import { button, element, put } from "../dom.js";
import { GridView } from "../grid.js";
import { cellUnder, led } from "../keys.js";
import { LENS, lensAt, readingOf, SIDE, stroked } from "../scenes/pixels.js";
import { fill } from "../sentences.js";
import { box, f, field, frame, grown, onPhone, over, path, rectangle, wedge, word } from "../shapes.js";
import { AnswerStage } from "./picture.js";

/** @import { Host, Pair, Place, Scene, Settings, Stage } from "../types.js" */

const TITLE = 22; // px over each part
const CELL = 27; // px: three figures find room in it
const PAPER = 2.5; // numbers stand on the tints of the lens

/**
 * Where everything stands, for a stage so many px wide.
 *
 * @param {number} width
 * @param {string} size
 */
export function layout(width, size) {
  if (onPhone(size)) {
    const side = Math.min(width - 2, 336),
      below = TITLE + side + TITLE + 8,
      lens = LENS * CELL;
    const aside = width - lens - 16 >= 100;
    return {
      down: true,
      height: below + lens + (aside ? 20 : 176),
      image: box(1, TITLE, side),
      lens: box(1, below, lens),
      bars: aside ? box(lens + 15, below, width - lens - 16, lens) : box(1, below + lens + 26, width - 2, 132),
    };
  }
  const laptop = size === "laptop",
    side = SIDE * (laptop ? 11 : 9),
    gap = laptop ? 34 : 22,
    cell = laptop ? Math.min(Math.max((width - side - 2 * gap - 152) / LENS, 32), 40) : CELL,
    lens = LENS * cell,
    left = 1 + side + gap + lens + gap;
  return {
    down: false,
    height: TITLE + side + 2,
    image: box(1, TITLE, side),
    lens: box(1 + side + gap, TITLE, lens),
    bars: box(left, TITLE, width - left - 1, lens),
  };
}

/**
 * @typedef {ReturnType<typeof layout>} Places
 * @extends {AnswerStage<Places>}
 */
export class PixelsStage extends AnswerStage {
  /** @param {Host} host */
  constructor(host) {
    super(host, layout);
    const { texts } = this;
    this.lens = new GridView("lens", host);
    this.title = word("title", texts.image);
    this.beam = path("beam");
    this.edge = path("edge");
    this.changed = path("rubbed");
    this.frames = ["cnnx-soft", "", ""].map((more) => frame(more, 1));
    this.area = field(texts.area, SIDE * SIDE - 1);
    this.player = new Tools(this);
    /** @type {Pair | null} the pixel that a stroke has come to */
    this.held = null;
    /** @type {Pair} the first pixel of the lens */
    this.first = [0, 0];
    this.node.append(
      ...[this.lens.title, this.lens.cells, this.lens.texts],
      over(this.beam, this.edge, this.changed, this.title, ...this.frames),
      this.area,
    );
    this.listen();
  }

  listen() {
    const { area, host, lens } = this;
    const over = /** @param {PointerEvent} event */ (event) => {
      const cell = this.pixelAt(event);
      if (!this.held) return event.pointerType !== "touch" && host.point({ role: "output", cell });
      host.point(null);
      const from = this.held;
      this.held = cell;
      this.work(from, cell);
    };
    area.addEventListener("pointerdown", (event) => {
      area.setPointerCapture(event.pointerId);
      this.held = this.pixelAt(event);
      host.point(null);
      this.begin();
      this.work(this.held, this.held);
    });
    area.addEventListener("pointermove", over);
    for (const end of ["pointerup", "pointercancel"]) {
      area.addEventListener(end, () => {
        this.held = null;
      });
    }
    area.addEventListener("pointerleave", () => host.point(null));
    area.addEventListener("keydown", (event) => this.key(event));
    // In the lens the tool works on the cell that is pointed at or focused, and the lens stays where it is.
    lens.cells.addEventListener("keydown", (event) => this.press(event, lens.current));
    lens.cells.addEventListener("click", (event) => {
      const cell = lens.cellOf(event.target);
      if (cell) this.inLens(cell);
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const to = led(event.key, this.settings?.position ?? [0, 0], [SIDE, SIDE]);
    if (!to) return this.press(event);
    event.preventDefault();
    this.host.point(null);
    this.host.change({ position: to });
  }

  /**
   * Keys use the tool, and undo.
   *
   * @param {KeyboardEvent} event
   * @param {Pair} [cell] of the lens, if not the position
   */
  press(event, cell) {
    const undone = event.key === "z" && (event.ctrlKey || event.metaKey);
    if (event.key !== " " && event.key !== "Enter" && !undone) return;
    event.preventDefault();
    event.stopPropagation();
    if (undone) return this.player.back();
    if (cell) return this.inLens(cell);
    const { position } = this.settings ?? {};
    this.begin();
    this.work(position, position);
  }

  /** @param {Pair} cell */
  inLens(cell) {
    const { settings, host } = this;
    if (!settings || settings.tool === "look") return;
    this.begin();
    const pixel = this.pixelOf(cell);
    host.change({ changes: stroked(settings, pixel, pixel) });
    host.choose({ role: "lens", cell });
  }

  /** A stroke begins: what was there can be had back. */
  begin() {
    const { tool, changes } = this.settings ?? {};
    if (tool !== "look") this.player.remember(changes);
  }

  /**
   * Use the tool from one pixel to another; without one, look at the second.
   *
   * @param {Pair} from
   * @param {Pair} to
   */
  work(from, to) {
    const { settings } = this;
    if (!settings) return;
    const changes = settings.tool === "look" ? settings.changes : stroked(settings, from, to);
    if (changes !== settings.changes || String(to) !== String(settings.position))
      this.host.change({ changes, position: to });
  }

  /** The pixel under the pointer. @param {PointerEvent} event */
  pixelAt(event) {
    return cellUnder(event, this.area, [SIDE, SIDE]);
  }

  /**
   * The pixel that a cell of the lens shows.
   *
   * @param {Pair} cell
   * @returns {Pair}
   */
  pixelOf([r, c]) {
    return [this.first[0] + r, this.first[1] + c];
  }

  /** @type {AnswerStage<Places>["stand"]} */
  stand({ image, lens }) {
    this.lens.place(lens);
    put(this.title, { x: image.x, y: image.y - 8 });
    put(this.lens.title, { x: lens.x, y: f(lens.y - 8) });
    put(this.rims, { d: rectangle(image) + rectangle(lens) });
    put(this.area, grown(image, 0));
  }

  /** @type {Stage["draw"]} */
  change({ numbers }, settings) {
    const { probabilities, truth, changed } = numbers;
    this.bars.draw(probabilities, truth);
    this.player.show(settings);
    this.area.classList.toggle("cnnx-pen", settings.tool !== "look");
    put(this.changed, { d: this.outline(changed) });
  }

  /**
   * The line around the changed pixels.
   *
   * @param {number[]} changed
   */
  outline(changed) {
    const at = /** @param {number} r @param {number} c */ (r, c) =>
      r >= 0 && c >= 0 && r < SIDE && c < SIDE ? changed[r * SIDE + c] : 0;
    const lines = [];
    for (let r = 0; r <= SIDE; r++) {
      for (let c = 0; c <= SIDE; c++) {
        const { x, y, width } = this.pixelBox([r, c]);
        if (at(r, c) !== at(r - 1, c)) lines.push(`M${f(x)} ${f(y)}h${f(width)}`);
        if (at(r, c) !== at(r, c - 1)) lines.push(`M${f(x)} ${f(y)}v${f(width)}`);
      }
    }
    return lines.join("");
  }

  /**
   * @param {Pair} pixel
   * @param {number} [many] pixels beside each other
   */
  pixelBox([r, c], many = 1) {
    const { x, y, width } = this.places.image,
      pixel = width / SIDE;
    return box(x + c * pixel, y + r * pixel, many * pixel);
  }

  /** @param {any} numbers */
  paint({ image }) {
    this.backdrop.tinted(image, 0, SIDE, SIDE, this.places.image, 1, false);
    this.paintLens(image);
  }

  /** @param {ArrayLike<number>} image */
  paintLens(image) {
    this.backdrop.tinted(around(image, this.first).flat(), 0, LENS, LENS, this.places.lens, PAPER, false);
  }

  /** @type {Stage["show"]} */
  show({ role, cell }) {
    const { numbers } = /** @type {Scene} */ (this.scene);
    const pixel = role === "lens" ? this.pixelOf(cell) : cell;
    if (role !== "lens") this.first = lensAt(pixel);
    const [top, left] = this.first;
    const { lens, down } = this.places;
    const rows = around(numbers.pixels, this.first);
    this.lens.draw({
      title: this.texts.lens,
      texts: rows.map((row) => row.map(String)),
      looks: rows.map((row) => row.map(() => "z")),
      air: lens.width > LENS * CELL ? 0.6 : 0,
      label: (r, c) => fill(this.texts.cell, { r: top + r, c: left + c, value: rows[r][c] }),
    });
    this.paintLens(numbers.image);
    const [window, one] = [this.pixelBox(this.first, LENS), this.lens.boxOf(pixel[0] - top, pixel[1] - left)];
    [window, this.pixelBox(pixel), one].forEach((box, k) => {
      put(this.frames[k], grown(box, 0));
    });
    const join = wedge(window, down ? { ...lens, y: lens.y - TITLE } : lens, down); // on a phone its title stands between
    put(this.beam, { d: join.fillPath });
    put(this.edge, { d: join.edgePath });
    const reading = readingOf(this.texts, numbers, pixel);
    put(this.area, { "aria-valuenow": pixel[0] * SIDE + pixel[1], "aria-valuetext": reading });
    return reading;
  }

  /** A cell of the lens is looked at where it is; one of the digit becomes the position. @param {Place} where */
  positionOf({ role, cell }) {
    return role === "output" ? cell : null;
  }
}

/**
 * The numbers of the lens, row by row.
 *
 * @param {ArrayLike<number>} values
 * @param {Pair} first
 */
function around(values, [top, left]) {
  return Array.from({ length: LENS }, (_, r) =>
    Array.from({ length: LENS }, (_, c) => values[(top + r) * SIDE + left + c]),
  );
}

/** The bar under the digit: what the pointer does, and the way back. */
class Tools {
  /** @param {PixelsStage} stage */
  constructor(stage) {
    const { host, texts } = stage;
    this.host = host;
    /** @type {string[]} the changes before each stroke */
    this.past = [];
    this.digit = "";
    const tool = host.specs.find(({ name }) => name === "tool");
    this.tools = (tool?.options ?? []).map(([value, seen]) => ({
      value,
      node: button(seen, () => host.change({ tool: value })),
    }));
    this.undo = button(texts.undo, () => this.back());
    this.reset = button(texts.reset, () => {
      if (!this.changes) return;
      this.remember(this.changes);
      host.change({ changes: "" });
    });
    const choice = element("div", { class: "cnnx-group", role: "group", "aria-label": tool?.label ?? "" });
    choice.append(...this.tools.map(({ node }) => node));
    this.node = element("div", { class: "cnnx-bar" }, choice, this.undo, this.reset);
  }

  /** @param {string} changes */
  remember(changes) {
    if (this.past.at(-1) !== changes || changes !== this.changes) this.past.push(changes);
  }

  back() {
    const changes = this.past.pop();
    if (changes === undefined) return this.host.announce(this.host.data.texts.nothing_to_undo);
    this.host.change({ changes });
  }

  /** @param {Settings} settings */
  show({ digit, example, tool, changes }) {
    if (this.digit !== `${digit} ${example}`) this.past = [];
    this.digit = `${digit} ${example}`;
    this.changes = changes;
    for (const { value, node } of this.tools) put(node, { "aria-pressed": String(value === tool) });
    put(this.undo, { "aria-disabled": String(!this.past.length) });
    put(this.reset, { "aria-disabled": String(!changes) });
  }

  set() {}

  stop() {}
}
