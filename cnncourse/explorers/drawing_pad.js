// The drawing pad: takes strokes from mouse, finger, pen or keyboard and shows at once what a network makes of them.
// Python puts lenet.js before this text: digitImage, network, mapsOf, softmax and floats come from there. A network of
// the reader's own is asked in Python, and this module shows what comes back.

const OWN_KEYS = "data-lm-suppress-shortcuts"; // JupyterLab looks for it on the focused element itself
const NO_KERNEL =
  "Answer and maps belong to the drawing shown here. To draw another one, open this notebook in Jupyter and run its " +
  "cells: this network is asked in Python.";
const NO_ANSWER =
  "Python has not answered yet: it is busy, or it was stopped. Answer and maps still belong to an earlier drawing. " +
  "They will follow when Python is free; if Python was stopped, run the cell again.";
const PATIENCE = 2500; // milliseconds until a missing answer is told
const PAUSE = 700; // milliseconds of rest after which the answer is read out
const BETWEEN = 100; // milliseconds between two drawings sent to Python, if nobody there has to answer
const LINE = 0.07; // of the pad: how thick the pen looks on it
const NEAR = 0.004; // of the pad: points nearer to the last one than this are left out
const STEP = 1 / 28; // of the pad: how far an arrow key moves the pen
const HELP =
  "Draw with mouse or finger. By keyboard: arrow keys move the pen (with Shift in small steps; Home, Page Up, End and " +
  "Page Down slantwise), Space puts it down or lifts it, Backspace undoes, Delete clears.";
const BEGINS = /^convolution (?!1$)|^fully connected 1$/; // layers that begin a new line
const MOVES = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  Home: [-1, -1], PageUp: [-1, 1], End: [1, -1], PageDown: [1, 1],
};

// ---- words ----------------------------------------------------------------------------------------------------------

function percent(share) {
  if (share >= 0.9995) return "over 99.9 %";
  return share < 0.0005 ? "under 0.1 %" : `${(100 * share).toFixed(1)} %`;
}

/** The same, short, as it stands beside a bar. */
function percentBeside(share) {
  return percent(share).replace("over ", ">").replace("under ", "<");
}

function sentence(probabilities) {
  if (!probabilities) return "Nothing is drawn yet.";
  const order = probabilities.map((_, k) => k).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  const [sure, less] = order.map((k) => percent(probabilities[k]));
  return `The network reads ${order[0]}, ${sure} sure. Runner-up: ${order[1]} with ${less}.`;
}

function sizeOf(shape) {
  if (shape.length < 3) return `${shape[0]} units`;
  return `${shape[0]} map${shape[0] === 1 ? "" : "s"} ${shape[1]} × ${shape[2]}`;
}

/** So many decimals that the largest of a layer has two digits at least. */
function decimalsFor(limit) {
  return limit >= 1 ? 1 : limit >= 0.1 ? 2 : 3;
}

function rounded(value, decimals) {
  const text = Math.abs(value).toFixed(decimals);
  return (value < 0 && Number(text) ? "−" : "") + text;
}

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// ---- colours --------------------------------------------------------------------------------------------------------

// White is zero, as in all figures of the course: to black where nothing is below zero, else to dark orange above zero
// and to dark blue below. What is below zero is also dotted, for those who do not tell the two colours apart.
const GREY = [[255, 255, 255], [17, 17, 17]];
const ABOVE = [[255, 255, 255], [253, 187, 132], [215, 48, 31], [103, 0, 13]];
const BELOW = [[255, 255, 255], [166, 206, 227], [44, 127, 184], [8, 48, 107]];

function scale(stops) {
  return Array.from({ length: 256 }, (_, k) => {
    const place = (k / 255) * (stops.length - 1), lower = Math.min(Math.floor(place), stops.length - 2);
    return stops[lower].map((part, c) => Math.round(part + (place - lower) * (stops[lower + 1][c] - part)));
  });
}

const SCALES = { grey: scale(GREY), above: scale(ABOVE), below: scale(BELOW) };

/** A canvas that shows the maps of a layer side by side, or its units in rows. */
class Tiles {
  constructor(name, shape, most) {
    [this.name, this.shape] = [name, shape];
    this.units = shape.length < 3;
    const [count, rows, columns] = this.units ? [shape[0], 1, 1] : shape;
    [this.rows, this.columns, this.count] = [rows, columns, this.units ? count : Math.min(count, most)];
    this.dot = this.units ? 6 : columns > 60 ? 1 : columns >= 12 ? 2 : columns >= 8 ? 3 : 4;
    this.wide = Math.min(this.count, this.units ? 20 : 8);
    this.gap = this.units ? 1 : 3;
    this.high = Math.ceil(this.count / this.wide);
    this.canvas = node("canvas", { role: "img" });
    this.canvas.width = this.wide * (columns * this.dot + this.gap) - this.gap;
    this.canvas.height = this.high * (rows * this.dot + this.gap) - this.gap;
    this.canvas.style.width = `${this.canvas.width}px`;
    this.context = this.canvas.getContext("2d");
    this.pixels = this.context.createImageData(this.canvas.width, this.canvas.height);
    this.range = node("span");
    const left = !this.units && shape[0] > most ? `, the first ${most} drawn` : "";
    const caption = node("figcaption", {}, node("b", {}, name), node("br"), `${sizeOf(shape)}${left}`, node("br"), this.range);
    this.figure = node("figure", {}, this.canvas, caption);
  }

  /** Show these values, or paper without any if there are none. */
  show(values) {
    this.values = values;
    let low = 0, high = 0;
    let [least, most] = [Infinity, -Infinity];
    for (const value of values ?? []) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (values) [low, high] = [Math.min(least, 0), Math.max(most, 0)];
    const signed = low < 0, limit = Math.max(-low, high) || 1;
    const { data, width } = this.pixels;
    data.fill(0); // the gaps let the page through
    const { dot, gap, rows, columns, wide } = this;
    for (let k = 0; k < this.count; k++) {
      const top = Math.floor(k / wide) * (rows * dot + gap), left = (k % wide) * (columns * dot + gap);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < columns; c++) {
          const value = values ? values[(k * rows + r) * columns + c] : 0;
          const colour = SCALES[signed ? (value < 0 ? "below" : "above") : "grey"][Math.min(255, Math.round((255 * Math.abs(value)) / limit)) || 0];
          for (let y = 0; y < dot; y++) {
            for (let x = 0; x < dot; x++) {
              const at = 4 * ((top + r * dot + y) * width + left + c * dot + x);
              const thin = value < 0 && (r * dot + y + c * dot + x) % 2 === 0;
              for (let part = 0; part < 3; part++) data[at + part] = thin ? (colour[part] + 255) / 2 : colour[part];
              data[at + 3] = 255;
            }
          }
        }
      }
    }
    this.context.putImageData(this.pixels, 0, 0);
    this.range.textContent = values ? [least, most].map((value) => rounded(value, decimalsFor(limit))).join(" to ") : "nothing yet";
    this.canvas.setAttribute("aria-label", `${this.name}, ${sizeOf(this.shape)}, ${this.range.textContent}`);
  }

  /** What stands under a pointer on the canvas, in words. */
  under(event) {
    const box = this.canvas.getBoundingClientRect(), border = this.canvas.clientLeft;
    const size = this.canvas.width / (box.width - 2 * border);
    const [x, y] = [(event.clientX - box.left - border) * size, (event.clientY - box.top - border) * size];
    const { dot, gap, rows, columns, wide } = this;
    const [across, down] = [columns * dot + gap, rows * dot + gap];
    const k = Math.floor(y / down) * wide + Math.floor(x / across);
    const r = Math.floor((y % down) / dot), c = Math.floor((x % across) / dot);
    if (!this.values || k < 0 || k >= this.count || r >= rows || c >= columns || r < 0 || c < 0) return "";
    const value = rounded(this.values[(k * rows + r) * columns + c], 3);
    return this.units ? `${this.name}, unit ${k}: ${value}` : `${this.name}, map ${k}, row ${r}, column ${c}: ${value}`;
  }
}

// ---- the whole pad --------------------------------------------------------------------------------------------------

class Pad {
  constructor(model, el) {
    this.model = model;
    this.form = model.get("form");
    this.layers = this.form.layers.length ? network(this.form.layers, floats(model.get("weights"))) : null;
    this.client = Math.random().toString(36).slice(2); // several views of one pad, one Python
    this.strokes = copied(model.get("_drawing").strokes);
    this.first = this.strokes; // what a page without a kernel goes back to, if it needs one
    this.history = []; // the drawings before, for Undo
    this.pen = [0.5, 0.5]; // of the keyboard
    this.keys = new Set(); // arrow keys held down
    [this.sent, this.drawn, this.down, this.pointer, this.alive, this.waiting] = [0, 0, false, null, false, false];
    this.tiles = [];
    this.build(el);
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

  build(el) {
    const { samples } = this.form;
    const id = `cnnx-${this.client}`;
    this.paper = node("canvas", {
      class: "cnnx-paper", tabindex: 0, role: "application", "aria-roledescription": "drawing pad",
      "aria-label": "Pad to draw a digit on", "aria-describedby": id,
    });
    this.undoButton = node("button", { type: "button" }, "Undo");
    this.clearButton = node("button", { type: "button" }, "Clear");
    this.select = node("select", { "aria-label": "Sample drawing" }, node("option", { value: "" }, "own drawing"));
    samples.forEach((_, digit) => this.select.append(node("option", { value: digit }, `sample ${digit}`)));
    const buttons = node("div", { class: "cnnx-pad-buttons" }, this.undoButton, this.clearButton, this.select);
    this.hint = node("p", { class: "cnnx-pad-hint" });
    const help = node("p", { class: "cnnx-pad-help", id }, HELP);
    const left = node("div", { class: "cnnx-pad-left" }, this.paper, buttons, this.hint);
    this.seen = node("canvas", { role: "img", width: this.form.side, height: this.form.side });
    this.frame = node("span", { class: "cnnx-pad-box" });
    this.said = node("figcaption");
    const square = node("div", { class: "cnnx-pad-square" }, this.seen, this.frame);
    const title = node("b", {}, `What the network sees: ${this.form.side} × ${this.form.side}`);
    const seen = node("figure", { class: "cnnx-pad-seen" }, title, square, this.said);
    this.big = node("span", { class: "cnnx-pad-big", "aria-hidden": "true" });
    this.sentence = node("p", { class: "cnnx-sentence" });
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const fill = node("span"), value = node("span", { class: "cnnx-pad-share" });
      const name = node("span", { class: "cnnx-pad-digit" }, String(digit));
      const bar = node("span", { class: "cnnx-pad-bar", "aria-hidden": "true" }, fill);
      return { item: node("li", {}, name, bar, value), fill, value };
    });
    const list = node("ol", { "aria-label": "Probabilities of the ten digits" }, ...this.bars.map((bar) => bar.item));
    const reads = node("div", { class: "cnnx-pad-reads" }, this.big, this.sentence);
    const answer = node("div", { class: "cnnx-pad-answer" }, reads, list);
    const swatches = [["grey", "zero to largest"], ["above", "above zero"], ["below", "below zero, dotted"]];
    const legend = node("p", { class: "cnnx-legend" }, node("span", {}, "Every layer in its own scale, white is zero:"));
    for (const [kind, text] of swatches) {
      legend.append(node("span", {}, node("span", { class: `cnnx-pad-swatch ${kind}` }), text));
    }
    this.maps = node("div", { class: "cnnx-pad-maps" });
    this.reading = node("p", { class: "cnnx-pad-reading", "aria-hidden": "true" });
    this.note = node("p", { class: "cnnx-pad-note", role: "status", hidden: "" });
    this.spoken = node("p", { class: "cnnx-pad-spoken", "aria-live": "polite" });
    this.node = node("div", { class: "cnnx cnnx-pad", role: "group", "aria-label": this.form.title },
      node("div", { class: "cnnx-pad-top" }, left, seen, answer), help, this.note, legend, this.maps, this.reading, this.spoken);
    for (const part of this.node.querySelectorAll("[tabindex], button, select")) part.setAttribute(OWN_KEYS, "true");
    el.append(this.node);
    if (this.layers) this.shape(mapsOf(this.layers, new Float32Array(this.form.side ** 2), this.form.side));
    this.listen();
    this.resized = new ResizeObserver(() => this.drawPaper());
    this.resized.observe(this.paper);
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
    const end = (event) => {
      if (event.pointerId !== this.pointer) return;
      this.pointer = null;
      this.lift();
    };
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) paper.addEventListener(kind, end);
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
      this.replace(this.select.value === "" ? [] : this.form.samples[this.select.value]);
    });
    this.maps.addEventListener("pointermove", (event) => {
      const tiles = this.tiles.find((one) => one.canvas === event.target);
      this.reading.textContent = tiles ? tiles.under(event) : "";
    });
    this.maps.addEventListener("pointerleave", () => (this.reading.textContent = ""));
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.timer);
    clearTimeout(this.later);
    clearTimeout(this.quiet);
    this.resized.disconnect();
    this.model.off("change:_drawing", this.hear);
    this.model.off("change:_result", this.told);
    this.node.remove();
  }

  // ---- the pen

  /** The place of an event on the pad; beyond the edge it is the edge. */
  place(event) {
    const box = this.paper.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
  }

  get sample() {
    const now = JSON.stringify(this.strokes);
    const digit = this.form.samples.findIndex((strokes) => JSON.stringify(strokes) === now);
    return digit < 0 ? null : digit;
  }

  remember() {
    this.history.push(copied(this.strokes));
    if (this.history.length > 200) this.history.shift();
  }

  begin(point) {
    this.remember();
    const before = this.sample === null ? this.strokes : []; // a sample makes room
    this.down = true;
    this.strokes = [...before, [exact(point)]];
    this.changed();
  }

  extend(point) {
    const stroke = this.strokes.at(-1), last = stroke.at(-1), next = exact(point);
    if (Math.hypot(next[0] - last[0], next[1] - last[1]) < NEAR) return;
    stroke.push(next);
    this.changed();
  }

  lift() {
    this.down = false;
    this.changed();
  }

  undo() {
    if (this.down || !this.history.length) return;
    this.strokes = this.history.pop();
    this.changed();
  }

  replace(strokes) {
    if (this.down) this.lift();
    this.remember();
    this.strokes = copied(strokes);
    this.changed();
  }

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
      this.say(`Pen ${this.down ? "down" : "up"}, ${this.where()}.`);
    } else if (MOVES[event.key]) this.move(event);
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.keyboard = true;
    this.drawPaper();
  }

  /** Two arrow keys held together go slantwise. */
  move(event) {
    this.keys.add(event.key);
    const step = event.shiftKey ? STEP / 4 : STEP;
    const sum = [0, 1].map((axis) => Math.sign([...this.keys].reduce((total, key) => total + MOVES[key][axis], 0)));
    this.pen = this.pen.map((share, axis) => onPad(share + step * sum[axis])); // not rounded: steps add up
    if (this.down && this.pointer === null) this.extend(this.pen);
    else this.say(`${this.where()}.`);
  }

  where() {
    const [row, column] = this.pen.map((share) => Math.round(100 * share));
    return `${row} % from the top, ${column} % from the left`;
  }

  /** Read out after a pause, the latest only. */
  say(text) {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => (this.spoken.textContent = text), PAUSE);
  }

  // ---- what follows from a drawing

  changed() {
    this.node.dataset.waiting = "true";
    if (this.planned) return;
    this.planned = true;
    requestAnimationFrame(() => {
      this.planned = false;
      if (!this.gone) this.update(true);
    });
  }

  update(news) {
    this.drawPaper();
    const empty = !this.strokes.length;
    const image = digitImage(this.strokes, this.form);
    this.showImage(image, empty);
    if (this.layers) {
      const maps = empty ? null : mapsOf(this.layers, image.values, this.form.side);
      this.showMaps(maps);
      this.showAnswer(maps && softmax(maps.at(-1).values), news);
    }
    const sample = this.sample;
    this.select.value = sample ?? "";
    this.hint.textContent = sample === null ? (empty ? "The pad is empty." : "") : "A sample. Your first stroke replaces it.";
    this.undoButton.disabled = this.off || this.down || !this.history.length;
    this.clearButton.disabled = this.off || empty;
    if (news) this.plan();
    if (this.layers) this.done();
  }

  done() {
    this.drawn += 1;
    this.node.dataset.drawn = this.drawn;
    this.node.dataset.waiting = String(Boolean(this.planned || (!this.layers && this.waiting)));
  }

  showImage({ values, scale, top, left, mass, height, width }, empty) {
    const { side, box } = this.form;
    const context = this.seen.getContext("2d"), pixels = context.createImageData(side, side);
    values.forEach((ink, k) => pixels.data.set([...SCALES.grey[Math.round(255 * ink)], 255], 4 * k));
    context.putImageData(pixels, 0, 0);
    this.frame.hidden = empty;
    Object.assign(this.frame.style, {
      top: `${(100 * top) / side}%`, left: `${(100 * left) / side}%`,
      width: `${(100 * box) / side}%`, height: `${(100 * box) / side}%`,
    });
    this.said.textContent = empty
      ? "Nothing is drawn yet."
      : `Scaled ×${(scale / side).toFixed(2)} to ${height} × ${width} pixels in a box of ${box} × ${box} (dashed), then ` +
        `moved: its centre of mass lies in row ${mass[0].toFixed(1)}, column ${mass[1].toFixed(1)}.`;
    this.seen.setAttribute("aria-label", `The image that the network sees. ${this.said.textContent}`);
  }

  shape(maps) {
    this.tiles = maps.map(({ name, shape }) => new Tiles(name, shape, this.form.shown));
    const groups = this.tiles.map(({ name, figure }) => (BEGINS.test(name) ? [node("div", { class: "break" }), figure] : [figure]));
    this.maps.replaceChildren(...groups.flat());
  }

  showMaps(maps) {
    this.tiles.forEach((tiles, k) => tiles.show(maps?.[k].values));
  }

  showAnswer(probabilities, news) {
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.big.textContent = best < 0 ? "–" : best;
    this.sentence.textContent = sentence(probabilities).replaceAll(" %", "\u00a0%"); // stays on one line
    this.bars.forEach(({ item, fill, value }, digit) => {
      const share = probabilities?.[digit] ?? 0;
      fill.style.width = `${100 * share}%`;
      value.textContent = probabilities ? percentBeside(share) : "";
      item.className = digit === best ? "best" : "";
    });
    if (news) this.say(this.sentence.textContent);
  }

  drawPaper() {
    const { paper } = this;
    const size = Math.round(paper.clientWidth * Math.min(window.devicePixelRatio || 1, 3));
    if (!size) return;
    if (paper.width !== size) paper.width = paper.height = size;
    const context = paper.getContext("2d");
    context.setTransform(size, 0, 0, size, 0, 0);
    context.clearRect(0, 0, 1, 1);
    Object.assign(context, { lineWidth: LINE, lineCap: "round", lineJoin: "round" });
    context.strokeStyle = this.sample === null ? "#111111" : "#6a6f76";
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(stroke[0][1], stroke[0][0]);
      for (const [r, c] of stroke) context.lineTo(c, r); // to the first point as well: so one point gives a dot
      context.stroke();
    }
    if (this.keyboard && document.activeElement && paper.matches(":focus")) this.drawPen(context);
  }

  /** The pen of the keyboard: a ring with a cross while it is up, a filled ring while it is down. */
  drawPen(context) {
    const [r, c] = this.pen;
    for (const [colour, width] of [["#ffffff", 0.022], ["#0969c8", 0.01]]) {
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

  /** Send the drawing: at once if an answer is waited for, else now and then, and at the end of a stroke. */
  plan() {
    if (!this.layers) return this.send();
    if (!this.down) {
      clearTimeout(this.later);
      this.later = 0;
      this.send();
    } else if (!this.later) {
      this.later = setTimeout(() => {
        this.later = 0;
        this.send();
      }, BETWEEN);
    }
  }

  send() {
    this.sent += 1;
    this.model.set("_drawing", { strokes: copied(this.strokes), client: this.client, serial: this.sent });
    this.model.save_changes();
    if (this.layers) return;
    if (!this.waiting) this.timer = setTimeout(() => this.lose(), PATIENCE);
    this.waiting = true;
    this.node.dataset.waiting = "true";
  }

  /** Python, or another view of this pad, has put a drawing in the place of ours. */
  fromPython() {
    const { strokes, client } = this.model.get("_drawing");
    if (client === this.client) return;
    this.remember();
    this.pointer = null;
    this.down = false;
    this.strokes = copied(strokes);
    this.update(false);
    this.say(this.sentence.textContent);
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
      if (this.waiting) this.timer = setTimeout(() => this.lose(), PATIENCE);
      this.enable(true);
      this.note.hidden = true;
    }
    const values = floats(this.model.get("_maps"));
    let from = 0;
    const maps = result.layers.map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return { name, shape, values: values.subarray(from, (from += size)) };
    });
    const form = JSON.stringify(result.layers);
    if (maps.length && form !== this.known) {
      this.known = form;
      this.shape(maps);
    }
    this.showMaps(maps.length ? maps : null);
    this.showAnswer(result.probabilities, mine && result.serial > 1);
    this.done();
  }

  lose() {
    this.note.textContent = this.alive ? NO_ANSWER : NO_KERNEL;
    this.note.hidden = false;
    if (this.alive) return;
    this.waiting = false;
    this.strokes = this.first;
    this.enable(false);
    this.update(false);
    this.node.dataset.waiting = "false";
  }

  enable(on) {
    this.off = !on;
    this.paper.setAttribute("aria-disabled", String(!on));
    this.paper.tabIndex = on ? 0 : -1;
    this.select.disabled = !on;
    this.undoButton.disabled = !on || this.down || !this.history.length;
    this.clearButton.disabled = !on || !this.strokes.length;
  }
}

function onPad(share) {
  return Math.min(Math.max(share, 0), 1);
}

/** A point with the digits that are kept, on the pad. */
function exact(point) {
  return point.map((share) => Math.round(10000 * onPad(share)) / 10000);
}

function copied(strokes) {
  return strokes.map((stroke) => stroke.map((point) => [...point]));
}

export default {
  render({ model, el }) {
    const pad = new Pad(model, el);
    return () => pad.destroy();
  },
};
