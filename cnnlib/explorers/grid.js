// Draws the scenes of all grid explorers. The numbers come from Python with the widget, all of them at the start, so a
// page without a kernel works as well. What is worked out here: scenes are looked up, per-axis index tables are looked
// up and put together, and the products of the cells that are shown are added. Nothing more.

// ---- scenes ---------------------------------------------------------------------------------------------------------

// How scenes are put together, and on which stage they are drawn; stamps.js adds its own.
const SCENES = {
  scenes: (data, settings) => data.scenes[data.keys.map((name) => JSON.stringify(settings[name])).join("|")],
  stack: stackScene,
  windows: windowsScene,
};
const STAGES = { windows: (view) => new Stage(view) };

/** The scene of these settings, in the form in which Python's Scene.to_json gives it. */
export function sceneOf(data, settings) {
  return SCENES[data.mode](data, settings);
}

function fill(text, gaps) {
  return text.replace(/\{(\w+)\}/g, (_, name) => gaps[name]);
}

function windowsScene(data, s) {
  const { texts, low } = data;
  const d = s.dilation - low.dilation;
  const at = [0, 1].map((a) => ["size", "kernel", "padding", "stride"].map((name) => s[name][a] - low[name]));
  const axes = at.map(([w, f, p, t]) => data.axes[w][f][p][t][d]);
  const wrong = axes.map((entry) => (typeof entry === "number" ? data.messages[entry] : ""));
  const scene = { output: null, grids: [], rows: [], columns: [], lines: [], sentence: "", message: "" };
  if (wrong[0] || wrong[1]) {
    const both = wrong[0] === wrong[1];
    const said = both ? [fill(wrong[0], { axis: texts.axes[2] })] : wrong.map((text, a) => fill(text, { axis: texts.axes[a] }));
    return { ...scene, message: said.filter(Boolean).join(" ") };
  }
  const [[n_h, useRows], [n_w, useColumns]] = axes;
  const [H, W] = s.size;
  const [PH, PW] = at.map(([w, , p]) => data.padded_size[w][p]);
  const [rows, columns] = at.map(([, f, , t], a) => data.windows[f][t][d].slice(0, axes[a][0]));
  const [F_h, F_w] = s.kernel;
  const [top, left] = s.padding;
  const kernel = data.kernel.slice(0, F_h).map((row) => row.slice(0, F_w));
  let lost = 0;
  const values = [], kinds = [], counts = [];
  for (let i = 0; i < PH; i++) {
    const value = [], count = [];
    let kind = "";
    for (let j = 0; j < PW; j++) {
      const r = i - top, c = j - left;
      const inside = r >= 0 && r < H && c >= 0 && c < W;
      const times = inside ? useRows[r] * useColumns[c] : 0;
      value.push(inside ? data.image[r][c] : 0);
      count.push(times);
      kind += inside ? (times ? "i" : "x") : "p";
      if (inside && !times) lost++;
    }
    values.push(value);
    kinds.push(kind);
    counts.push(count);
  }
  const output = rows.map((is) => columns.map((js) => sumOf(products(values, kernel, is, js)) + data.bias));
  const gaps = { H, W, PH, PW, F_h, F_w, n_h, n_w };
  const titles = texts.titles.map((title) => fill(title, gaps));
  const never = axes.map((entry, a) => fill(data.never[entry[2]], { axis: ["row", "column"][a] })).filter(Boolean);
  const line = (a, name) => {
    const [, f] = at[a];
    const extent = data.extents[f][d];
    const known = { size: s.size[a], letter: texts.letters[name === texts.names[2] ? 1 : a], extent, P: s.padding[a], S: s.stride[a], F: s.kernel[a], D: s.dilation, name };
    const because = s.dilation > 1 ? fill(texts.because, known) : "";
    const general = fill(texts.general[s.dilation > 1 ? 1 : 0], known);
    return fill(texts.line, { ...known, numerator: axes[a][3], n: axes[a][0], because, general });
  };
  const same = JSON.stringify(at[0]) === JSON.stringify(at[1]);
  return {
    ...scene,
    output: [n_h, n_w],
    grids: [
      { role: "input", title: titles[top || left ? 1 : 0], values, kinds, counts },
      { role: "kernel", title: titles[2], values: kernel, kinds: kernel.map((row) => "i".repeat(row.length)) },
      { role: "output", title: titles[3], values: output, kinds: output.map((row) => "o".repeat(row.length)) },
    ],
    rows,
    columns,
    lines: same ? [line(0, texts.names[2])] : [line(0, texts.names[0]), line(1, texts.names[1])],
    sentence: fill(texts.sentence, {
      ...gaps,
      gaps: data.gaps[at[0][1]][at[1][1]][d],
      padded: data.padded[top][left],
      steps: data.steps[at[0][3]][at[1][3]],
      never: never.length ? fill(texts.never, { what: never.join(", "), lost, pixels: H * W }) : "",
    }),
    bias: data.bias,
  };
}

function stackScene(data, s) {
  const { texts } = data;
  const scene = { output: null, grids: [], rows: [], columns: [], lines: [], sentence: "", message: "" };
  let n = s.size, field = 1, step = 1, weights = 0;
  const chain = [], lines = [], sizes = [n];
  for (let l = 1; l <= s.layers; l++) {
    const F = s[`kernel_${l}`], S = s[`stride_${l}`];
    const after = data.sizes[n - 1][F - 1][S - 1];
    const next = data.fields[`${field},${step}`][F - 1];
    if (!after) {
      const more = next <= data.most ? fill(texts.more, { next }) : "";
      return { ...scene, message: fill(texts.message, { l, F, n, more }) };
    }
    lines.push(fill(texts.line, { l: data.small[l], before: data.small[l - 1], field, F, step, next }));
    chain.push(data.windows[F - 1][S - 1].slice(0, after));
    sizes.push(after);
    weights += data.squares[F];
    [n, field, step] = [after, next, data.steps[step][S - 1]];
  }
  const seen = Array.from({ length: n }, (_, k) => below(chain, [k]).at(-1));
  const times = Array.from({ length: s.size }, (_, i) => seen.filter((window) => window.includes(i)).length);
  const values = times.map((a) => times.map((b) => a * b));
  const lost = values.flat().filter((value) => !value).length;
  const gaps = seen[0].length < field ? fill(texts.gaps, { seen: seen[0].length, field }) : "";
  const never = lost ? fill(texts.never, { lost, pixels: data.squares[s.size] }) : "";
  const layers = data.layers[s.layers];
  return {
    ...scene,
    output: [n, n],
    grids: [
      { role: "input", title: fill(texts.titles[0], { n: s.size }), values, kinds: values.map((row) => row.map((v) => (v ? "i" : "x")).join("")) },
      { role: "output", title: fill(texts.titles[1], { n }), values: seen.map(() => seen.map(() => 0)), kinds: seen.map(() => "s".repeat(n)) },
    ],
    rows: seen,
    columns: seen,
    lines,
    sentence: fill(texts.sentence, { field, layers, weights, single: data.squares[field], gaps, never }),
    sizes,
    chain,
  };
}

/** The cells of every map below that these cells of the last map are computed from, the input last. */
function below(chain, cells) {
  const found = [cells];
  for (const windows of [...chain].reverse()) found.push([...new Set(found.at(-1).flatMap((k) => windows[k]))]);
  return found;
}

/** The products of the cells is × js with the kernel, in reading order. */
function products(values, kernel, is, js) {
  return is.flatMap((i, m) => js.map((j, n) => values[i][j] * kernel[m][n]));
}

function sumOf(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}

const OWN_KEYS = "data-lm-suppress-shortcuts";

// ---- text -----------------------------------------------------------------------------------------------------------

function text(value) {
  if (value === null || value === undefined) return "−∞";
  const rounded = Math.round(Math.abs(value) * 100) / 100; // halves away from 0, so that 0.125 and −0.125 look alike
  return (value < 0 && rounded ? "−" : "") + rounded;
}

function signed(values) {
  return values.map((v, k) => (k === 0 ? text(v) : v < 0 ? ` − ${text(-v)}` : ` + ${text(v)}`)).join("");
}

function bracketed(value) {
  return value < 0 ? `(${text(value)})` : text(value);
}

function plural(count, name) {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** A formula: what follows _ stands lower. */
function formula(line) {
  const node = element("span", { class: "cnnx-formula" });
  line.split(/_(\{[^}]*\}|\w)/).forEach((part, k) => node.append(k % 2 ? element("sub", {}, part.replace(/[{}]/g, "")) : part));
  return node;
}

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function vector(tag, attributes = {}) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// ---- one grid -------------------------------------------------------------------------------------------------------

// How strongly each cell is tinted, in five steps of its size against the largest. The colours are those of the course's
// figures: "t" above and "n" below zero, "g", a plain grey, where nothing is below zero.
function tints(rows) {
  const values = rows.flat();
  const largest = Math.max(...values.map(Math.abs));
  const above = values.some((value) => value < 0) ? "t" : "g";
  const tint = (value) => (value ? (value < 0 ? "n" : above) + Math.ceil((4 * Math.abs(value)) / largest) : "");
  return rows.map((row) => row.map(tint));
}

/** A grid of numbers in SVG. Cells are reached by pointer and by arrow keys if `on` is given. */
class GridView {
  constructor(name, on = null) {
    this.name = name;
    this.on = on;
    this.caption = element("figcaption");
    this.svg = vector("svg", { role: on ? "grid" : "img", "aria-label": name });
    this.figure = element("figure", { class: `cnnx-grid cnnx-${name.replaceAll(" ", "-")}` }, this.caption, this.svg);
    this.shape = "";
    this.marked = [];
    this.framed = [];
    this.current = [0, 0];
    if (on) this.listen();
  }

  listen() {
    const { svg, on } = this;
    const cellAt = (event) => {
      const box = svg.getBoundingClientRect();
      const scale = this.width / box.width;
      const c = Math.floor(((event.clientX - box.left) * scale - this.left) / this.cell);
      const r = Math.floor(((event.clientY - box.top) * scale - this.top) / this.cell);
      return r >= 0 && r < this.rows && c >= 0 && c < this.columns ? [r, c] : null;
    };
    svg.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") on.point(cellAt(event));
    });
    svg.addEventListener("pointerleave", () => on.point(null));
    svg.addEventListener("click", (event) => {
      const cell = cellAt(event);
      if (cell) this.focus(...cell);
    });
    svg.addEventListener("focusin", (event) => {
      const k = this.cells.indexOf(event.target);
      if (k < 0) return;
      this.rove(Math.floor(k / this.columns), k % this.columns);
      on.choose(this.current);
    });
    svg.addEventListener("keydown", (event) => {
      const [r, c] = this.current;
      const to = {
        ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
        Home: event.ctrlKey ? [0, 0] : [r, 0],
        End: event.ctrlKey ? [this.rows - 1, this.columns - 1] : [r, this.columns - 1],
      }[event.key];
      if (!to) return;
      event.preventDefault();
      this.focus(Math.min(Math.max(to[0], 0), this.rows - 1), Math.min(Math.max(to[1], 0), this.columns - 1));
    });
  }

  /** Let Tab come to this cell. */
  rove(r, c) {
    this.cells[this.current[0] * this.columns + this.current[1]]?.setAttribute("tabindex", "-1");
    this.current = [r, c];
    const cell = this.cells[r * this.columns + c];
    cell?.setAttribute("tabindex", "0");
    cell?.setAttribute(OWN_KEYS, "");
  }

  focus(r, c) {
    this.cells[r * this.columns + c].focus({ preventScroll: false });
  }

  /**
   * Draw. texts: rows of strings; kinds: rows of letters; tints: rows of class names; label(r, c): a cell in words;
   * notes: rows of small second lines; bars: [windows of the rows, windows of the columns] to draw beside the grid.
   */
  draw({ title, texts, kinds, tints, label, notes = null, bars = null, cell = 0, selected = null }) {
    const rows = texts.length, columns = texts[0].length;
    const wide = Math.max(columns, 4);
    const longest = Math.max(...texts.map((row) => Math.max(...row.map((t) => t.length))));
    cell ||= Math.max(Math.min(longest > 3 ? 46 : 34, Math.floor(342 / wide)), 12);
    const font = Math.round(10 * Math.min(cell * 0.44, (cell * 1.2) / Math.max(longest, 1))) / 10;
    if (this.caption.textContent !== title) this.caption.textContent = title;
    const space = bars ? bars.map(barSpace) : [0, 0];
    const shape = `${rows} ${columns} ${cell} ${space}`;
    if (shape !== this.shape) {
      this.shape = shape;
      Object.assign(this, { rows, columns, cell, left: space[0] + 2, top: space[1] + 2 });
      this.width = this.left + columns * cell + 3;
      this.height = this.top + rows * cell + 3;
      this.build();
    }
    const where = ([r, c]) => (r < rows && c < columns ? [r, c] : [0, 0]);
    if (this.on) this.rove(...where(selected ?? this.current));
    this.svg.style.setProperty("--font", `${font}px`);
    let hatch = "", cross = "";
    for (let r = 0, k = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++, k++) {
        const kind = kinds[r][c];
        const name = `k${kind} ${tints[r][c]}`;
        if (name !== this.names[k]) this.cells[k].setAttribute("class", (this.names[k] = name));
        if (texts[r][c] !== this.shown[k]) this.texts[k].textContent = this.shown[k] = texts[r][c];
        const x = this.left + c * cell, y = this.top + r * cell;
        if (notes) this.noteAt(k, notes[r][c], x + cell / 2, y + cell * 0.83);
        if (kind === "p") {
          const h = cell / 3;
          hatch += `M${x} ${y + h}l${h} ${-h}M${x} ${y + 2 * h}l${2 * h} ${-2 * h}M${x} ${y + cell}l${cell} ${-cell}`;
          hatch += `M${x + h} ${y + cell}l${2 * h} ${-2 * h}M${x + 2 * h} ${y + cell}l${h} ${-h}`;
        }
        if (kind === "f") {
          const e = Math.round(cell * 0.12), w = cell - 2 * e;
          hatch += `M${x + e} ${y + e}h${w}v${w}h${-w}z`;
        }
        if (kind === "x") {
          const e = cell * 0.14, w = cell - 2 * e;
          cross += `M${x + e} ${y + e}l${w} ${w}m0 ${-w}l${-w} ${w}`;
        }
      }
    }
    this.hatch.setAttribute("d", hatch);
    this.cross.setAttribute("d", cross);
    this.label = label;
    if (this.on) this.relabel();
    this.bars = bars;
    if (bars) this.allBars.setAttribute("d", this.barPath(bars[0].keys(), bars[1].keys()));
    this.mark([]);
  }

  relabel() {
    for (let k = 0; k < this.cells.length; k++) {
      const words = this.label(Math.floor(k / this.columns), k % this.columns);
      if (words !== this.words[k]) this.cells[k].setAttribute("aria-label", (this.words[k] = words));
    }
  }

  build() {
    const { rows, columns, cell, left, top } = this;
    let cells = "", texts = "";
    for (let r = 0; r < rows; r++) {
      cells += this.on ? '<g role="row">' : "<g>";
      for (let c = 0; c < columns; c++) {
        const x = left + c * cell, y = top + r * cell;
        cells += `<rect x="${x}" y="${y}" width="${cell}" height="${cell}"${this.on ? ' role="gridcell" tabindex="-1"' : ""}/>`;
        texts += `<text x="${x + cell / 2}" y="${y + cell / 2}"></text>`;
      }
      cells += "</g>";
    }
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", this.height);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.innerHTML =
      `<g class="cells">${cells}</g><path class="hatch"/><g class="texts" aria-hidden="true">${texts}</g>` +
      '<path class="cross"/><path class="bars"/><path class="bars lit"/><path class="taps"/><rect class="frame"/>';
    this.cells = [...this.svg.querySelectorAll(".cells rect")];
    this.texts = [...this.svg.querySelectorAll(".texts text")];
    this.notes = [];
    [this.names, this.shown, this.words] = [[], [], []];
    [this.hatch, this.cross, this.allBars, this.litBars, this.taps] = this.svg.querySelectorAll("path");
    this.frame = this.svg.querySelector(".frame");
    this.marked = [];
  }

  noteAt(k, words, x, y) {
    if (!this.notes[k]) {
      this.notes[k] = vector("text", { class: "note", x, y });
      this.texts[k].after(this.notes[k]);
      this.texts[k].setAttribute("y", y - this.cell * 0.42);
    }
    if (this.notes[k].textContent !== words) this.notes[k].textContent = words;
  }

  /** Bars beside the grid: one for each window's columns (above) and one for each window's rows (on the left). */
  barPath(ofRows, ofColumns) {
    const { cell } = this;
    let path = "";
    for (const k of ofColumns) {
      const { from, to, level, step } = barAt(this.bars[1], k);
      path += `M${this.left + from * cell + 3} ${this.top - 6 - level * step}H${this.left + to * cell - 3}`;
    }
    for (const k of ofRows) {
      const { from, to, level, step } = barAt(this.bars[0], k);
      path += `M${this.left - 6 - level * step} ${this.top + from * cell + 3}V${this.top + to * cell - 3}`;
    }
    return path;
  }

  /** Light these cells; `kind` says how ("w" the window, "r" reached). Bars of windows [row, column] light with them. */
  mark(cells, kind = "w", bars = null) {
    for (const k of this.marked) this.cells[k]?.classList.remove("w", "r");
    this.marked = cells.map(([r, c]) => r * this.columns + c);
    for (const k of this.marked) this.cells[k].classList.add(kind);
    // A class set behind the back of `draw` is not what `names` remembers.
    for (const k of this.marked) this.names[k] = null;
    const { cell, left, top } = this;
    const box = this.frame;
    if (!cells.length) {
      box.setAttribute("class", "frame none");
      this.taps.setAttribute("d", "");
    } else {
      const rs = cells.map(([r]) => r), cs = cells.map(([, c]) => c);
      const [r, c, R, C] = [Math.min(...rs), Math.min(...cs), Math.max(...rs) + 1, Math.max(...cs) + 1];
      const full = cells.length === (R - r) * (C - c);
      box.setAttribute("class", `frame ${full ? "" : "open"} ${kind}`);
      const places = { x: left + c * cell, y: top + r * cell, width: (C - c) * cell, height: (R - r) * cell };
      for (const name in places) box.style[name] = `${places[name]}px`;
      const inset = (i, j) => `M${left + j * cell + 1.5} ${top + i * cell + 1.5}h${cell - 3}v${cell - 3}h${3 - cell}z`;
      this.taps.setAttribute("d", full ? "" : cells.map(([i, j]) => inset(i, j)).join(""));
    }
    if (this.bars) this.litBars.setAttribute("d", bars ? this.barPath(...bars) : "");
  }
}

function levelsOf(windows) {
  if (windows.length < 2) return 1;
  const extent = windows[0].at(-1) - windows[0][0] + 1;
  return Math.min(windows.length, Math.ceil(extent / (windows[1][0] - windows[0][0])));
}

function barAt(windows, k) {
  const levels = levelsOf(windows);
  return { from: windows[k][0], to: windows[k].at(-1) + 1, level: k % levels, step: levels > 6 ? 4 : 6 };
}

function barSpace(windows) {
  return 8 + levelsOf(windows) * barAt(windows, 0).step;
}

// ---- controls -------------------------------------------------------------------------------------------------------

/** A native range with a label and a read-out. */
function slider(label, symbol, low, high, name, change, seen = label) {
  const input = element("input", { type: "range", min: low, max: high, step: 1, "aria-label": label, "data-name": name });
  const output = element("output");
  const words = element("span", { class: "cnnx-label" }, seen);
  if (symbol) words.append(seen ? " " : "", formula(symbol));
  const row = element("label", { class: "cnnx-slider" }, words, input, output);
  input.addEventListener("input", () => change(Number(input.value)));
  const set = (value, said = text(value)) => {
    if (input.value !== String(value)) input.value = value;
    if (output.textContent !== said) {
      output.textContent = said;
      input.setAttribute("aria-valuetext", said);
    }
    input.style.setProperty("--part", `${(100 * (value - input.min)) / (input.max - input.min || 1)}%`);
  };
  return { row, input, set };
}

class Controls {
  constructor(specs, change) {
    this.node = element("div", { class: "cnnx-controls" });
    this.sets = [];
    this.groups = {};
    for (const spec of specs) {
      if (spec.type === "range") this.range(spec, change);
      if (spec.type === "choice") this.choice(spec, change);
      if (spec.type === "switch") this.flip(spec, change);
    }
  }

  range({ name, label, symbol, low, high, pair, group, needs }, change) {
    if (!pair) {
      const one = slider(label, symbol, low, high, name, (value) => change({ [name]: value }), group ? "" : label);
      const box = group ? this.group(group) : this.node;
      box.append(one.row);
      this.sets.push((settings) => {
        one.set(settings[name]);
        if (needs) (group ? box : one.row).hidden = settings[needs[0]] < needs[1];
      });
      return;
    }
    let now = [low, low];
    const both = slider(label, symbol, low, high, name, (value) => change({ [name]: [value, value] }));
    const rows = slider(`${label}, rows`, symbol, low, high, `${name}-rows`, (v) => change({ [name]: [v, now[1]] }), `${label} ↕`);
    const columns = slider(`${label}, columns`, symbol, low, high, `${name}-columns`, (v) => change({ [name]: [now[0], v] }), `${label} ↔`);
    this.node.append(both.row, rows.row, columns.row);
    this.sets.push((settings) => {
      now = settings[name];
      both.row.hidden = Boolean(settings.apart);
      rows.row.hidden = columns.row.hidden = !settings.apart;
      both.set(now[0]);
      rows.set(now[0]);
      columns.set(now[1]);
    });
  }

  /** Settings that belong together stand in one line after the name of their group. */
  group(name) {
    if (!this.groups[name]) {
      this.groups[name] = element("div", { class: "cnnx-group" }, element("span", {}, name));
      this.node.append(this.groups[name]);
    }
    return this.groups[name];
  }

  choice({ name, label, options }, change) {
    const select = element("select", { "aria-label": label, "data-name": name });
    for (const [value, words] of options) select.append(element("option", { value }, words));
    select.addEventListener("change", () => change({ [name]: select.value }));
    this.node.append(element("label", { class: "cnnx-choice" }, element("span", { class: "cnnx-label" }, label), select));
    this.sets.push((settings) => (select.value = settings[name]));
  }

  flip({ name, label }, change) {
    const box = element("input", { type: "checkbox", "data-name": name });
    box.addEventListener("change", () => change({ [name]: box.checked }));
    this.node.append(element("label", { class: "cnnx-switch" }, box, element("span", {}, label)));
    this.sets.push((settings) => (box.checked = settings[name]));
  }

  set(settings) {
    for (const one of this.sets) one(settings);
  }
}

/** Through how many places the position goes: (rows, columns), or (maps, rows, columns). */
function placesOf(scene) {
  return scene.places ?? scene.output;
}

/** Buttons and a slider that move the window through all its places. */
class Player {
  constructor(label, go) {
    this.go = go;
    this.timer = 0;
    this.count = 0;
    this.at = 0;
    const button = (sign, name, act) => {
      const node = element("button", { type: "button", "aria-label": name, title: name }, sign);
      node.addEventListener("click", act);
      return node;
    };
    this.back = button("‹", "One step back", () => this.step(-1));
    this.play = button("▶", "Play", () => (this.timer ? this.stop() : this.start()));
    this.next = button("›", "One step on", () => this.step(1));
    this.slider = slider(label, "", 0, 1, "position", (value) => this.move(value));
    this.node = element("div", { class: "cnnx-player" }, this.back, this.play, this.next, this.slider.row);
  }

  set(scene, position) {
    this.node.classList.toggle("none", !scene.output);
    if (!scene.output) return this.stop();
    this.places = placesOf(scene);
    this.count = this.places.reduce((product, n) => product * n, 1);
    this.at = position.reduce((k, index, axis) => k * this.places[axis] + index, 0);
    this.slider.input.max = this.count - 1;
    this.slider.input.disabled = this.count === 1;
    const [r, c] = position.slice(-2);
    const map = this.places.length > 2 && this.places[0] > 1 ? `${scene.map} ${position[0]}, ` : "";
    this.slider.set(this.at, `${map}row ${r}, column ${c}`);
    this.back.disabled = this.at === 0;
    this.next.disabled = this.at === this.count - 1;
  }

  /** The position of place k, counted map by map, row by row. */
  place(k) {
    const position = [];
    for (const n of [...this.places].reverse()) {
      position.unshift(k % n);
      k = Math.floor(k / n);
    }
    return position;
  }

  move(k) {
    this.stop();
    this.go(this.place(k));
  }

  step(by) {
    const k = this.at + by;
    if (k >= 0 && k < this.count) this.move(k);
  }

  start() {
    if (this.at === this.count - 1) this.move(0);
    this.sign("❚❚", "Pause");
    this.timer = setInterval(() => {
      const k = this.at + 1;
      if (k >= this.count) return this.stop();
      this.go(this.place(k));
      if (k === this.count - 1) this.stop();
    }, 800);
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.sign("▶", "Play");
  }

  sign(sign, name) {
    this.play.textContent = sign;
    this.play.setAttribute("aria-label", name);
    this.play.title = name;
  }
}

// ---- the stage: inputs, kernels, products, outputs ------------------------------------------------------------------

const SILENT = "s.e"; // cells without a number: a place only, a zero of a matrix

/** What grids have in common: their numbers as text, the tint of every cell. */
function drawn(grid) {
  return {
    title: grid.title,
    texts: grid.values.map((row, r) => row.map((value, c) => (SILENT.includes(grid.kinds[r][c]) ? "" : text(value)))),
    kinds: grid.kinds,
    tints: tints(grid.values),
  };
}

/** The maps of a stack as rows of cells, the input at the bottom, and what one cell of the last map sees of each. */
class ConeView {
  constructor() {
    this.svg = vector("svg", { role: "img", "aria-label": "one row of every map" });
    this.figure = element("figure", { class: "cnnx-grid cnnx-cone" }, element("figcaption", {}, "One row of every map: what the pixel sees, layer by layer"), this.svg);
  }

  draw(scene) {
    this.scene = scene;
    const { sizes } = scene;
    const left = 74, high = 20, step = 44;
    this.cell = Math.min(24, Math.floor(384 / sizes[0]));
    this.x = (l, k) => left + ((sizes[0] - sizes[l]) / 2 + k) * this.cell;
    this.y = (l) => 3 + (sizes.length - 1 - l) * step;
    const width = left + sizes[0] * this.cell + 3, height = this.y(0) + high + 3;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    let cells = "", words = "";
    sizes.forEach((size, l) => {
      for (let k = 0; k < size; k++) cells += `M${this.x(l, k)} ${this.y(l)}h${this.cell}v${high}h${-this.cell}z`;
      words += `<text class="level" x="0" y="${this.y(l) + high / 2}">${l ? `layer ${l}` : "input"}: ${size}</text>`;
    });
    this.svg.innerHTML = `<path class="beam"/><path class="maps" d="${cells}"/><path class="seen"/>${words}`;
    [this.beam, , this.seen] = this.svg.querySelectorAll("path");
    this.high = high;
  }

  mark(column) {
    const { sizes, chain } = this.scene;
    const fields = below(chain, [column]);
    let seen = "", beam = "";
    fields.forEach((cells, depth) => {
      const l = sizes.length - 1 - depth;
      for (const k of cells) seen += `M${this.x(l, k) + 1.5} ${this.y(l) + 1.5}h${this.cell - 3}v${this.high - 3}h${3 - this.cell}z`;
      if (!l) return;
      const next = fields[depth + 1];
      const ends = [this.x(l, cells[0]), this.x(l, cells.at(-1) + 1), this.x(l - 1, next.at(-1) + 1), this.x(l - 1, next[0])];
      beam += `M${ends[0]} ${this.y(l) + this.high}H${ends[1]}L${ends[2]} ${this.y(l - 1)}H${ends[3]}z`;
    });
    this.seen.setAttribute("d", seen);
    this.beam.setAttribute("d", beam);
  }
}

class Stage {
  constructor(view) {
    this.view = view;
    this.node = element("div", { class: "cnnx-stage" });
    this.channels = [];
    this.outputView = new GridView("output", this.on("output"));
    this.matrixView = new GridView("matrix", this.on("matrix"));
    this.cone = new ConeView();
    this.result = element("div", { class: "cnnx-result" }, this.outputView.figure);
  }

  on(role, channel = 0) {
    return {
      point: (cell) => this.view.point(cell && { role, channel, cell }),
      choose: (cell) => this.view.choose({ role, channel, cell }),
    };
  }

  channel(k, many) {
    const name = many ? `, channel ${k}` : "";
    const views = {
      input: new GridView(`input${name}`, this.on("input", k)),
      kernel: new GridView(`kernel${name}`),
      products: new GridView(`products${name}`),
      partial: new GridView(`partial map${name}`, this.on("output", k)),
    };
    const middle = element("div", { class: "cnnx-middle" }, views.kernel.figure, views.products.figure);
    views.node = element("div", { class: "cnnx-channel" }, views.input.figure, middle, views.partial.figure);
    return views;
  }

  draw(scene, settings) {
    this.scene = scene;
    const of = (role) => scene.grids.filter((grid) => grid.role === role);
    [this.inputs, this.kernels, this.partials] = ["input", "kernel", "partial"].map(of);
    [[this.output], [this.matrix]] = ["output", "matrix"].map(of);
    this.rims = this.inputs.map(rimOf);
    const many = this.inputs.length > 1;
    if (this.channels.length !== this.inputs.length) {
      this.channels = this.inputs.map((_, k) => this.channel(k, many));
      const more = this.matrix ? [this.matrixView.figure] : scene.chain ? [this.cone.figure] : [];
      this.node.replaceChildren(...this.channels.map((views) => views.node), this.result, ...more);
    }
    this.node.classList.toggle("many", many);
    const cell = many ? 28 : 0;
    this.inputs.forEach((grid, k) => {
      const views = this.channels[k];
      const told = drawn(grid);
      if (settings.counts) {
        const inside = (r, c) => grid.kinds[r][c] !== "p";
        told.texts = grid.counts.map((row, r) => row.map((n, c) => (inside(r, c) ? String(n) : "")));
        told.tints = tints(grid.counts);
        told.title = `${grid.title}: use counts`;
      }
      if (scene.chain && grid.values.length > 16) told.texts = grid.values.map((row) => row.map(() => ""));
      views.input.draw({
        ...told,
        cell,
        bars: scene.chain ? null : [scene.rows, scene.columns],
        label: (r, c) => `${this.nameOf(k, r, c)}: ${scene.chain ? `seen by ${text(grid.values[r][c])}` : text(grid.values[r][c])}`,
      });
      views.kernel.figure.hidden = !this.kernels.length;
      views.products.figure.hidden = Boolean(scene.chain);
      if (this.kernels.length) views.kernel.draw({ ...drawn(this.kernels[k]), label: () => "", cell });
      views.partial.figure.hidden = !this.partials.length;
      if (this.partials.length) {
        views.partial.draw({
          ...drawn(this.partials[k]),
          cell,
          selected: settings.position,
          label: (r, c) => `partial sum, row ${r}, column ${c}: ${text(this.partials[k].values[r][c])}`,
        });
      }
    });
    this.outputView.draw({
      ...drawn(this.output),
      cell: scene.chain ? Math.min(24, Math.floor(240 / this.output.values.length)) : 0,
      selected: settings.position,
      label: (r, c) => `output row ${r}, column ${c}${scene.chain ? "" : `: ${text(this.output.values[r][c])}`}`,
    });
    if (this.matrix) {
      this.matrixView.draw({
        ...drawn(this.matrix),
        cell: Math.max(13, Math.min(26, Math.floor(560 / this.matrix.values[0].length))),
        label: (r, c) => `matrix row ${r}, column ${c}: ${text(this.matrix.values[r][c])}`,
      });
    }
    if (scene.chain) this.cone.draw(scene);
  }

  /** An input cell in words: rows and columns are those of the input itself, padding is named. */
  nameOf(channel, r, c) {
    const kind = this.inputs[channel].kinds[r][c];
    const [top, left] = this.rims[channel];
    if (kind === "p") return `padding, row ${text(r - top)}, column ${text(c - left)}`;
    return `input row ${r - top}, column ${c - left}${kind === "x" ? ", never read" : ""}`;
  }

  /** Light what belongs to an output cell, show its products, and return the sum in words. */
  showOutput([r, c]) {
    const { scene } = this;
    const [is, js] = [scene.rows[r], scene.columns[c]];
    const cells = is.flatMap((i) => js.map((j) => [i, j]));
    this.node.classList.remove("idle");
    const sums = this.inputs.map((grid, k) => {
      const views = this.channels[k];
      views.input.mark(cells, "w", [[r], [c]]);
      if (this.partials.length) views.partial.mark([[r, c]], "r");
      if (scene.chain) return {};
      return this.kernels.length ? this.showProducts(grid, this.kernels[k], views, is, js) : this.showWindow(grid, views, r, c);
    });
    this.outputView.mark([[r, c]], "r");
    if (this.matrix) this.matrixView.mark(this.matrixRow(r * scene.output[1] + c), "w");
    const value = this.output.values[r][c];
    const where = `Output row ${r}, column ${c}: `;
    if (scene.chain) {
      this.cone.mark(c);
      const span = (name, lines) => (lines.length > 1 ? `${name}s ${lines[0]} to ${lines.at(-1)}` : `${name} ${lines[0]}`);
      const size = `${is.length} × ${js.length} pixel${is.length * js.length > 1 ? "s" : ""}`;
      return `${where}sees ${span("row", is)} and ${span("column", js)} of the input, ${size}`;
    }
    if (scene.pool) return where + this.pooled(r, c, value);
    const sum = sumOf(sums.map((one) => one.sum));
    const net = sum + scene.bias;
    const terms = sums.length > 1 ? `partial sums ${signed(sums.map((one) => one.sum))}` : signed(sums[0].terms);
    const f = scene.f ? `; then ${scene.f}(${text(net)}) = ${text(value)}` : "";
    const equal = sums.length > 1 || sums[0].terms.length > 1 ? ` = ${text(sum)}` : "";
    const bias = scene.bias || scene.f ? `, with the bias ${signed([sum, scene.bias])} = ${text(net)}` : "";
    return `${where}${terms}${equal}${bias}${f}`;
  }

  matrixRow(k) {
    return [...this.matrix.kinds[k]].flatMap((kind, j) => (kind === "." ? [] : [[k, j]]));
  }

  showProducts(grid, kernel, views, is, js) {
    const terms = products(grid.values, kernel.values, is, js);
    const rows = is.map((_, m) => terms.slice(m * js.length, (m + 1) * js.length));
    const many = this.inputs.length > 1;
    views.products.draw({
      title: `Products, sum ${text(sumOf(terms))}`,
      texts: rows.map((row) => row.map(text)),
      notes: is.map((i, m) => js.map((j, n) => `${text(grid.values[i][j])}·${bracketed(kernel.values[m][n])}`)),
      kinds: is.map((i) => js.map((j) => (grid.kinds[i][j] === "p" ? "p" : "i")).join("")),
      tints: tints(rows),
      label: () => "",
      cell: many ? 38 : 42,
    });
    views.products.svg.setAttribute("aria-label", `products: ${terms.map(text).join(", ")}`);
    return { sum: sumOf(terms), terms };
  }

  /** Pooling has no weights: the window itself is shown, the winner marked. */
  showWindow(grid, views, r, c) {
    const [is, js] = [this.scene.rows[r], this.scene.columns[c]];
    const values = is.map((i) => js.map((j) => grid.values[i][j]));
    const kinds = is.map((i) => js.map((j) => grid.kinds[i][j]).join(""));
    const winner = this.scene.winners?.[r][c];
    views.products.draw({ ...drawn({ title: winner === undefined ? "Window" : "Window, winner framed", values, kinds }), label: () => "", cell: 42 });
    if (winner !== undefined) views.products.mark([[Math.floor(winner / js.length), winner % js.length]], "r");
    return {};
  }

  pooled(r, c, value) {
    const { scene } = this;
    const grid = this.inputs[0];
    const terms = scene.rows[r].flatMap((i) => scene.columns[c].map((j) => grid.values[i][j]));
    if (scene.pool === "mean") return `(${signed(terms)}) / ${terms.length} = ${text(value)}`;
    const ties = terms.filter((term) => term === value).length;
    const first = ties > 1 ? `, which is there ${ties} times: the first of them wins` : "";
    return `the largest of ${terms.map(text).join(", ")} is ${text(value)}${first}`;
  }

  /** Light the outputs that an input cell reaches, and say how many. */
  showInput(channel, [r, c]) {
    const { scene } = this;
    const rows = [...scene.rows.keys()].filter((i) => scene.rows[i].includes(r));
    const columns = [...scene.columns.keys()].filter((j) => scene.columns[j].includes(c));
    const cells = rows.flatMap((i) => columns.map((j) => [i, j]));
    this.node.classList.add("idle"); // the products shown belong to another cell
    this.inputs.forEach((_, k) => {
      this.channels[k].input.mark(k === channel ? [[r, c]] : [], "r", [rows, columns]);
      if (this.partials.length) this.channels[k].partial.mark(k === channel ? cells : [], "w");
    });
    this.outputView.mark(cells, "w");
    if (this.matrix) {
      const [top, left] = this.rims[0];
      const across = this.inputs[0].values[0].length - 2 * left;
      const k = (r - top) * across + c - left;
      const inside = this.inputs[0].kinds[r][c] !== "p";
      this.matrixView.mark(inside ? cells.map(([i, j]) => [i * scene.output[1] + j, k]) : [], "w");
    }
    const words = this.nameOf(channel, r, c);
    const reaches = cells.length ? `reaches ${plural(cells.length, "output")}` : "reaches no output";
    return `${words[0].toUpperCase()}${words.slice(1)}: ${reaches}`;
  }

  /** A cell of the matrix belongs to the output of its row and to the pixel of its column. */
  showMatrix([r, c]) {
    const across = this.scene.output[1];
    const words = this.showOutput([Math.floor(r / across), r % across]);
    const [top, left] = this.rims[0];
    const wide = this.inputs[0].values[0].length - 2 * left;
    const pixel = `pixel (${Math.floor(c / wide)}, ${c % wide})`;
    const value = this.matrix.values[r][c];
    const there = this.matrix.kinds[r][c] !== ".";
    return `Matrix row ${r}, column ${c}: ${there ? `${pixel} counts ${text(value)} times` : `0, the window does not read ${pixel}`}. ${words}`;
  }

  /** What is looked at when nothing is pointed at. */
  at(position) {
    return { role: "output", channel: 0, cell: position };
  }

  /** The position that choosing this cell gives, if there is one. */
  positionOf({ role, cell }) {
    return role === "output" ? cell : null;
  }

  /** What the marks on these kinds of cells mean, in the order of the page. */
  legend(kinds) {
    return Object.entries(LEGEND).filter(([kind]) => kind === "w" || (kind === "b" && !this.scene.chain) || kinds.has(kind));
  }

  show({ role, channel, cell }) {
    if (role === "matrix") return this.showMatrix(cell);
    return role === "output" ? this.showOutput(cell) : this.showInput(channel, cell);
  }

  holds({ role, channel, cell: [r, c] }) {
    const grid = { output: this.output, matrix: this.matrix, input: this.inputs[channel] }[role];
    return grid && r < grid.values.length && c < grid.values[0].length;
  }
}

/** How many rows of padding stand above, and how many columns on the left. */
function rimOf({ kinds }) {
  const top = kinds.findIndex((row) => /[^p]/.test(row));
  return [top, kinds[top].search(/[^p]/)];
}

// ---- the whole explorer ---------------------------------------------------------------------------------------------

// JupyterLab and Notebook take arrow keys for themselves, to go from cell to cell of the notebook. JupyterLab listens
// after us, so the keys are stopped on their way up; Notebook listens before us, and lets what bears this mark alone.
const OUR_KEYS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown", " "]);

const LEGEND = {
  w: "window, or what a pixel reaches",
  b: "each bar: the rows or the columns of one window",
  p: "padding",
  x: "never read by any window",
};

class View {
  constructor(model, el) {
    this.model = model;
    this.data = JSON.parse(model.get("data"));
    this.specs = model.get("controls");
    this.settings = model.get("_settings");
    this.pointed = null; // under the pointer
    this.chosen = null; // an input cell that was clicked or has the focus
    const place = this.specs.find((spec) => spec.type === "position");
    this.controls = new Controls(this.specs, (changes) => this.change(changes));
    this.player = new Player(place.label, (position) => this.change({ position }));
    this.lines = element("div", { class: "cnnx-lines" });
    this.message = element("p", { class: "cnnx-message" });
    this.stages = {};
    this.stage = this.stageOf({});
    this.reading = element("p", { class: "cnnx-reading" });
    this.legend = element("p", { class: "cnnx-legend", "aria-hidden": "true" });
    this.sentence = element("p", { class: "cnnx-sentence", "aria-live": "polite" });
    this.node = element(
      "div",
      { class: "cnnx", role: "group", "aria-label": model.get("title") },
      this.controls.node, this.player.node, this.lines, this.message, this.stage.node, this.reading, this.legend, this.sentence,
    );
    for (const node of this.node.querySelectorAll("input, select, button")) node.setAttribute(OWN_KEYS, "");
    this.node.addEventListener("keydown", (event) => {
      if (OUR_KEYS.has(event.key) && !event.metaKey && !event.altKey) event.stopPropagation();
    });
    el.append(this.node);
    this.follow = () => {
      const settings = model.get("_settings");
      if (JSON.stringify(settings) !== JSON.stringify(this.settings)) this.take(settings);
    };
    model.on("change:_settings", this.follow);
    this.draw();
  }

  /** The stage of a scene, made when first needed. */
  stageOf({ stage = "windows" }) {
    return (this.stages[stage] ??= STAGES[stage](this));
  }

  destroy() {
    this.player.stop();
    this.model.off("change:_settings", this.follow);
    this.node.remove();
  }

  /** A control was moved here: draw, then tell Python if there is one. */
  change(changes) {
    const settings = { ...this.settings, ...changes };
    if (changes.apart === false) {
      for (const { name, pair } of this.specs) if (pair) settings[name] = [settings[name][0], settings[name][0]];
    }
    this.take(settings);
    this.model.set("_settings", this.settings);
    this.model.save_changes();
  }

  take(settings) {
    const only = (a, b) => JSON.stringify({ ...a, position: 0 }) === JSON.stringify({ ...b, position: 0 });
    const moved = only(settings, this.settings);
    this.settings = settings;
    this.chosen = null;
    if (moved) this.move();
    else this.draw();
  }

  /** Only the window has moved. */
  move() {
    this.player.set(this.scene, this.settings.position);
    this.light();
  }

  draw() {
    const scene = (this.scene = sceneOf(this.data, this.settings));
    if (scene.output) {
      const places = placesOf(scene);
      const position = this.settings.position.map((k, a) => Math.min(k, places[a] - 1));
      this.settings = { ...this.settings, position };
    }
    this.controls.set(this.settings);
    this.player.set(scene, this.settings.position);
    const fits = Boolean(scene.output);
    // Nothing on the page below jumps while a slider passes settings that do not fit.
    if (!fits && !this.node.style.minHeight) this.node.style.minHeight = `${this.node.getBoundingClientRect().height}px`;
    if (fits) this.node.style.minHeight = "";
    this.node.classList.toggle("misfit", !fits);
    this.message.textContent = scene.message;
    this.lines.replaceChildren(...scene.lines.map(formula));
    this.sentence.textContent = scene.sentence || scene.message;
    if (fits) {
      const stage = this.stageOf(scene);
      if (stage !== this.stage) this.stage.node.replaceWith(stage.node);
      this.stage = stage;
      stage.draw(scene, this.settings);
      this.legend.replaceChildren(...this.swatches(scene));
      this.light();
    } else {
      this.legend.replaceChildren();
      this.reading.textContent = "";
    }
    this.node.dataset.output = fits ? scene.output.join(" × ") : "";
  }

  swatches(scene) {
    const kinds = new Set(scene.grids.flatMap((grid) => [...grid.kinds.join("")]));
    return this.stage.legend(kinds).map(([kind, words]) => element("span", {}, element("span", { class: `cnnx-swatch ${kind}` }), words));
  }

  light() {
    if (!this.scene.output) return;
    for (const one of [this.pointed, this.chosen]) if (one && this.stage.holds(one)) return this.read(this.stage.show(one));
    this.read(this.stage.show(this.stage.at(this.settings.position)));
  }

  read(words) {
    if (this.reading.textContent !== words) this.reading.textContent = words;
  }

  point(where) {
    if (JSON.stringify(where) === JSON.stringify(this.pointed)) return;
    this.pointed = where;
    this.light();
  }

  choose(where) {
    this.pointed = null;
    this.player.stop();
    const position = this.stage.positionOf(where);
    if (position) {
      if (this.chosen || String(position) !== String(this.settings.position)) this.change({ position });
      return;
    }
    this.chosen = where;
    this.light();
    this.sentence.textContent = this.reading.textContent;
  }
}

function render({ model, el }) {
  const view = new View(model, el);
  return () => view.destroy();
}

export default { render };
