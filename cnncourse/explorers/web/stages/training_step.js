/** The stage of the training step: all numbers of the network, the way back below them, and the loss so far. */

import { element, put, vector, write, writeFormula } from "../dom.js";
import { cellsOf, knownAs, targetsOf } from "../scenes/training_step.js";
import { fill } from "../sentences.js";
import { f, grown, rectangle } from "../shapes.js";
import { cellText, letter, made, readingOf, shown } from "../small_net.js";
import { boxOf, layoutOf, typeOf } from "./training_step_layout.js";

/**
 * @import { Box, Host, Place, Settings, Stage } from "../types.js"
 * @import { Cell, Values } from "../small_net.js"
 *
 * @typedef {object} View a number on the stage
 * @property {Cell} cell
 * @property {SVGElement} rect
 * @property {SVGElement} text
 * @property {boolean} back whether it is a derivative
 * @property {string} words
 * @property {string} said its letter in words
 * @property {string} lettered its letter as it stands in the cell
 */

const WIDE = 800; // px, until the card has been measured
const STEPS = 5; // of a tint
const FULL = 3; // a number so large, and a derivative a third of it, has the full tint at least

export class StepStage {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    const { data } = host;
    /** @type {View[]} */
    this.views = [];
    /** @type {Map<string, View>} */
    this.byName = new Map();
    /** @type {Map<string, SVGElement>} */
    this.grids = new Map();
    this.layout = layoutOf(WIDE);
    /** @type {View | undefined} */
    this.tabbed = undefined;
    this.texts = vector("g", { class: "cnnx-steptexts", "aria-hidden": "true" });
    for (const [name, [rows]] of Object.entries(data.shapes ?? {})) this.grid(name, rows);
    this.heads = vector("g", { class: "cnnx-heads", "aria-hidden": "true" });
    this.arrows = ["forward", "backward", "both"].map((way) => vector("path", { class: `cnnx-arrows ${way}` }));
    this.turn = vector("path", { class: "cnnx-arrows both" });
    this.truth = vector("text", { class: "cnnx-tiny forward" }, data.texts.truth);
    this.beams = vector("path", { class: "cnnx-beam" });
    this.edges = vector("path", { class: "cnnx-edge" });
    this.from = vector("path", { class: "cnnx-taps" });
    this.to = vector("path", { class: "cnnx-goes" });
    this.frame = vector("rect", { class: "cnnx-frame", rx: 2 });
    this.curve = ["axis", "loss", "dots"].map((name) => vector("path", { class: `cnnx-curve-${name}` }));
    this.marks = [0, 1, 2, 3].map(() => vector("text", { class: "cnnx-tiny" }));
    this.node = vector(
      "svg",
      { class: "cnnx-svg cnnx-step" },
      this.heads,
      vector(
        "g",
        { class: "cnnx-under", "aria-hidden": "true" },
        ...this.arrows,
        this.turn,
        this.truth,
        ...this.curve,
        ...this.marks,
      ),
      ...this.grids.values(),
      vector("g", { class: "cnnx-over", "aria-hidden": "true" }, this.beams, this.edges),
      this.texts,
      vector("g", { class: "cnnx-over", "aria-hidden": "true" }, this.from, this.to, this.frame),
    );
    const button = /** @param {string} name @param {string} words */ (name, words) =>
      element("button", { type: "button", class: `cnnx-${name}` }, words);
    this.next = button("next", data.texts.update);
    this.again = button("again", data.texts.again);
    this.state = element("output", { class: "cnnx-state", "aria-hidden": "true" });
    this.over = [element("div", { class: "cnnx-bar cnnx-stepbar" }, this.next, this.again, this.state)];
    this.listen();
    this.take();
  }

  /** @param {string} name @param {number} rows */
  grid(name, rows) {
    const { host } = this;
    const cells = cellsOf(host.data).filter(([one]) => one === name);
    const lines = Array.from({ length: rows }, () => vector("g", { role: "row" }));
    for (const cell of cells) {
      const rect = vector("rect", { role: "gridcell", tabindex: -1, "data-look": knownAs(cell) });
      rect.setAttribute("data-lm-suppress-shortcuts", "");
      const text = vector("text", name.startsWith("d_") ? { class: "back" } : {});
      lines[cell[1]].append(rect);
      this.texts.append(text);
      const formula = letter(...cell);
      const letters = { said: plain(formula), lettered: low(formula.replace("∂E/", "")) };
      const view = { cell, rect, text, back: name.startsWith("d_"), words: "", ...letters };
      this.views.push(view);
      this.byName.set(knownAs(cell), view);
    }
    this.grids.set(
      name,
      vector("g", { class: "cnnx-stepcells", role: "grid", "aria-label": host.data.names?.[name] ?? name }, ...lines),
    );
  }

  /** What the buttons under the stage do. */
  take() {
    const { host, next } = this,
      { texts, most = 0 } = host.data;
    next.title = texts.update_why;
    next.addEventListener("click", () => {
      const steps = this.settings?.steps ?? 0;
      if (steps >= most) return host.announce(fill(texts.last, { n: most }));
      host.change({ steps: steps + 1 });
    });
    this.again.addEventListener("click", () => host.change({ steps: 0 }));
  }

  listen() {
    const { host, node } = this;
    const at = /** @param {Event} event */ (event) =>
      event.target instanceof Element ? this.byName.get(event.target.getAttribute("data-look") ?? "") : undefined;
    node.addEventListener("pointerover", (event) => {
      const view = event.pointerType === "touch" ? undefined : at(event);
      host.point(view ? placeOf(view.cell) : null);
    });
    node.addEventListener("pointerleave", () => host.point(null));
    node.addEventListener("click", (event) => at(event)?.rect.focus({ preventScroll: true }));
    node.addEventListener("focusin", (event) => {
      const view = at(event);
      if (!view) return;
      this.rove(view);
      host.choose(placeOf(view.cell));
    });
    node.addEventListener("keydown", (event) => {
      const view = at(event),
        to = view && this.beside(view, event.key);
      if (!to) return;
      event.preventDefault();
      to.rect.focus({ preventScroll: true });
    });
  }

  /**
   * The number that a key leads to.
   *
   * @param {View} view
   * @param {string} key
   */
  beside(view, key) {
    if (key === "Home") return this.views[0];
    if (key === "End") return this.views.at(-1);
    const way = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    })[key];
    if (!way) return undefined;
    const [x, y] = this.middle(view);
    let best,
      least = Infinity;
    for (const other of this.views) {
      const [u, v] = this.middle(other);
      const ahead = (u - x) * way[0] + (v - y) * way[1],
        aside = Math.abs((u - x) * way[1]) + Math.abs((v - y) * way[0]);
      if (ahead < 4 || aside > 2 * ahead + 30) continue;
      const far = ahead + 3 * aside;
      if (far < least) [best, least] = [other, far];
    }
    return best;
  }

  /** @param {View} view */
  middle({ cell }) {
    const { x, y, width, height } = boxOf(this.layout, ...cell);
    return [x + width / 2, y + height / 2];
  }

  /**
   * Let Tab come to this number.
   *
   * @param {View} view
   */
  rove(view) {
    if (this.tabbed === view) return;
    this.tabbed?.rect.setAttribute("tabindex", "-1");
    view.rect.setAttribute("tabindex", "0");
    this.tabbed = view;
  }

  /** @type {Stage["measure"]} */
  measure(width) {
    const wide = Math.max(width, 240),
      layout = layoutOf(wide);
    this.layout = layout;
    put(this.node, { width: wide, height: layout.height, viewBox: `0 0 ${wide} ${layout.height}` });
    this.node.classList.toggle("paired", layout.paired);
    for (const { cell, rect, text } of this.views) {
      const { x, y, width, height } = boxOf(layout, ...cell);
      put(rect, { x: f(x), y: f(y), width: f(width), height: f(height) });
      put(text, { x: f(x + width / 2), y: f(y + height / 2) });
      const pixel = cell[0] === "x"; // one digit, or a letter with two small ones
      text.style.fontSize = `${f(typeOf(pixel ? 2.2 * width : width, layout.paired))}px`;
    }
    const { texts } = this.host.data;
    this.heads.replaceChildren(
      ...layout.heads.map(({ name, below, gaps = {}, x, y, anchor = "start", look, way }) => {
        const node = vector("text", { class: `cnnx-${look} ${way}`, x: f(x), y: f(y), "text-anchor": anchor });
        const words = fill(texts[name], gaps);
        writeFormula(node, below ? fill(texts.paired, { one: words, other: fill(texts[below], gaps) }) : words);
        return node;
      }),
    );
    for (const [k, way] of ["forward", "backward", "both"].entries())
      put(this.arrows[k], {
        d: layout.arrows
          .filter((one) => one.way === way)
          .map(({ d }) => d)
          .join(""),
      });
    if (this.scene && this.settings) this.draw(this.scene, this.settings);
  }

  /** @type {Stage["draw"]} */
  draw(scene, settings) {
    this.scene = scene;
    this.settings = settings;
    const { texts, most = 0 } = this.host.data,
      { show, steps } = settings;
    /** @type {Values} */
    const values = scene.numbers.values;
    this.node.setAttribute("data-show", show);
    const sizes = { forward: FULL, backward: FULL / 3 };
    for (const { cell, back } of this.views) {
      const kind = back ? "backward" : "forward";
      sizes[kind] = Math.max(sizes[kind], Math.abs(values[cell[0]][cell[1]][cell[2]]));
    }
    for (const view of this.views) this.number(view, values, settings, sizes[view.back ? "backward" : "forward"]);
    this.plot(scene.numbers.losses, scene.numbers.top);
    const { layout } = this,
      of = boxOf(layout, "p", scene.numbers.label, 0);
    put(this.turn, { d: layout.turns[scene.numbers.label] });
    const beneath = layout.paired ? of.height + 12 : -4;
    put(this.truth, { x: f(of.x + (layout.paired ? of.width / 2 : of.width)), y: f(of.y + beneath) });
    put(this.truth, { "text-anchor": layout.paired ? "middle" : "end" });
    write(this.state, fill(texts.state, { n: steps, E: shown(scene.numbers.E) }));
    this.next.setAttribute("aria-disabled", String(steps >= most));
    this.settle(settings);
  }

  /**
   * A number in its cell; of the way that is not shown only the cells are there, to be guessed.
   *
   * @param {View} view
   * @param {Values} values
   * @param {Settings} settings
   * @param {number} largest the size with the full tint
   */
  number(view, values, { show, letters }, largest) {
    const { cell, rect, text, back, said } = view,
      [name, r, c] = cell;
    const value = values[name][r][c],
      seen = show !== (back ? "forward" : "backward") || name === "E";
    const part = Math.max(1, Math.ceil((STEPS * Math.abs(value)) / largest - 1e-9));
    const look = value && seen ? `${value < 0 ? "n" : "p"}${part}` : "z";
    if (rect.getAttribute("class") !== look) rect.setAttribute("class", look);
    const words = !seen ? "" : letters ? view.lettered : cellText(value);
    if (view.words !== words) writeFormula(text, words);
    view.words = words;
    const label = seen ? fill(this.host.data.words.named, { first: said, second: shown(value) }) : said;
    if (rect.getAttribute("aria-label") !== label) rect.setAttribute("aria-label", label);
  }

  /**
   * The loss before the first step and after each so far.
   *
   * @param {number[]} losses
   * @param {number} highest
   */
  plot(losses, highest) {
    const { most = 1, texts } = this.host.data,
      { curve, paired } = this.layout;
    const { x, y, width, height } = curve,
      top = rounded(highest);
    const points = losses.map((E, n) => [f(x + (width * n) / most), f(y + height * (1 - E / top))]);
    const [last] = points.slice(-1);
    const dot = /** @param {number[]} at @param {number} r */ ([u, v], r) =>
      `M${f(u - r)} ${v}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    put(this.curve[0], { d: `M${f(x)} ${f(y)}v${f(height)}h${f(width)}` });
    put(this.curve[1], { d: `M${points.map((at) => at.join(" ")).join("L")}` });
    put(this.curve[2], { d: points.map((at) => dot(at, at === last ? 4 : 2)).join("") });
    const marks = /** @type {[number, number, string, string][]} */ ([
      [x, y - 7, texts.curve, "start"],
      [paired ? x - 8 : x + 7, paired ? y + 8 : y + 9, String(top), paired ? "end" : "start"],
      [x + 1, y + height + 13, "0", "start"],
      [x + width, y + height + 13, fill(texts.steps, { n: most }), "end"],
    ]);
    for (const [k, [u, v, words, anchor]] of marks.entries()) {
      put(this.marks[k], { x: f(u), y: f(v), "text-anchor": anchor });
      write(this.marks[k], words);
    }
  }

  /** @type {Stage["settle"]} */
  settle(settings) {
    this.settings = settings;
    const view = this.byName.get(settings.look) ?? this.views[0];
    this.rove(view);
  }

  misfit() {} // every setting fits

  /** @param {Settings} settings */
  home(settings) {
    return { role: settings.look, cell: /** @type {[number, number]} */ ([0, 0]) };
  }

  /** @type {Stage["holds"]} */
  holds({ role }) {
    return this.byName.has(role);
  }

  /** @param {Place} where */
  meant({ role }) {
    return { look: role };
  }

  /** @type {Stage["show"]} */
  show({ role }) {
    const { data } = this.host,
      { texts, tiny = 0 } = data,
      view = this.byName.get(role);
    const { scene, settings } = this;
    if (!view || !scene || !settings) return "";
    const { values, label } = scene.numbers;
    const how = made(values, label, view.cell, tiny);
    const to = targetsOf(data, values, label, view.cell);
    this.mark(view, how.sources, to);
    return readingOf(texts, values, how, settings.rate, view.cell, Boolean(settings.letters));
  }

  /**
   * Frame a number, what made it and where it goes.
   *
   * @param {View} view
   * @param {Cell[]} sources
   * @param {Cell[]} targets
   */
  mark(view, sources, targets) {
    const { layout } = this;
    const box = /** @param {Cell} cell */ (cell) => boxOf(layout, ...cell);
    const own = box(view.cell);
    /** @type {Map<string, Box[]>} */
    const groups = new Map();
    for (const cell of sources) groups.set(cell[0], [...(groups.get(cell[0]) ?? []), box(cell)]);
    const beams = [...groups].map(([name, boxes]) => ({ name, around: hull([...boxes, own]) }));
    put(this.beams, { d: beams.map(({ around }) => outline(around)).join("") });
    // Over other numbers a beam has no edges: they would strike them through.
    const clear = beams.filter(({ name, around }) => {
      return !this.views.some(({ cell }) => {
        if (cell[0] === name || cell === view.cell) return false;
        const { x, y, width, height } = box(cell);
        return holds(around, [x + width / 2, y + height / 2]);
      });
    });
    put(this.edges, { d: clear.map(({ around }) => outline(around)).join("") });
    put(this.from, { d: sources.map((cell) => rectangle(box(cell))).join("") });
    put(this.to, { d: targets.map((cell) => rectangle(grown(box(cell), -2))).join("") });
    put(this.frame, grown(own, 1));
    for (const one of this.views) {
      const chosen = String(one === view);
      if (one.rect.getAttribute("aria-selected") !== chosen) one.rect.setAttribute("aria-selected", chosen);
    }
  }
}

/** @param {Cell} cell @returns {Place} */
function placeOf(cell) {
  return { role: knownAs(cell), cell: [cell[1], cell[2]] };
}

/**
 * A letter with its digits as small ones, which need less room than those set lower.
 *
 * @param {string} formula
 */
function low(formula) {
  return formula.replace(/_\{?(\d+)\}?/, (_, digits) =>
    digits.replace(/\d/g, (/** @type {string} */ n) => "₀₁₂₃₄₅₆₇₈₉"[Number(n)]),
  );
}

/** @param {string} formula */
function plain(formula) {
  return formula.replace(/[{}]/g, "");
}

/**
 * The next number over a value with one digit that counts, or 1.5.
 *
 * @param {number} value
 */
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  const found = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return Number((found * power).toPrecision(2));
}

/**
 * The outline around some boxes.
 *
 * @param {Box[]} boxes
 */
function hull(boxes) {
  const corners = boxes.flatMap(({ x, y, width, height }) => [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ]);
  corners.sort(([x, y], [u, v]) => x - u || y - v);
  const half = /** @param {number[][]} points */ (points) => {
    /** @type {number[][]} */
    const kept = [];
    for (const point of points) {
      while (kept.length > 1 && turn(kept[kept.length - 2], kept[kept.length - 1], point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...half(corners), ...half([...corners].reverse())];
}

/** @param {number[][]} around */
function outline(around) {
  return `M${around.map(([x, y]) => `${f(x)} ${f(y)}`).join("L")}z`;
}

/**
 * Whether a point lies inside an outline.
 *
 * @param {number[][]} around
 * @param {number[]} point
 */
function holds(around, point) {
  return around.every((corner, k) => turn(corner, around[(k + 1) % around.length], point) >= 0);
}

/** @param {number[]} a @param {number[]} b @param {number[]} c */
function turn(a, b, c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
