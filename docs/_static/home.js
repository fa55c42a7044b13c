// The front page: a pad that draws a digit itself until a hand takes over, every layer of LeNet-5 beside it, and three
// small pieces to move. tools/front_page.py puts pen.js and layers.js before this text and the numbers of `HOME` beside it. A
// classic script on purpose: browsers load no module of a page that was opened from a disk.

/* global say */
const $ = (name) => document.querySelector(name);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The numbers of a base64 text as floats; `half`: stored in sixteen bits each. */
function numbersOf(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const half = new Uint16Array(bytes.buffer);
  return Float32Array.from(half, (bits) => {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
    return bits >> 15 ? -size : size;
  });
}

// ---- colours: white is zero, red above and blue below, grey where nothing is below -----------------------------------

const GREY = [[255, 255, 255], [17, 17, 17]];
const ABOVE = [[255, 255, 255], [253, 187, 132], [215, 48, 31], [103, 0, 13]];
const BELOW = [[255, 255, 255], [166, 206, 227], [44, 127, 184], [8, 48, 107]];

function colour(stops, share) {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1), lower = Math.min(Math.floor(place), stops.length - 2);
  return stops[lower].map((part, c) => Math.round(part + (place - lower) * (stops[lower + 1][c] - part)));
}

/** A canvas of rows × columns pixels that shows numbers; `limit` is the number of the darkest colour. */
function painted(values, rows, columns, signed, limit) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const context = canvas.getContext("2d"), pixels = context.createImageData(columns, rows);
  for (let k = 0; k < rows * columns; k++) {
    const share = values ? values[k] / (limit || 1) : 0;
    const [r, g, b] = signed ? colour(share < 0 ? BELOW : ABOVE, Math.abs(share)) : colour(GREY, share);
    pixels.data.set([r, g, b, 255], 4 * k);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Make a canvas as fine as the screen and return a pen for it that counts in pixels of the page. */
function sharp(canvas) {
  const { width, height } = canvas.getBoundingClientRect(), dots = Math.max(1, window.devicePixelRatio || 1);
  [canvas.width, canvas.height] = [Math.round(width * dots), Math.round(height * dots)];
  const pen = canvas.getContext("2d");
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  pen.imageSmoothingEnabled = false;
  return { pen, width, height };
}

const ink = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

// ---- the pad ---------------------------------------------------------------------------------------------------------

const layers = network(HOME.layers, numbersOf(HOME.weights));
// Which layers are drawn, and in how many columns their maps stand; units stand in rows of six.
const SHOWN = { "convolution 1": 1, "max pooling 1": 1, "convolution 2": 2, "max pooling 2": 2 };
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SECOND = 1100; // milliseconds in which a stroke draws itself

class Pad {
  constructor() {
    [this.paper, this.strip, this.list, this.says] = ["#home-paper", "#home-layers", "#home-bars", "#home-says"].map($);
    this.strokes = [];
    this.sample = HOME.begins;
    this.cursor = [0.5, 0.5];
    this.down = false;
    this.bars = Array.from({ length: 10 }, (_, digit) => {
      const row = document.createElement("li");
      row.innerHTML = `<b>${digit}</b><span><i></i></span><em></em>`;
      this.list.append(row);
      return row;
    });
    this.paper.addEventListener("pointerdown", (event) => this.begins(event));
    this.paper.addEventListener("pointermove", (event) => this.goesOn(event));
    for (const end of ["pointerup", "pointercancel"]) this.paper.addEventListener(end, () => (this.drawing = null));
    this.paper.addEventListener("keydown", (event) => this.typed(event));
    this.paper.addEventListener("focus", () => this.show());
    this.paper.addEventListener("blur", () => this.show());
    this.paper.addEventListener("shown", (event) => this.set(event.detail)); // docs/make_readme_animation.py
    $("#home-clear").addEventListener("click", () => this.set([]));
    $("#home-another").addEventListener("click", () => this.another());
    this.another(0);
  }

  set(strokes) {
    cancelAnimationFrame(this.frame);
    this.strokes = strokes;
    this.asked();
  }

  /** Draw the next of the ten samples, stroke by stroke, or at once where nothing is to move. */
  another(step = 1) {
    this.sample = (this.sample + step) % HOME.samples.length;
    const whole = HOME.samples[this.sample];
    if (still) return this.set(whole);
    this.set([]);
    const count = whole.reduce((sum, stroke) => sum + stroke.length, 0), begun = performance.now();
    const grow = (now) => {
      let left = Math.max(2, Math.round((Math.min((now - begun) / (SECOND * whole.length), 1)) * count));
      const all = left >= count;
      this.strokes = whole.map((stroke) => stroke.slice(0, Math.max(0, Math.min(stroke.length, (left -= stroke.length) + stroke.length)))).filter((stroke) => stroke.length);
      this.asked();
      if (!all) this.frame = requestAnimationFrame(grow);
    };
    this.frame = requestAnimationFrame(grow);
  }

  at(event) {
    const box = this.paper.getBoundingClientRect();
    return [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
      .map((share) => Math.round(Math.min(Math.max(share, 0), 1) * 1000) / 1000);
  }

  begins(event) {
    if (event.button) return;
    event.preventDefault();
    this.paper.focus({ preventScroll: true });
    cancelAnimationFrame(this.frame);
    if (!this.own) this.strokes = []; // the sample makes room for the first stroke of a hand
    this.own = true;
    this.drawing = [this.at(event)];
    this.strokes = [...this.strokes, this.drawing];
    this.paper.setPointerCapture(event.pointerId);
    this.asked();
  }

  goesOn(event) {
    if (!this.drawing) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.drawing.push(this.at(one));
    this.asked();
  }

  typed(event) {
    const move = MOVES[event.key];
    if (!move && ![" ", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    cancelAnimationFrame(this.frame);
    if (!this.own) this.strokes = [];
    this.own = true;
    if (event.key === "Delete" || event.key === "Backspace") this.strokes = event.key === "Delete" ? [] : this.strokes.slice(0, -1);
    if (event.key === " ") {
      this.down = !this.down;
      if (this.down) this.strokes = [...this.strokes, [[...this.cursor]]];
    }
    if (move) {
      this.cursor = this.cursor.map((place, axis) => Math.min(Math.max(place + move[axis] / 28, 0), 1));
      if (this.down && this.strokes.length) this.strokes.at(-1).push([...this.cursor]);
    }
    if (!this.strokes.length) this.down = false;
    this.asked();
  }

  /** At most once a frame. */
  asked() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.show();
    });
  }

  show() {
    const { values } = digitImage(this.strokes, HOME.form);
    const maps = this.strokes.length ? mapsOf(layers, values, HOME.form.side) : null;
    this.drawPaper();
    this.drawLayers(maps, values);
    const shares = maps ? softmax(maps.at(-1).values).probabilities : null;
    const best = shares ? shares.indexOf(Math.max(...shares)) : -1;
    this.bars.forEach((row, digit) => {
      const share = shares ? shares[digit] : 0;
      row.classList.toggle("best", digit === best);
      row.querySelector("i").style.width = `${(100 * share).toFixed(1)}%`;
      row.querySelector("em").textContent = shares ? `${share > 0.9995 ? "100" : (100 * share).toFixed(share < 0.0995 ? 1 : 0)} %` : "";
    });
    clearTimeout(this.rest);
    const words = shares ? say("The network reads {digit}, {percent} % sure.", { digit: best, percent: (100 * shares[best]).toFixed(0) }) : say("Nothing is drawn yet.");
    this.rest = setTimeout(() => (this.says.textContent = words), 600);
  }

  drawPaper() {
    const { pen, width } = sharp(this.paper);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, width);
    [pen.lineWidth, pen.lineCap, pen.lineJoin, pen.strokeStyle] = [0.07 * width, "round", "round", "#111"];
    for (const stroke of this.strokes) {
      pen.beginPath();
      const points = stroke.length > 1 ? stroke : [stroke[0], stroke[0]];
      points.forEach(([r, c], k) => (k ? pen.lineTo(c * width, r * width) : pen.moveTo(c * width, r * width)));
      pen.stroke();
    }
    if (document.activeElement === this.paper && this.paper.matches(":focus-visible")) {
      [pen.lineWidth, pen.strokeStyle] = [2, "#b54708"];
      pen.beginPath();
      pen.arc(this.cursor[1] * width, this.cursor[0] * width, this.down ? 5 : 9, 0, 7);
      pen.stroke();
    }
  }

  /** From left to right: what the network gets, four layers of maps, two of units; captions below. */
  drawLayers(maps, image) {
    const { pen, width, height } = sharp(this.strip);
    pen.clearRect(0, 0, width, height);
    const steps = [{ name: "image", values: image, shape: [1, 28, 28], wide: 1 }];
    const named = maps ?? mapsOf(layers, image, HOME.form.side).map((one) => ({ ...one, values: null }));
    for (const one of named) {
      if (SHOWN[one.name]) steps.push({ ...one, wide: SHOWN[one.name] });
      else if (one.shape.length === 1 && one.shape[0] > 10 && /^relu/i.test(one.name)) steps.push({ ...one, wide: 0 });
    }
    const caption = 30, gap = 12, parts = [1.35, 1.15, 1.15, 1.7, 1.7, 0.9, 0.9];
    const unit = (width - 2 - gap * (steps.length - 1)) / parts.reduce((a, b) => a + b, 0);
    const [size, times] = width < 400 ? [10, "×"] : [11, " × "]; // captions keep apart on a phone, and zoomed to 400 %
    let x = 1;
    steps.forEach((step, k) => {
      const space = parts[k] * unit;
      this.drawStep(pen, step, x, space, height - caption);
      pen.fillStyle = ink("--color-foreground-muted"); // is read on white, too: a page in the dark is printed as it was drawn
      [pen.font, pen.textAlign] = [`${size}px system-ui, sans-serif`, "center"];
      const [count, ...sides] = step.shape, first = k ? say("{count} maps", { count }) : say("image");
      const words = step.wide ? [first, sides.join(times)] : [`${count}`, say("units")];
      for (const [row, line] of words.entries()) {
        const half = pen.measureText(line).width / 2;
        pen.fillText(line, Math.min(Math.max(x + space / 2, half), width - half), height - caption + 13 + 14 * row);
      }
      if (k) {
        pen.strokeStyle = ink("--color-foreground-muted");
        pen.lineWidth = 1.5;
        pen.beginPath();
        const [middle, tip] = [(height - caption) / 2, x - 3];
        [[tip - 5, middle - 4], [tip, middle], [tip - 5, middle + 4]].forEach(([a, b], p) => (p ? pen.lineTo(a, b) : pen.moveTo(a, b)));
        pen.stroke();
      }
      x += space + gap;
    });
  }

  drawStep(pen, { values, shape, wide }, x, space, height) {
    const units = !wide;
    const [count, rows, columns] = units ? [1, Math.ceil(shape[0] / 6), 6] : shape;
    const across = wide || 1, down = Math.ceil(count / across);
    const side = Math.min((space - 3 * (across - 1)) / across, (height - 4 * (down - 1)) / down);
    const size = units ? [Math.min(height, side * (rows / columns)), side] : [side, side];
    const whole = units ? size[0] : down * side + 4 * (down - 1), left = x + (space - (units ? size[1] : across * side + 3 * (across - 1))) / 2;
    let low = 0, high = 0;
    for (const value of values ?? []) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const limit = Math.max(-low, high);
    for (let k = 0; k < count; k++) {
      const part = values && (units ? [...values, ...Array(rows * columns - shape[0]).fill(0)] : values.subarray(k * rows * columns, (k + 1) * rows * columns));
      const [top, start] = [(height - whole) / 2 + Math.floor(k / across) * (side + 4), left + (k % across) * (side + 3)];
      pen.drawImage(painted(part, rows, columns, low < 0, limit), start, top, size[1], size[0]);
      [pen.strokeStyle, pen.lineWidth] = [ink("--color-foreground-muted"), 0.75];
      pen.strokeRect(start, top, size[1], size[0]);
    }
  }
}

// ---- three small pieces ----------------------------------------------------------------------------------------------

/** A slider with its value, and a canvas that is drawn anew when it moves, when the theme changes and when it is resized. */
function piece(name, draw) {
  const [range, canvas, words] = [`#${name} input`, `#${name} canvas`, `#${name} output`].map($);
  const again = () => requestAnimationFrame(() => {
    const said = draw(sharp(canvas), Number(range.value));
    words.textContent = said;
    range.setAttribute("aria-valuetext", said);
  });
  range.addEventListener("input", again);
  new ResizeObserver(again).observe(canvas);
  new MutationObserver(again).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
}

function framed(pen, x, y, side, thick = 2.5) {
  [pen.strokeStyle, pen.lineWidth] = ["#b54708", thick];
  pen.strokeRect(x, y, side, side);
}

function grid(pen, numbers, x, y, side, limit, faded = () => false) {
  numbers.forEach((row, i) => row.forEach((value, j) => {
    const [r, g, b] = faded(i, j) ? [255, 255, 255] : colour(value < 0 ? BELOW : limit ? ABOVE : GREY, Math.abs(value) / (limit || 9) * 0.6);
    pen.fillStyle = `rgb(${r},${g},${b})`;
    pen.fillRect(x + j * side, y + i * side, side, side);
    [pen.strokeStyle, pen.lineWidth] = ["#8a8f98", 0.75];
    pen.strokeRect(x + j * side, y + i * side, side, side);
    if (faded(i, j)) return;
    pen.fillStyle = r + g + b > 330 ? "#111" : "#fff";
    [pen.font, pen.textAlign, pen.textBaseline] = [`${Math.round(side * 0.5)}px system-ui, sans-serif`, "center", "middle"];
    pen.fillText(`${value < 0 ? "−" : ""}${Math.abs(value)}`, x + (j + 0.5) * side, y + (i + 0.54) * side);
  }));
}

const X = [[0, 0, 1, 1, 0, 0], [0, 1, 2, 2, 1, 0], [0, 0, 0, 2, 1, 0], [0, 0, 1, 2, 0, 0], [0, 1, 2, 0, 0, 0], [0, 1, 2, 2, 1, 0]];
const W = [[1, 0, -1], [2, 0, -2], [1, 0, -1]];

/** A window of 3 × 3 at one of its sixteen places, and the map of the sums up to there. */
function slidingWindow({ pen, width, height }, place) {
  const [i, j] = [Math.floor(place / 4), place % 4], side = Math.min((width - 32) / 10, (height - 2) / 6);
  const sums = Array.from({ length: 4 }, (_, a) => Array.from({ length: 4 }, (_, b) =>
    W.reduce((sum, row, m) => sum + row.reduce((part, w, n) => part + w * X[a + m][b + n], 0), 0)));
  pen.clearRect(0, 0, width, height);
  const left = (width - 10 * side - 30) / 2, low = (height - 6 * side) / 2;
  grid(pen, X, left, low, side, 0);
  grid(pen, sums, left + 6 * side + 30, low + side, side, 10, (a, b) => 4 * a + b > place);
  const [xw, yw, xo, yo] = [left + j * side, low + i * side, left + (6 + j) * side + 30, low + (1 + i) * side];
  [pen.strokeStyle, pen.lineWidth] = ["#b5470888", 1.5];
  for (const [dy, ey] of [[0, 0], [3, 1]]) {
    pen.beginPath();
    pen.moveTo(xw + 3 * side, yw + dy * side);
    pen.lineTo(xo, yo + ey * side);
    pen.stroke();
  }
  framed(pen, xw, yw, 3 * side);
  framed(pen, xo, yo, side);
  return say("row {i}, column {j}: the sum of nine products is {sum}", { i, j, sum: String(sums[i][j]).replace("-", "−") });
}

/** The photograph, and its slope in one direction: two Sobel kernels, mixed by the angle. */
const PHOTO = Uint8Array.from(atob(HOME.photo), (letter) => letter.charCodeAt(0));
function edges({ pen, width, height }, angle) {
  const n = HOME.side, out = new Float32Array(n * n), turn = (angle * Math.PI) / 180;
  const [right, down] = [Math.cos(turn), Math.sin(turn)];
  for (let i = 1; i < n - 1; i++) {
    for (let j = 1; j < n - 1; j++) {
      const p = (a, b) => PHOTO[(i + a) * n + j + b];
      const across = p(-1, 1) + 2 * p(0, 1) + p(1, 1) - p(-1, -1) - 2 * p(0, -1) - p(1, -1);
      const along = p(1, -1) + 2 * p(1, 0) + p(1, 1) - p(-1, -1) - 2 * p(-1, 0) - p(-1, 1);
      out[i * n + j] = right * across + down * along;
    }
  }
  pen.clearRect(0, 0, width, height);
  const side = Math.min((width - 12) / 2, height), left = (width - 2 * side - 12) / 2, top = (height - side) / 2;
  pen.drawImage(painted(Float32Array.from(PHOTO, (value) => 255 - value), n, n, false, 255), left, top, side, side);
  pen.drawImage(painted(out, n, n, true, 420), left + side + 12, top, side, side);
  const [x, y, reach] = [left + side / 2, top + side / 2, side / 5];
  [pen.strokeStyle, pen.lineWidth, pen.fillStyle] = ["#fff", 5, "#b54708"];
  for (const [line, thick] of [["#fff", 6], ["#b54708", 3]]) {
    [pen.strokeStyle, pen.lineWidth] = [line, thick];
    pen.beginPath();
    pen.moveTo(x - reach * right, y - reach * down);
    pen.lineTo(x + reach * right, y + reach * down);
    pen.stroke();
  }
  pen.beginPath();
  pen.arc(x + reach * right, y + reach * down, 6, 0, 7);
  pen.fill();
  return say("{angle}°: red where it gets lighter that way, blue where darker", { angle });
}

/** E = w²/2 from w = −1.9: each step goes by η times the slope, so w shrinks by 1 − η. */
function rolling({ pen, width, height }, eta) {
  const reach = 2.2, top = 2.42, x = (w) => width / 2 + (w / reach) * (width / 2 - 6), y = (E) => height - 10 - (E / top) * (height - 18);
  pen.clearRect(0, 0, width, height);
  [pen.strokeStyle, pen.lineWidth] = [ink("--color-foreground-muted"), 2];
  pen.beginPath();
  for (let k = 0; k <= 80; k++) {
    const w = -reach + (k * 2 * reach) / 80;
    k ? pen.lineTo(x(w), y((w * w) / 2)) : pen.moveTo(x(w), y((w * w) / 2));
  }
  pen.stroke();
  let w = -1.9, steps = 0;
  const dot = (size) => {
    pen.beginPath();
    pen.arc(x(w), y((w * w) / 2), size, 0, 7);
    pen.fill();
  };
  pen.fillStyle = pen.strokeStyle = "#c2570c";
  dot(6);
  while (steps < 40 && Math.abs(w) > 0.05 && Math.abs(w) <= reach) {
    const next = w - eta * w;
    pen.lineWidth = 1.25;
    pen.beginPath();
    pen.moveTo(x(w), y((w * w) / 2));
    pen.lineTo(x(next), y((next * next) / 2));
    pen.stroke();
    [w, steps] = [next, steps + 1];
    if (Math.abs(w) <= reach) dot(3.5);
  }
  const shown = { eta: eta.toFixed(2), steps };
  if (Math.abs(w) > reach) return say("η = {eta}: each step lands higher than the one before", shown);
  if (Math.abs(w) > 0.05) return say("η = {eta}: not at the bottom after {steps} steps", shown);
  return steps === 1 ? say("η = {eta}: at the bottom after 1 step", shown) : say("η = {eta}: at the bottom after {steps} steps", shown);
}

const pad = new Pad();
piece("home-window", slidingWindow);
piece("home-edges", edges);
piece("home-loss", rolling);
new ResizeObserver(() => pad.asked()).observe(pad.strip);
new MutationObserver(() => pad.asked()).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
performance.mark("front page lives");
