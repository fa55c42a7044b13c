/**
 * The drawing pad: takes strokes from mouse, finger, pen or keyboard, or a picture file, and shows at once what a network
 * makes of them. A network of the reader's own is asked in Python, and the pad shows what comes back.
 */

import { element } from "./dom.js";
import { floats, mapsOf, network, softmax } from "./layers.js";
import { Layers, SCALES } from "./pad_maps.js";
import { digitImage, inkOf } from "./pen.js";
import { NoDigit, readDigit } from "./read_digit.js";
import { fill } from "./sentences.js";

export { digitImage, floats, mapsOf, network, readDigit };

/**
 * @import { Model } from "./types.js"
 * @import { Point, Strokes } from "./pen.js"
 *
 * @typedef {Record<string, any>} Texts what the pad says: templates in the reader's language, see pad_words.py
 *
 * @typedef {object} Picture a picture that was read
 * @property {number[]} image 28 × 28, ink 1
 * @property {HTMLCanvasElement | null} seen as it was looked at; nothing if it was read in Python
 *
 * @typedef {object} Drawing
 * @property {Strokes} strokes
 * @property {Picture | null} picture in the place of strokes
 */

const OWN_KEYS = "data-lm-suppress-shortcuts"; // JupyterLab looks for it on the focused element itself
const PATIENCE = 2500; // milliseconds until a missing answer is told
const PAUSE = 700; // milliseconds of rest after which the answer is read out
const BETWEEN = 100; // milliseconds between two drawings sent to Python, if nobody there has to answer
const [THINNEST, THICKEST] = [0.035, 0.11]; // of the pad: between these the pen is as thick on it as for the network
const NEAR = 0.004; // of the pad: points nearer to the last one than this are left out
const STEP = 1 / 28; // of the pad: how far an arrow key moves the pen
/** @type {Record<string, Point>} */
const MOVES = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [-1, -1],
  PageUp: [-1, 1],
  End: [1, -1],
  PageDown: [1, 1],
};

// ---- words -----------------------------------------------------------------------------------------------------------

/**
 * A probability in percent, and ">" or "<" before it where it is more or less than is written.
 *
 * @param {number} share
 */
function rounded(share) {
  if (share >= 0.9995) return [">", "99.9"];
  return share < 0.0005 ? ["<", "0.1"] : ["", (100 * share).toFixed(1)];
}

/**
 * @param {Texts} texts
 * @param {number} share
 */
function percent(texts, share) {
  const [side, shown] = rounded(share);
  return fill(side ? (side === ">" ? texts.over : texts.under) : texts.percent, { share: shown });
}

/**
 * The same, short, as it stands beside a bar.
 *
 * @param {Texts} texts
 * @param {number} share
 */
function percentBeside(texts, share) {
  const [side, shown] = rounded(share);
  return side + fill(texts.percent, { share: shown });
}

/**
 * @param {Texts} texts
 * @param {number[] | null} probabilities
 */
function sentence(texts, probabilities) {
  if (!probabilities) return texts.nothing;
  const order = probabilities.map((_, k) => k).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  const [sure, less] = order.map((k) => percent(texts, probabilities[k]));
  return fill(texts.reads, { digit: order[0], sure, second: order[1], less });
}

/**
 * Why a file was not read.
 *
 * @param {Texts} texts
 * @param {string} file
 * @param {unknown} error
 */
export function refusal(texts, file, error) {
  if (!(error instanceof NoDigit)) return fill(texts.refused.no_picture, { file });
  return fill(texts.refused[error.why], { file, ...error.gaps });
}

// ---- parts of the page -----------------------------------------------------------------------------------------------

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
function made(tag, attributes, ...children) {
  return /** @type {HTMLElementTagNameMap[T]} */ (element(tag, attributes, ...children));
}

/** The ten bars with their numbers. */
class Answers {
  /** @param {Texts} texts */
  constructor(texts) {
    this.texts = texts;
    this.big = made("span", { class: "cnnx-pad-big", "aria-hidden": "true" });
    this.sentence = made("p", { class: "cnnx-sentence" });
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const fill = made("span"),
        value = made("span", { class: "cnnx-pad-share" });
      const name = made("span", { class: "cnnx-pad-digit" }, String(digit));
      const bar = made("span", { class: "cnnx-pad-bar", "aria-hidden": "true" }, fill);
      return { item: made("li", {}, name, bar, value), fill, value };
    });
    const list = made("ol", { "aria-label": texts.answers }, ...this.bars.map(({ item }) => item));
    const reads = made("div", { class: "cnnx-pad-reads" }, this.big, this.sentence);
    this.node = made("div", { class: "cnnx-pad-answer" }, reads, list);
  }

  /** @param {number[] | null} probabilities */
  show(probabilities) {
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.big.textContent = best < 0 ? "–" : String(best);
    this.sentence.textContent = sentence(this.texts, probabilities).replaceAll(" %", "\u00a0%"); // stays on one line
    this.bars.forEach(({ item, fill, value }, digit) => {
      const share = probabilities?.[digit] ?? 0;
      fill.style.width = `${100 * share}%`;
      value.textContent = probabilities ? percentBeside(this.texts, share) : "";
      item.className = digit === best ? "best" : "";
    });
  }
}

/** The image that the network gets, and what was done to make it. */
class Seen {
  /** @param {any} form */
  constructor(form) {
    this.form = form;
    /** @type {Texts} */
    this.texts = form.texts;
    this.canvas = made("canvas", { role: "img", width: form.side, height: form.side });
    this.frame = made("span", { class: "cnnx-pad-box" });
    this.said = made("figcaption");
    const square = made("div", { class: "cnnx-pad-square" }, this.canvas, this.frame);
    const title = made("b", {}, fill(this.texts.sees, { side: form.side }));
    this.node = made("figure", { class: "cnnx-pad-seen" }, title, square, this.said);
  }

  /**
   * @param {ArrayLike<number>} values
   * @param {{scale: number, top: number, left: number} | null} drawn how strokes were put there
   * @param {boolean} empty
   */
  show(values, drawn, empty) {
    const { side, box } = this.form;
    const context = this.canvas.getContext("2d");
    const pixels = context?.createImageData(side, side);
    for (let k = 0; k < values.length; k++) pixels?.data.set([...SCALES.grey[Math.round(255 * values[k])], 255], 4 * k);
    if (pixels) context?.putImageData(pixels, 0, 0);
    this.frame.hidden = empty || !drawn;
    const share = /** @param {number} n */ (n) => `${(100 * n) / side}%`;
    const place = { top: share(drawn?.top ?? 0), left: share(drawn?.left ?? 0), width: share(box), height: share(box) };
    Object.assign(this.frame.style, place);
    this.said.textContent = empty ? this.texts.nothing : this.words(values, drawn);
    this.canvas.setAttribute("aria-label", fill(this.texts.seen, { how: this.said.textContent ?? "" }));
  }

  /** @param {ArrayLike<number>} values @param {{scale: number} | null} drawn */
  words(values, drawn) {
    const { side, box } = this.form;
    const { mass, height, width } = inkOf(values, side);
    const [row, column] = mass.map((one) => one.toFixed(1));
    const scale = drawn ? (drawn.scale / side).toFixed(2) : "";
    return fill(drawn ? this.texts.scaled : this.texts.cut_out, { scale, height, width, box, row, column });
  }
}

/** @param {Texts} texts */
function legend(texts) {
  const parts = ["grey", "above", "below"].map((kind) =>
    made("span", {}, made("span", { class: `cnnx-pad-swatch ${kind}` }), texts[kind]),
  );
  return made("p", { class: "cnnx-legend" }, made("span", {}, texts.scales), ...parts);
}

/**
 * The pixels of a picture file.
 *
 * @param {Blob} file
 */
async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = made("canvas", { width: bitmap.width, height: bitmap.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  bitmap.close();
  return { values: data, width, height, channels: 4 };
}

/**
 * Pixels from 0 to 1 as a canvas.
 *
 * @param {{values: Float64Array, height: number, width: number, channels: number}} pixels
 */
function canvasOf({ values, height, width, channels }) {
  const canvas = made("canvas", { width, height });
  const context = canvas.getContext("2d");
  const image = context?.createImageData(width, height);
  for (let p = 0; image && p < width * height; p++) {
    for (let k = 0; k < 3; k++) image.data[4 * p + k] = 255 * values[p * channels + Math.min(k, channels - 1)];
    image.data[4 * p + 3] = 255;
  }
  if (image) context?.putImageData(image, 0, 0);
  return canvas;
}

/**
 * An image as a canvas, its ink dark.
 *
 * @param {ArrayLike<number>} image
 * @param {number} side
 */
function inkCanvas(image, side) {
  return canvasOf({ values: Float64Array.from(image, (ink) => 1 - ink), height: side, width: side, channels: 1 });
}

// ---- the whole pad ---------------------------------------------------------------------------------------------------

class Pad {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.form = model.get("form");
    /** @type {Texts} */
    this.texts = this.form.texts;
    this.layers = this.form.layers.length ? network(this.form.layers, floats(model.get("weights"))) : null;
    this.client = Math.random().toString(36).slice(2); // several views of one pad, one Python
    this.drawing = this.stored();
    this.first = this.drawing; // what a page without a kernel goes back to, if it needs one
    /** @type {Drawing[]} */
    this.history = []; // the drawings before, for Undo
    /** @type {Point} */
    this.pen = [0.5, 0.5]; // of the keyboard
    /** @type {Set<string>} */
    this.keys = new Set(); // arrow keys held down
    this.sent = this.drawn = this.taken = 0;
    this.thick = THICKEST;
    this.down = this.alive = this.waiting = this.planned = this.off = this.gone = this.keyboard = false;
    /** @type {number | null} */
    this.pointer = null;
    this.timer = this.later = this.quiet = 0;
    this.known = ""; // the layers of an own network that the maps have the shape of
    this.trouble = ""; // why a file was not read

    const id = `cnnx-${this.client}`;
    const { texts } = this;
    this.paper = made("canvas", {
      class: "cnnx-paper",
      tabindex: 0,
      role: "application",
      "aria-roledescription": texts.title,
      "aria-label": texts.paper,
      "aria-describedby": id,
    });
    this.undoButton = made("button", { type: "button" }, texts.undo);
    this.clearButton = made("button", { type: "button" }, texts.clear);
    this.pictureButton = made("button", { type: "button" }, texts.picture);
    this.file = made("input", { type: "file", accept: "image/*", hidden: "" });
    this.select = made("select", { "aria-label": texts.samples }, made("option", { value: "" }, texts.own));
    this.form.samples.forEach((/** @type {Strokes} */ _, /** @type {number} */ digit) => {
      this.select.append(made("option", { value: digit }, fill(texts.sample, { digit })));
    });
    this.hint = made("p", { class: "cnnx-pad-hint" });
    const all = [this.undoButton, this.clearButton, this.pictureButton, this.file, this.select];
    const buttons = made("div", { class: "cnnx-pad-buttons" }, ...all);
    const left = made("div", { class: "cnnx-pad-left" }, this.paper, buttons, this.hint);
    const help = made("p", { class: "cnnx-pad-help", id }, texts.help);
    this.seen = new Seen(this.form);
    this.answers = new Answers(texts);
    this.maps = new Layers(this.form.shown, texts);
    this.reading = made("p", { class: "cnnx-pad-reading", "aria-hidden": "true" });
    this.note = made("p", { class: "cnnx-pad-note", role: "status", hidden: "" });
    this.spoken = made("p", { class: "cnnx-pad-spoken", "aria-live": "polite" });
    const top = made("div", { class: "cnnx-pad-top" }, left, this.seen.node, this.answers.node, help);
    const below = [this.note, legend(texts), this.maps.node, this.reading, this.spoken];
    this.node = made("div", { class: "cnnx cnnx-pad", role: "group", "aria-label": texts.title }, top, ...below);
    if (this.form.lang) this.node.lang = this.form.lang;
    for (const part of this.node.querySelectorAll("[tabindex], button, select")) part.setAttribute(OWN_KEYS, "true");
    el.append(this.node);

    if (this.layers) this.maps.shape(mapsOf(this.layers, new Float32Array(this.form.side ** 2), this.form.side));
    this.listen();
    this.listenToFiles();
    this.resized = new ResizeObserver(() => this.drawPaper());
    this.resized.observe(this.paper);
    this.hear = () => this.fromPython();
    this.told = () => this.answered();
    model.on("change:_drawing", this.hear);
    model.on("change:_result", this.told);
    if (!this.layers) {
      this.answered();
      this.send(); // is there a Python?
    }
    this.update(false);
  }

  listen() {
    const { paper } = this;
    paper.addEventListener("pointerdown", (event) => {
      if (this.off || this.pointer !== null || event.button !== 0) return;
      event.preventDefault();
      paper.focus({ preventScroll: true });
      this.keyboard = false;
      if (this.down) this.lift();
      this.pointer = event.pointerId;
      paper.setPointerCapture(event.pointerId);
      this.begin(this.place(event));
    });
    paper.addEventListener("pointermove", (event) => {
      if (event.pointerId !== this.pointer) return;
      const events = event.getCoalescedEvents?.() ?? [];
      for (const one of events.length ? events : [event]) this.extend(this.place(one));
    });
    /** @param {PointerEvent} event */
    const end = (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      this.lift();
    };
    for (const kind of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
      paper.addEventListener(kind, end);
    }
    paper.addEventListener("keydown", (event) => this.key(event));
    paper.addEventListener("keyup", (event) => this.keys.delete(event.key));
    paper.addEventListener("focus", () => {
      if (this.pointer === null && paper.matches(":focus-visible")) this.keyboard = true;
      this.drawPaper();
    });
    paper.addEventListener("blur", () => {
      this.keys.clear();
      if (this.down && this.pointer === null) this.lift();
      this.drawPaper();
    });
    this.undoButton.addEventListener("click", () => this.undo());
    this.clearButton.addEventListener("click", () => this.replace([]));
    this.select.addEventListener("change", () => {
      this.replace(this.select.value === "" ? [] : this.form.samples[Number(this.select.value)]);
    });
    this.maps.node.addEventListener("pointermove", (event) => {
      this.reading.textContent = this.maps.under(event);
    });
    this.maps.node.addEventListener("pointerleave", () => (this.reading.textContent = ""));
  }

  /** A picture file, chosen or dropped. */
  listenToFiles() {
    this.pictureButton.addEventListener("click", () => this.file.click());
    this.file.addEventListener("change", () => {
      if (this.file.files?.length) this.take(this.file.files[0]);
      this.file.value = ""; // the same file can be chosen again
    });
    /** @param {DragEvent} event */
    const over = (event) => {
      if (this.off || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      this.node.classList.add("dropping");
    };
    this.node.addEventListener("dragenter", over);
    this.node.addEventListener("dragover", over);
    this.node.addEventListener("dragleave", (event) => {
      if (!this.node.contains(/** @type {Node | null} */ (event.relatedTarget))) this.node.classList.remove("dropping");
    });
    this.node.addEventListener("drop", (event) => {
      this.node.classList.remove("dropping");
      if (this.off || !event.dataTransfer?.files.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.take(event.dataTransfer.files[0]);
    });
  }

  destroy() {
    this.gone = true;
    for (const timer of [this.timer, this.later, this.quiet]) clearTimeout(timer);
    this.resized.disconnect();
    this.maps.destroy();
    this.model.off("change:_drawing", this.hear);
    this.model.off("change:_result", this.told);
    this.node.remove();
  }

  // ---- pictures

  /**
   * Read a picture file in the place of the drawing; if it cannot be a digit, say why and change nothing.
   *
   * @param {File} file
   */
  async take(file) {
    this.taken += 1;
    const now = this.taken;
    try {
      const { image, seen } = readDigit(await pixelsOf(file));
      if (now !== this.taken || this.gone) return;
      this.show({ strokes: [], picture: { image: Array.from(image, fourDigits), seen: canvasOf(seen) } });
    } catch (error) {
      if (now !== this.taken || this.gone) return;
      this.trouble = refusal(this.texts, file.name, error);
      this.update(false);
      this.say(this.trouble);
    }
  }

  // ---- the pen

  /**
   * The place of an event on the pad; beyond the edge it is the edge.
   *
   * @param {PointerEvent} event
   * @returns {Point}
   */
  place(event) {
    const box = this.paper.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
  }

  /** Which of the samples stands on the pad. */
  get sample() {
    const now = JSON.stringify(this.drawing.strokes);
    const digit = this.form.samples.findIndex((/** @type {Strokes} */ strokes) => JSON.stringify(strokes) === now);
    return digit < 0 || this.drawing.picture ? null : digit;
  }

  get empty() {
    return !this.drawing.strokes.length && !this.drawing.picture;
  }

  remember() {
    this.history.push({ ...this.drawing, strokes: copied(this.drawing.strokes) });
    if (this.history.length > 200) this.history.shift();
  }

  /** @param {Point} point */
  begin(point) {
    this.remember();
    const before = this.sample === null ? this.drawing.strokes : []; // a sample makes room, and so does a picture
    this.down = true;
    this.drawing = { strokes: [...before, [exact(point)]], picture: null };
    this.changed();
  }

  /** @param {Point} point */
  extend(point) {
    const stroke = this.drawing.strokes[this.drawing.strokes.length - 1];
    const last = stroke[stroke.length - 1],
      next = exact(point);
    if (Math.hypot(next[0] - last[0], next[1] - last[1]) < NEAR) return;
    stroke.push(next);
    this.changed();
  }

  lift() {
    this.down = false;
    this.changed();
  }

  undo() {
    const before = this.down ? undefined : this.history.pop();
    if (!before) return;
    this.drawing = before;
    this.changed();
  }

  /** @param {Strokes} strokes */
  replace(strokes) {
    this.show({ strokes: copied(strokes), picture: null });
  }

  /** @param {Drawing} drawing */
  show(drawing) {
    if (this.down) this.lift();
    this.remember();
    this.drawing = drawing;
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.off) return;
    const undo = event.key === "Backspace" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z");
    if ((event.altKey || event.ctrlKey || event.metaKey) && !undo) return;
    if (undo) {
      if (this.down) this.lift();
      this.undo();
    } else if (event.key === "Delete") this.replace([]);
    else if (event.key === " ") {
      if (!event.repeat && this.pointer === null) this.down ? this.lift() : this.begin(this.pen);
      this.say(this.where(this.down ? "pen_down" : "pen_up"));
    } else if (MOVES[event.key]) this.move(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.keyboard = true;
    this.drawPaper();
  }

  /**
   * Two arrow keys held together go diagonally.
   *
   * @param {KeyboardEvent} event
   */
  move(event) {
    this.keys.add(event.key);
    const step = event.shiftKey ? STEP / 4 : STEP;
    const [down, right] = [0, 1].map((axis) => {
      return Math.sign([...this.keys].reduce((total, key) => total + MOVES[key][axis], 0));
    });
    this.pen = [onPad(this.pen[0] + step * down), onPad(this.pen[1] + step * right)]; // not rounded: steps add up
    if (this.down && this.pointer === null) this.extend(this.pen);
    else this.say(this.where("pen_at"));
  }

  /** @param {"pen_down" | "pen_up" | "pen_at"} name */
  where(name) {
    const [row, column] = this.pen.map((share) => Math.round(100 * share));
    return fill(this.texts[name], { row, column });
  }

  /**
   * Read out after a pause, the latest only.
   *
   * @param {string} text
   */
  say(text) {
    clearTimeout(this.quiet);
    this.quiet = window.setTimeout(() => (this.spoken.textContent = text), PAUSE);
  }

  // ---- what follows from a drawing

  changed() {
    this.trouble = "";
    this.node.dataset.waiting = "true";
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      if (!this.gone) this.update(true);
    });
  }

  /** @param {boolean} news */
  update(news) {
    const { strokes, picture } = this.drawing;
    const drawn = digitImage(strokes, this.form);
    const values = picture ? Float32Array.from(picture.image) : drawn.values;
    this.thick = Math.min(Math.max(drawn.thick, THINNEST), THICKEST);
    this.drawPaper();
    this.seen.show(values, picture ? null : drawn, this.empty);
    if (this.layers) {
      const maps = this.empty ? null : mapsOf(this.layers, values, this.form.side);
      this.maps.show(maps);
      this.showAnswer(maps && softmax(maps[maps.length - 1].values).probabilities, news);
    }
    this.select.value = String(this.sample ?? "");
    this.hint.textContent = this.trouble || this.state(drawn.thick);
    this.enable(!this.off);
    if (news) this.plan();
    if (this.layers) this.done();
  }

  /**
   * What stands on the pad, in words.
   *
   * @param {number} thick
   */
  state(thick) {
    if (this.empty) return this.texts.is_empty;
    if (this.drawing.picture) return this.texts.is_picture;
    return this.sample !== null ? this.texts.is_sample : thick < THINNEST ? this.texts.is_small : "";
  }

  done() {
    this.drawn += 1;
    this.node.dataset.drawn = String(this.drawn);
    this.node.dataset.waiting = String(Boolean(this.planned || (!this.layers && this.waiting)));
  }

  /** @param {number[] | null} probabilities @param {boolean} news */
  showAnswer(probabilities, news) {
    this.answers.show(probabilities);
    if (news) this.say(this.answers.sentence.textContent ?? "");
  }

  drawPaper() {
    const { paper } = this;
    const size = Math.round(paper.clientWidth * Math.min(window.devicePixelRatio || 1, 3));
    const context = paper.getContext("2d");
    if (!size || !context) return;
    if (paper.width !== size) paper.width = paper.height = size;
    context.setTransform(size, 0, 0, size, 0, 0);
    context.clearRect(0, 0, 1, 1);
    this.drawPicture(context);
    Object.assign(context, { lineWidth: this.thick, lineCap: "round", lineJoin: "round" });
    context.strokeStyle = context.fillStyle = this.sample === null ? "#111111" : "#6a6f76";
    for (const stroke of this.drawing.strokes) {
      context.beginPath();
      context.moveTo(stroke[0][1], stroke[0][0]);
      for (const [r, c] of stroke) context.lineTo(c, r);
      context.stroke();
      context.beginPath();
      context.arc(stroke[0][1], stroke[0][0], this.thick / 2, 0, 7); // a line of no length draws nothing
      context.fill();
    }
    if (this.keyboard && document.activeElement && paper.matches(":focus")) this.drawPen(context);
  }

  /**
   * A picture in the middle of the paper.
   *
   * @param {CanvasRenderingContext2D} context
   */
  drawPicture(context) {
    const { picture } = this.drawing;
    if (!picture) return;
    picture.seen ??= inkCanvas(picture.image, this.form.side);
    const { width, height } = picture.seen,
      longer = Math.max(width, height);
    const [w, h] = [width / longer, height / longer];
    context.imageSmoothingEnabled = longer > this.form.side;
    context.drawImage(picture.seen, (1 - w) / 2, (1 - h) / 2, w, h);
  }

  /**
   * The pen of the keyboard: a ring with a cross while it is up, a filled ring while it is down.
   *
   * @param {CanvasRenderingContext2D} context
   */
  drawPen(context) {
    const [r, c] = this.pen;
    for (const [colour, width] of /** @type {const} */ ([
      ["#ffffff", 0.022],
      ["#0969c8", 0.01],
    ])) {
      Object.assign(context, { strokeStyle: colour, lineWidth: width });
      context.beginPath();
      context.arc(c, r, 0.045, 0, 7);
      context.stroke();
      if (this.down) continue;
      context.beginPath();
      context.moveTo(c - 0.075, r);
      context.lineTo(c + 0.075, r);
      context.moveTo(c, r - 0.075);
      context.lineTo(c, r + 0.075);
      context.stroke();
    }
    if (!this.down) return;
    context.fillStyle = "#0969c8";
    context.beginPath();
    context.arc(c, r, 0.028, 0, 7);
    context.fill();
  }

  // ---- Python

  /** The drawing that Python, or a saved page, holds. @returns {Drawing} */
  stored() {
    const { strokes, image } = this.model.get("_drawing");
    return { strokes: copied(strokes), picture: image ? { image, seen: null } : null };
  }

  /** Send the drawing: at once if an answer is waited for, else now and then, and at the end of a stroke. */
  plan() {
    if (!this.layers) return this.send();
    if (!this.down) {
      clearTimeout(this.later);
      this.later = 0;
      this.send();
    } else if (!this.later) {
      this.later = window.setTimeout(() => {
        this.later = 0;
        this.send();
      }, BETWEEN);
    }
  }

  send() {
    this.sent += 1;
    const { strokes, picture } = this.drawing;
    const image = picture ? { image: picture.image } : {};
    this.model.set("_drawing", { strokes: copied(strokes), ...image, client: this.client, serial: this.sent });
    this.model.save_changes();
    if (this.layers) return;
    if (!this.waiting) this.timer = window.setTimeout(() => this.lose(), PATIENCE);
    this.waiting = true;
    this.node.dataset.waiting = "true";
  }

  /** Python, or another view of this pad, has put a drawing in the place of ours. */
  fromPython() {
    if (this.model.get("_drawing").client === this.client) return;
    this.remember();
    this.pointer = null;
    this.down = false;
    this.trouble = "";
    this.drawing = this.stored();
    this.update(false);
    this.say(this.answers.sentence.textContent ?? "");
  }

  /** What a network in Python says, perhaps to an older drawing: shown all the same, the newest follows. */
  answered() {
    const result = this.model.get("_result");
    if (this.layers || !result.layers) return;
    const mine = result.client === this.client;
    if (mine) {
      this.alive = true;
      clearTimeout(this.timer);
      this.waiting = result.serial !== this.sent;
      if (this.waiting) this.timer = window.setTimeout(() => this.lose(), PATIENCE);
      this.enable(true);
      this.note.hidden = true;
    }
    const values = floats(this.model.get("_maps"));
    let from = 0;
    const maps = result.layers.map((/** @type {{name: string, shape: number[]}} */ { name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return { name, shape, values: values.subarray(from, (from += size)) };
    });
    const form = JSON.stringify(result.layers);
    if (maps.length && form !== this.known) {
      this.known = form;
      this.maps.shape(maps);
    }
    this.maps.show(maps.length ? maps : null);
    this.showAnswer(result.probabilities, mine && result.serial > 1);
    this.done();
  }

  lose() {
    this.note.textContent = this.alive ? this.texts.no_answer : this.texts.no_kernel;
    this.note.hidden = false;
    if (this.alive) return;
    this.waiting = false;
    this.drawing = this.first;
    this.enable(false);
    this.update(false);
    this.node.dataset.waiting = "false";
  }

  /** @param {boolean} on */
  enable(on) {
    this.off = !on;
    this.paper.setAttribute("aria-disabled", String(!on));
    this.paper.tabIndex = on ? 0 : -1;
    this.select.disabled = this.pictureButton.disabled = !on;
    this.undoButton.disabled = !on || this.down || !this.history.length;
    this.clearButton.disabled = !on || this.empty;
  }
}

/** @param {number} share */
const onPad = (share) => Math.min(Math.max(share, 0), 1);

/** @param {number} share */
const fourDigits = (share) => Math.round(10000 * share) / 10000;

/**
 * A point with the digits that are kept, on the pad.
 *
 * @param {Point} point
 * @returns {Point}
 */
const exact = ([row, column]) => [fourDigits(onPad(row)), fourDigits(onPad(column))];

/** @param {Strokes} strokes @returns {Strokes} */
function copied(strokes) {
  return strokes.map((stroke) => stroke.map(([row, column]) => [row, column]));
}

export default {
  /** @param {{ model: Model, el: HTMLElement }} view */
  render({ model, el }) {
    const pad = new Pad(model, el);
    return () => pad.destroy();
  },
};
