/** The stage of the kernel editor: a photograph, the kernel over it, and the result, with one window in all of them. */

import { put, vector, write } from "../dom.js";
import { GridView, tints } from "../grid.js";
import { cellUnder, led, within } from "../keys.js";
import { photographOf, readingOf, weightsOf } from "../scenes/kernel.js";
import { fill, indexed, number } from "../sentences.js";
import { box, f, frame, grown, inset, onPhone, over, path, rectangle, wedge, word } from "../shapes.js";
import { Weights } from "../weights.js";
import { PictureStage } from "./picture.js";

/** @import { Box, Host, Pair, Scene, Settings, Stage } from "../types.js" */

const TITLE = 24; // px over a picture
const FULL = 8; // the weight with the full tint
const JUMP = 10; // pixels of the photograph for a larger step

/**
 * Where everything stands, for a stage so many px wide.
 *
 * @param {number} width
 * @param {string} size
 */
export function layout(width, size) {
  const square = /** @param {number} x @param {number} y @param {number} side */ (x, y, side) =>
    box(f(x), f(y), f(side));
  if (onPhone(size)) {
    const wide = Math.min(width, 440),
      left = (width - wide) / 2;
    const side = Math.min(0.56 * wide, size === "phone" ? 206 : 164),
      cells = Math.min(wide - side - (size === "phone" ? 24 : 18), size === "phone" ? 150 : 100);
    const right = left + wide - cells,
      top = TITLE + side + 48;
    return {
      height: size === "phone" ? 506 : 426,
      narrow: true,
      photo: square(left, TITLE, side),
      kernel: square(right, TITLE, cells),
      lens: square(right, top, cells),
      result: square(left, top, side),
      words: [right + cells / 2, top + cells + 16],
      counts: { x: right, y: top + cells + 50, width: cells, height: Math.max(10, side - cells - 52) },
    };
  }
  const large = size === "laptop";
  const height = large ? 398 : 342,
    cells = large ? 156 : 138;
  const side = Math.floor(Math.min(large ? 296 : 236, (width - cells - (large ? 64 : 48)) / 2));
  const middle = width / 2 - cells / 2,
    kernel = large ? 126 : 114,
    top = TITLE + kernel + (large ? 26 : 24);
  const under = TITLE + side + 26;
  return {
    height,
    narrow: false,
    photo: square(1, TITLE, side),
    kernel: square(width / 2 - kernel / 2, TITLE, kernel),
    lens: square(middle, top, cells),
    result: square(width - side - 1, TITLE, side),
    words: [width / 2, top + cells + 15],
    counts: { x: width - side - 1, y: under, width: side, height: Math.min(46, height - under - 19) },
  };
}

/**
 * @typedef {ReturnType<typeof layout>} Places
 * @extends {PictureStage<Places>}
 */
export class KernelStage extends PictureStage {
  /** @param {Host} host */
  constructor(host) {
    super(host, layout);
    const { id, data } = host;
    this.weights = new Weights(
      host.specs.filter(({ group }) => group === "kernel"),
      (changes) => host.change(changes),
      (k) => host.point(k === null ? null : { role: "products", cell: [Math.floor(k / 3), k % 3] }),
    );
    /** @type {unknown} */
    this.painted = null;
    this.over = [this.weights.node];
    this.lens = new GridView("products", host);
    this.titles = ["photograph", "kernel", "result"].map((name) => {
      const node = vector("text", { class: "cnnx-title", id: `${id}-${name}` });
      write(node, data.texts[name]);
      return node;
    });
    this.scales = [word("scale"), word("scale")];
    this.cells = Array.from({ length: 9 }, () => vector("rect"));
    this.saved = Array.from({ length: 9 }, () => vector("text", { class: "cnnx-saved" }));
    this.bars = path("bars");
    this.zero = path("zero");
    this.mark = path("mark");
    this.ends = [word("scale"), word("scale")];
    this.words = [word("scale"), word("equation")];
    this.beams = path("beam");
    this.edges = path("edge");
    this.reached = path("reached");
    this.frames = [0, 1, 2].map(() => frame(""));
    this.areas = ["photo", "result"].map((role) => this.area(role));
    const marks = [this.mark, ...this.frames, this.reached];
    this.node.append(
      ...[...this.titles, this.lens.title],
      vector("g", { class: "cnnx-paint cnnx-kernel", "aria-hidden": "true" }, ...this.cells),
      this.lens.paint,
      vector("g", { class: "cnnx-under", "aria-hidden": "true" }, this.bars, this.zero, this.beams, this.edges),
      ...[...this.areas, this.lens.cells, this.lens.texts],
      over(...marks, ...this.saved, ...this.scales, ...this.ends, ...this.words),
    );
  }

  /**
   * What is pointed at on a picture; the photograph is walked by keys too.
   *
   * @param {string} role
   */
  area(role) {
    const { host } = this;
    const area = vector("rect", { class: "cnnx-area", "data-role": role });
    const at = /** @param {MouseEvent} event */ (event) => this.cellAt(role, area, event);
    area.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") host.point({ role: "output", cell: at(event) });
    });
    area.addEventListener("pointerleave", () => host.point(null));
    area.addEventListener("click", (event) => host.choose({ role: "output", cell: at(event) }));
    if (role !== "photo") return area;
    const last = (host.data.side ?? 3) - 3;
    put(area, { tabindex: 0, role: "slider", "aria-label": host.data.texts.window, "data-lm-suppress-shortcuts": "" });
    put(area, { "aria-valuemin": 0, "aria-valuemax": (last + 1) ** 2 - 1 });
    area.addEventListener("keydown", (event) => {
      const jump = event.shiftKey || event.key.startsWith("Page");
      const key = event.key.replace("Page", "Arrow");
      const to = led(key, this.settings?.position ?? [0, 0], [last + 1, last + 1], jump ? JUMP : 1);
      if (!to) return;
      event.preventDefault();
      host.change({ position: to });
    });
    return area;
  }

  /**
   * The window whose middle is pointed at.
   *
   * @param {string} role
   * @param {Element} area
   * @param {MouseEvent} event
   * @returns {Pair}
   */
  cellAt(role, area, event) {
    const side = this.host.data.side ?? 3,
      [count, back] = role === "photo" ? [side, 1] : [side - 2, 0];
    const [r, c] = cellUnder(event, area, [count, count]);
    return [within(r - back, side - 2), within(c - back, side - 2)];
  }

  /** @type {PictureStage<Places>["stand"]} */
  stand({ photo, kernel, result, lens, counts, words, narrow }) {
    this.lens.place(lens);
    [photo, kernel, result].forEach((box, k) => {
      const middle = k === 1;
      const x = middle ? box.x + box.width / 2 : k === 2 && !narrow ? box.x + box.width : box.x;
      put(this.titles[k], { x, y: 15, "text-anchor": middle ? "middle" : k === 2 && !narrow ? "end" : "start" });
    });
    put(this.titles[2], { y: result.y - 9 });
    write(this.titles[1], this.host.data.texts[narrow ? "kernel" : "kernel_how"]);
    put(this.lens.title, { x: lens.x + lens.width / 2, y: lens.y - 8, "text-anchor": "middle" });
    put(this.scales[0], { x: photo.x, y: photo.y + photo.height + 14 });
    put(this.scales[1], { x: result.x, y: result.y + result.height + 14 });
    put(this.rims, { d: rectangle(photo) + rectangle(result) });
    this.areas.forEach((area, k) => {
      put(area, grown([photo, result][k], 0));
    });
    const cell = kernel.width / 3;
    for (let k = 0; k < 9; k++) {
      const [x, y] = [kernel.x + (k % 3) * cell, kernel.y + Math.floor(k / 3) * cell];
      put(this.cells[k], { x: f(x), y: f(y), width: f(cell), height: f(cell) });
      put(this.saved[k], { x: f(x + cell / 2), y: f(y + cell / 2), "text-anchor": "middle" });
    }
    const { node } = this.weights;
    for (const [name, value] of Object.entries({
      left: kernel.x,
      top: kernel.y,
      width: kernel.width,
      height: kernel.height,
    }))
      node.style.setProperty(name, `${value}px`);
    put(this.ends[0], { x: counts.x, y: counts.y + counts.height + 9 });
    put(this.ends[1], { x: counts.x + counts.width, y: counts.y + counts.height + 9, "text-anchor": "end" });
    this.words.forEach((node, k) => {
      put(node, { x: words[0], y: words[1] + 18 * k, "text-anchor": "middle" });
    });
  }

  /** @type {Stage["draw"]} */
  change(scene, settings) {
    this.weights.set(settings);
    const looks = weightsOf(settings).flat();
    for (const [k, w] of looks.entries()) {
      const look = w ? `${w < 0 ? "n" : "p"}${Math.ceil((5 * Math.abs(w)) / FULL)}` : "z";
      put(this.cells[k], { class: look });
      write(this.saved[k], settings.letters ? indexed("w", Math.floor(k / 3), k % 3) : number(w));
    }
    const { texts } = this.host.data,
      { centred, reach } = scene.numbers;
    write(this.scales[0], texts.black_white);
    const grey = texts[this.places.result.width < 250 ? "grey_short" : "grey"];
    write(this.scales[1], centred ? fill(grey, { low: number(-reach), high: number(reach) }) : texts.black_white);
    this.count(scene.numbers);
  }

  pictures() {
    const { scene, places } = this,
      side = this.host.data.side ?? 3;
    if (!scene) return;
    if (this.painted !== places) this.backdrop.grey(photographOf(this.host.data), side, side, places.photo);
    this.painted = places; // the photograph stays as it is until the card has another size
    this.backdrop.grey(scene.numbers.levels, side - 2, side - 2, places.result);
  }

  /**
   * How often each result occurs: the root, which shows rare results beside frequent ones.
   *
   * @param {{result: Float64Array, smallest: number, largest: number}} numbers
   */
  count({ result, smallest, largest }) {
    const bins = this.host.data.bins ?? 1;
    const { x, y, width, height } = this.places.counts;
    const span = largest - smallest || 1;
    const counts = new Array(bins).fill(0);
    for (const value of result) counts[Math.min(bins - 1, Math.floor(((value - smallest) / span) * bins))]++;
    const most = Math.sqrt(Math.max(...counts)),
      step = width / bins;
    const tops = counts.map(
      (n, k) => `H${f(x + k * step)}V${f(y + height - (height * Math.sqrt(n)) / most)}H${f(x + (k + 1) * step)}`,
    );
    put(this.bars, { d: `M${f(x)} ${f(y + height)}${tops.join("")}V${f(y + height)}z` });
    const zero = smallest < 0 && largest > 0 ? x + (-smallest / span) * width : null;
    put(this.zero, { d: zero === null ? "" : `M${f(zero)} ${f(y)}v${f(height)}` });
    write(this.ends[0], number(smallest, width < 120 ? 0 : 1));
    write(this.ends[1], number(largest, width < 120 ? 0 : 1));
  }

  /** @type {Stage["show"]} */
  show({ role, cell }) {
    const { data } = this.host,
      settings = /** @type {Settings} */ (this.settings);
    const [r, c] = role === "output" ? cell : settings.position;
    const { words, sum, value } = readingOf(data, settings, r, c);
    this.drawLens(r, c);
    this.drawFrames(r, c, value);
    const { divisor, bias } = settings;
    const rest = `${divisor > 1 ? fill(data.texts.divisor, { divisor }).trim() : ""}${
      bias ? fill(data.texts[bias > 0 ? "plus" : "minus"], { bias: number(Math.abs(bias)) }) : ""
    }`.trim();
    write(this.words[0], `Σ = ${number(sum)}`);
    write(this.words[1], this.places.narrow || !rest ? `= ${number(value)}` : `${rest} = ${number(value)}`);
    put(this.areas[0], {
      "aria-valuenow": r * ((data.side ?? 3) - 2) + c,
      "aria-valuetext": fill(data.texts.place, { r, c, value: number(value) }),
    });
    put(this.reached, { d: role === "products" ? this.both(cell) : "" });
    return words;
  }

  /**
   * A weight, and where it stands in the window.
   *
   * @param {Pair} cell
   */
  both([m, n]) {
    const { kernel } = this.places,
      side = kernel.width / 3;
    const weight = box(kernel.x + n * side, kernel.y + m * side, side);
    return rectangle(inset(weight, 1.5)) + rectangle(inset(this.lens.boxOf(m, n), 1.5));
  }

  /** @param {number} r @param {number} c */
  drawLens(r, c) {
    const { data } = this.host,
      settings = /** @type {Settings} */ (this.settings);
    const photo = photographOf(data),
      side = data.side ?? 3,
      { letters } = settings;
    const ws = weightsOf(settings);
    const xs = ws.map((row, m) => row.map((_, n) => photo[(r + m) * side + c + n]));
    const products = ws.map((row, m) => row.map((w, n) => w * xs[m][n]));
    const notes = ws.map((row, m) => row.map((w, n) => (letters ? indexed("x", m, n) : `${xs[m][n]}·${number(w)}`)));
    const room = this.lens.room(3, 3),
      longest = Math.max(...notes.flat().map((one) => one.length));
    this.lens.draw({
      title: data.texts.products,
      texts: products.map((row, m) => row.map((p, n) => (letters ? `·${indexed("w", m, n)}` : number(p)))),
      air: this.places.narrow ? 0 : 1,
      looks: letters ? products.map((row) => row.map(() => "z")) : tints(products),
      notes: longest * 6.1 < room - 3 ? notes : notes.map((row) => row.map(() => "")),
      label: (m, n) => {
        const second = `${xs[m][n]} · ${number(ws[m][n])} = ${number(products[m][n])}`;
        return fill(data.words.named, { first: fill(data.texts.weight, { m, n }), second });
      },
    });
  }

  /** @param {number} r @param {number} c @param {number} value */
  drawFrames(r, c, value) {
    const { photo, result, counts, narrow } = this.places;
    const side = this.host.data.side ?? 3,
      lens = this.lens.boxOf(0, 0, 3, 3);
    const part = /** @param {Box} box @param {number} count @param {number} cells */ (box, count, cells) => ({
      x: box.x + (c * box.width) / count,
      y: box.y + (r * box.height) / count,
      width: (cells * box.width) / count,
      height: (cells * box.height) / count,
    });
    const window = part(photo, side, 3),
      pixel = part(result, side - 2, 1);
    const [first, second] = narrow
      ? [wedge(window, lens, true), wedge(pixel, lens, false)]
      : [wedge(window, lens, false), wedge(lens, pixel, false)];
    put(this.beams, { d: first.fillPath + second.fillPath });
    put(this.edges, { d: first.edgePath + second.edgePath });
    [grown(window, 2), grown(lens, 0), grown(pixel, 2)].forEach((box, k) => {
      put(this.frames[k], box);
    });
    const { smallest, largest } = /** @type {Scene} */ (this.scene).numbers;
    const x = counts.x + ((value - smallest) / (largest - smallest || 1)) * counts.width;
    put(this.mark, { d: `M${f(x)} ${f(counts.y - 2)}v${f(counts.height + 4)}` });
  }
}
