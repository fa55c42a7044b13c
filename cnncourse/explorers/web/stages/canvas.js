/** The stage of the canvas of digits: digits to be moved, the map of all windows, and one window with its ten bars. */

import { article } from "../digits.js";
import { put, vector, write } from "../dom.js";
import { cellUnder, drags, led, within } from "../keys.js";
import { COLUMNS, HIGH, lookedAt, PLACES, placed, ROWS, SIDE, STEP, WIDE, WINDOW } from "../scenes/canvas.js";
import { fill, number } from "../sentences.js";
import { box, f, field, frame, grown, inset, onPhone, over, path, rectangle, wedge, word } from "../shapes.js";
import { AnswerStage } from "./picture.js";

/** @import { Box, Host, Pair, Scene, Settings, Stage } from "../types.js" */

const TITLE = 22; // px over each picture
const COMPARED = 130; // px that the words beside the window need
const TINY = 290; // px: on narrower stages words are shorter
const RING = 2;
const LETTER = 6.6; // px: how wide a letter of a title is, about

/**
 * Where everything stands, for a stage so many px wide.
 *
 * @param {number} width
 * @param {string} size
 */
export function layout(width, size) {
  const narrow = onPhone(size);
  const wide = narrow ? Math.min(width - 2, 432) : size === "tablet" ? 378 : 432;
  const high = (wide * HIGH) / WIDE,
    cell = wide / PLACES[1],
    below = TITLE + high + TITLE + 6;
  const canvas = box(1, TITLE, wide, high),
    map = box(1, below, wide, cell * PLACES[0]);
  const foot = below + cell * PLACES[0];
  if (narrow) {
    const side = 116,
      top = foot + TITLE + 6;
    const left = Math.max(side + 22, Math.min(wide - 210, 190));
    return {
      narrow,
      height: top + 152,
      canvas,
      map,
      window: box(1, top, side, side),
      bars: box(left, top, wide + 1 - left, width < TINY ? 134 : 150), // with a line of words below it
    };
  }
  const left = wide + (size === "tablet" ? 24 : 34),
    side = Math.min(128, width - left - 2),
    top = TITLE + side + TITLE + 8;
  return {
    narrow,
    height: foot + 4,
    canvas,
    map,
    window: box(left, TITLE, side, side),
    bars: box(left, top, Math.min(width - left - 1, 400), foot - top),
  };
}

/**
 * @typedef {ReturnType<typeof layout>} Places
 * @extends {AnswerStage<Places>}
 */
export class CanvasStage extends AnswerStage {
  /** @param {Host} host */
  constructor(host) {
    super(host, layout);
    const { texts } = this;
    this.titles = [texts.canvas, "", texts.window].map((said) => word("title", said));
    this.cells = Array.from({ length: PLACES[0] * PLACES[1] }, () => vector("text"));
    this.ring = path("dashes");
    this.beam = path("beam");
    this.edge = path("edge");
    this.compared = path("compared");
    this.frames = [0, 1, 2].map(() => frame(""));
    const [once, each] = host.data.work ?? [1, 1],
      n = PLACES[0] * PLACES[1];
    this.share = once / (n * each);
    const percent = number(100 * this.share, 0);
    const said = [texts.work, fill(texts.one_pass, { share: percent }), fill(texts.one_by_one, { n })];
    this.work = said.map((words, k) => word(k ? "barname" : "title", words));
    this.costs = [0, 1].map((k) => vector("rect", { class: k ? "cnnx-bar10" : "cnnx-bar10 best" }));
    this.area = this.canvasArea();
    this.handles = [0, 1, 2, 3].map((k) => this.handle(k));
    this.map = this.mapArea();
    const drawn = [this.beam, this.edge, this.compared, ...this.frames, ...this.titles, ...this.work, ...this.costs];
    this.node.append(
      this.ring,
      vector("g", { class: "cnnx-texts cnnx-classes", "aria-hidden": "true" }, ...this.cells),
      over(...drawn),
      ...[this.area, ...this.handles, this.map],
    );
  }

  /** A place of the canvas that is free of digits stands for the window around it. */
  canvasArea() {
    const area = vector("rect", { class: "cnnx-area" });
    area.addEventListener("click", (event) => {
      const { x, y } = this.pixelAt(event);
      const inside = [y, x].map((at, axis) => within(Math.round((at - WINDOW / 2) / STEP), PLACES[axis]));
      this.host.choose({ role: "output", cell: /** @type {Pair} */ (inside) });
    });
    return area;
  }

  mapArea() {
    const { host } = this;
    const area = field(this.texts.map, PLACES[0] * PLACES[1] - 1);
    const at = /** @param {MouseEvent} event */ (event) => cellUnder(event, area, PLACES);
    area.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") host.point({ role: "output", cell: at(event) });
    });
    area.addEventListener("pointerleave", () => host.point(null));
    area.addEventListener("click", (event) => host.choose({ role: "output", cell: at(event) }));
    area.addEventListener("keydown", (event) => {
      const to = led(event.key, this.settings?.position ?? [0, 0], PLACES);
      if (!to) return;
      event.preventDefault();
      host.change({ position: to });
    });
    return area;
  }

  /**
   * A digit that is moved: dragged, or by the arrow keys, with the shift key from window to window.
   *
   * @param {number} k
   */
  handle(k) {
    const { host } = this,
      names = [`row_${k + 1}`, `column_${k + 1}`];
    const node = field(fill(this.texts.slot, { k: k + 1 }), (ROWS - SIDE + 1) * (COLUMNS - SIDE + 1) - 1);
    put(node, { class: "cnnx-area cnnx-held", "data-slot": k + 1 });
    const go = /** @param {number} row @param {number} column */ (row, column) => {
      const to = [row, column].map((at, axis) => within(at, [ROWS, COLUMNS][axis] - SIDE + 1));
      const { settings } = this;
      if (!settings || names.every((name, axis) => settings[name] === to[axis])) return;
      host.change({ [names[0]]: to[0], [names[1]]: to[1] });
    };
    node.addEventListener("keydown", (event) => {
      const by = event.shiftKey ? STEP : 1;
      const way = { ArrowUp: [-by, 0], ArrowDown: [by, 0], ArrowLeft: [0, -by], ArrowRight: [0, by] }[event.key];
      if (!way || !this.settings) return;
      event.preventDefault();
      go(this.settings[names[0]] + way[0], this.settings[names[1]] + way[1]);
    });
    drags(
      node,
      (event) =>
        this.settings
          ? { ...this.pixelAt(event), row: this.settings[names[0]], column: this.settings[names[1]] }
          : null,
      (event, from) => {
        const { x, y } = this.pixelAt(event);
        go(Math.round(from.row + y - from.y), Math.round(from.column + x - from.x));
      },
    );
    return node;
  }

  /**
   * The place of the canvas under the pointer, in its pixels.
   *
   * @param {MouseEvent} event
   */
  pixelAt(event) {
    const box = this.area.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * WIDE,
      y: ((event.clientY - box.top) / box.height) * HIGH,
    };
  }

  /** @type {AnswerStage<Places>["stand"]} */
  stand({ canvas, map, window, bars, narrow }, width) {
    this.tiny = width < TINY;
    [canvas, map, window].forEach((box, k) => {
      put(this.titles[k], { x: box.x, y: f(box.y - 8) });
    });
    put(this.rims, { d: [canvas, map, window].map(rectangle).join("") });
    write(this.titles[2], this.texts[narrow ? "window_short" : "window"]);
    this.compare(narrow ? null : { ...window, x: window.x + window.width + 24, width: bars.width - window.width - 24 });
    const pixel = canvas.width / WIDE,
      ring = RING * pixel;
    put(this.ring, { d: rectangle(inset(canvas, ring)) });
    put(this.area, grown(canvas, 0));
    put(this.map, grown(map, 0));
    put(this.frames[2], grown(window, 0));
    this.cells.forEach((node, k) => {
      const { x, y, width: w, height: h } = this.cellBox(Math.floor(k / PLACES[1]), k % PLACES[1]);
      put(node, { x: f(x + w / 2), y: f(y + h / 2) });
    });
  }

  /**
   * The multiply-adds of one pass beside those of all windows, where there is room.
   *
   * @param {Box | null} box
   */
  compare(box) {
    const room = box && box.width > COMPARED;
    for (const node of [...this.work, ...this.costs]) node.style.display = room ? "" : "none";
    if (!box || !room) return;
    put(this.work[0], { x: box.x, y: box.y - 8 });
    [0, 1].forEach((k) => {
      const top = box.y + 12 + 50 * k;
      put(this.work[k + 1], { x: box.x, y: top });
      put(this.costs[k], { x: box.x, y: top + 12, height: 14, width: f(box.width * (k ? 1 : this.share)) });
    });
  }

  /** @param {number} i @param {number} j @returns {Box} */
  cellBox(i, j) {
    const { map } = this.places,
      side = map.width / PLACES[1];
    return box(map.x + j * side, map.y + i * side, side);
  }

  /**
   * The edges of the beam: where they would strike through the words over the map they are broken.
   *
   * @param {Box} from the window
   * @param {Box} to its cell
   */
  edgesOf(from, to) {
    const { map } = this.places,
      words = map.x + LETTER * (this.titles[1].textContent ?? "").length;
    const high = from.y + from.height;
    return [0, 1]
      .map((side) => {
        const [x, u] = [from.x + side * from.width, to.x + side * to.width];
        const at = /** @param {number} y */ (y) => f(x + ((u - x) * (y - high)) / (to.y - high));
        const [over, under] = [Math.max(high, map.y - TITLE + 2), map.y - 2];
        if (Math.min(at(over), at(under)) > words) return `M${f(x)} ${f(high)}L${f(u)} ${f(to.y)}`;
        return `M${f(x)} ${f(high)}L${at(over)} ${f(over)}M${at(under)} ${f(under)}L${f(u)} ${f(to.y)}`;
      })
      .join("");
  }

  /** @param {number} i @param {number} j @returns {Box} */
  windowBox(i, j) {
    const { canvas } = this.places,
      pixel = canvas.width / WIDE;
    return box(canvas.x + pixel * STEP * j, canvas.y + pixel * STEP * i, pixel * WINDOW);
  }

  /** @type {Stage["draw"]} */
  change({ numbers }, settings) {
    const { texts } = this,
      { classes, surety, map } = numbers,
      one = map !== "best";
    const title = texts[(one ? "one_class" : "classes") + (this.tiny ? "_short" : "")];
    write(this.titles[1], fill(title, { k: map }));
    this.cells.forEach((node, k) => {
      write(node, one && Number(map) !== classes[k] ? "" : String(classes[k]));
      put(node, { class: surety[k] >= 0.9 ? "sure" : "" });
    });
    this.hold(settings);
  }

  /**
   * Put the handles where the digits are.
   *
   * @param {Settings} settings
   */
  hold(settings) {
    const { texts } = this,
      { canvas } = this.places,
      pixel = canvas.width / WIDE;
    const shown = new Map(placed(settings).map((one) => [one.slot, one]));
    this.handles.forEach((node, k) => {
      const one = shown.get(k + 1);
      node.style.display = one ? "" : "none";
      if (!one) return;
      const { row, column, digit } = one;
      put(node, {
        x: f(canvas.x + pixel * (RING + column)),
        y: f(canvas.y + pixel * (RING + row)),
        width: f(pixel * SIDE),
        height: f(pixel * SIDE),
        "aria-valuenow": row * (COLUMNS - SIDE + 1) + column,
        "aria-valuetext": fill(texts.handle, { digit: article(texts, digit), r: row, c: column }),
      });
    });
  }

  /** @param {any} numbers */
  paint({ canvas, shown }) {
    const { places, backdrop } = this;
    backdrop.tinted(canvas, 0, HIGH, WIDE, places.canvas, 1, false);
    backdrop.tinted(shown, 0, PLACES[0], PLACES[1], places.map, 2.5, false); // numbers stand on it
    if (this.seen) backdrop.tinted(this.seen, 0, WINDOW, WINDOW, places.window, 1, false);
  }

  /** @type {Stage["holds"]} */
  holds({ role }) {
    return role === "output";
  }

  /** @type {Stage["show"]} */
  show({ cell }, pinned) {
    const scene = /** @type {Scene} */ (this.scene);
    const { position, window, ten, truth, reading } = lookedAt(this.host.data, scene, cell);
    const [i, j] = position;
    const [from, to] = [this.windowBox(i, j), this.cellBox(i, j)];
    put(this.frames[0], grown(from, 0));
    put(this.frames[1], grown(to, 0));
    put(this.beam, { d: wedge(from, to, true).fillPath });
    put(this.edge, { d: this.edgesOf(from, to) });
    const kept = pinned ? [this.windowBox(...pinned), this.cellBox(...pinned)] : [];
    put(this.compared, { d: kept.map(rectangle).join("") });
    this.bars.draw(ten, truth);
    this.seen = window;
    this.backdrop.tinted(window, 0, WINDOW, WINDOW, this.places.window, 1, false);
    put(this.map, { "aria-valuenow": i * PLACES[1] + j, "aria-valuetext": reading });
    return reading;
  }
}
