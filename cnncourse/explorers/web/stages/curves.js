/** The stage of curves, points and bars: plots beside each other (above each other on a phone), and what is pointed at. */

import { element, put, vector, writeFormula } from "../dom.js";
import { Knobs } from "../knobs.js";
import { Player, Walk } from "../player.js";
import { fill } from "../sentences.js";

/**
 * @import { Axis, Box, Changes, Data, Host, Kind, Mark, Plot, Point, Scene, Stage } from "../types.js"
 * @import { Settings } from "../types.js"
 *
 * @typedef {object} Module what the module of such an explorer has
 * @property {(data: Data, settings: Settings) => Scene} sceneOf
 * @property {(data: Data, settings: Settings, library: string) => string} codeOf
 * @property {(data: Data, scene: Scene, settings: Settings, k: number) => string} readingOf
 * @property {number} [PLOTS] how many there are
 * @property {string} [LOOK] classes of the card: "cnnx-few" and "cnnx-many" say little and much, a "cnnx-silent" one shows no reading
 * @property {number} [FIRST] what the first point is called: 0 where counting begins before the first step
 * @property {"first" | "last"} [START] the point that is shown until another is chosen
 * @property {(settings: Settings, x: number) => Changes} [dragOf] what a place in a plot sets
 */

const TOP = 26,
  BOTTOM = 40,
  LEFT = 50,
  RIGHT = 12; // px around a plot
const FAR = 20_000; // px: no coordinate is larger
const LETTER = 6.9,
  BOLD = 7.9; // px: how wide a letter of a label is, about
const LINE = 15; // px between labels that would stand on each other

/**
 * Where the plots stand.
 *
 * @param {number} width
 * @param {string} size
 * @param {number} count
 * @returns {{ height: number, places: Box[] }}
 */
export function layout(width, size, count) {
  const narrow = size === "phone" || size === "small";
  const tall = count === 1 ? 176 : narrow ? 206 : size === "tablet" ? 270 : 306;
  const columns = narrow ? 1 : count,
    wide = (width - 16 * (columns - 1)) / columns;
  const places = Array.from({ length: count }, (_, k) => ({
    x: narrow ? 0 : k * (wide + 16),
    y: narrow ? k * tall : 0,
    width: wide,
    height: tall,
  }));
  return { height: narrow ? count * tall : tall, places };
}

/** Nothing to walk through. */
class Nothing extends Player {
  constructor() {
    super(
      "",
      {},
      () => {},
      () => {},
    );
    this.node = element("div", { class: "cnnx-nothing" });
  }

  set() {}
}

/**
 * An explorer of curves, as the card wants it.
 *
 * @param {Module} module
 * @returns {Kind}
 */
export function ofCurves(module) {
  return {
    scene: module.sceneOf,
    stage: (host) => new CurvesStage(host, module),
    code: module.codeOf,
    look: `cnnx-curves ${module.LOOK ?? ""}`,
    controls: (specs, words, change, data) => new Knobs(specs, words, change, data),
    legend: () => element("p", { class: "cnnx-legend", "aria-hidden": "true" }),
  };
}

class CurvesStage {
  /** @param {Host} host @param {Module} module */
  constructor(host, module) {
    this.host = host;
    this.module = module;
    const { texts, words } = host.data;
    this.count = module.PLOTS ?? 2;
    this.first = module.FIRST ?? 1;
    this.views = Array.from(
      { length: this.count },
      (_, k) => new PlotView(`${host.id}-clip${k}`, `${host.id}-stripes`, words.stop),
    );
    const stripes = vector(
      "pattern",
      { id: `${host.id}-stripes`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      vector("path", { class: "cnnx-striping", d: "M0 0V6" }),
    );
    this.node = vector(
      "svg",
      { class: "cnnx-svg" },
      vector("defs", {}, stripes),
      ...this.views.map(({ node }) => node),
    );
    this.player = texts.walk ? new Walk(texts.walk, words, (k) => this.go(k)) : new Nothing();
    /** @type {number | null} which point the reader has chosen */
    this.cursor = null;
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Settings} */
    this.settings = {};
    this.listen();
  }

  listen() {
    const { node } = this;
    let held = false;
    node.addEventListener("pointermove", (event) => {
      if (held) return this.drag(event);
      const k = this.nearest(event);
      this.host.point(k === null ? null : { role: "item", cell: [k, 0] });
    });
    node.addEventListener("pointerleave", () => this.host.point(null));
    node.addEventListener("pointerdown", (event) => {
      if (this.module.dragOf) {
        held = true;
        node.setPointerCapture(event.pointerId);
        return this.drag(event);
      }
      const k = this.nearest(event);
      if (k === null) return;
      this.player.stop();
      this.go(k);
    });
    for (const name of ["pointerup", "pointercancel"])
      node.addEventListener(name, () => {
        held = false;
      });
    if (this.module.dragOf) node.classList.add("cnnx-draggable");
  }

  /** @param {PointerEvent} event */
  beneath(event) {
    const { left, top } = this.node.getBoundingClientRect();
    const x = event.clientX - left,
      y = event.clientY - top;
    return { x, y, view: this.views.find(({ place }) => inside(place, x, y)) };
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const { x, view } = this.beneath(event);
    if (view?.plot && this.module.dragOf) this.host.change(this.module.dragOf(this.settings, view.valueAt(x)));
  }

  /**
   * The point nearest to the pointer, in the plot that it is over; a plot is read from left to right.
   *
   * @param {PointerEvent} event
   */
  nearest(event) {
    const { x, y, view } = this.beneath(event);
    if (!view?.plot?.items.length) return null;
    const sideways = view.plot.x.ticks[0]?.[0] === view.plot.items[0]?.[0] || view.plot.y.log;
    let best = null,
      least = Infinity;
    for (const [k, item] of view.plot.items.entries()) {
      if (!item) continue;
      const [u, v] = view.at(item);
      const away = sideways ? Math.abs(u - x) : Math.hypot(u - x, v - y);
      if (away < least) [best, least] = [k, away];
    }
    return best;
  }

  /** @param {number} k */
  go(k) {
    this.cursor = k;
    this.host.point(null);
    this.host.light(true);
    const playing = this.player.timer !== 0;
    if (!playing && document.activeElement !== this.player.slider.input) this.host.announce(this.reading(k));
  }

  /** How many points there are to walk through. */
  length() {
    return Math.max(0, ...(this.scene?.plots ?? []).map(({ items }) => items.length));
  }

  /** @param {number} k */
  reading(k) {
    return this.scene ? this.module.readingOf(this.host.data, this.scene, this.settings, k) : "";
  }

  /** @type {Stage["measure"]} */
  measure(width, size) {
    const { height, places } = layout(width, size, this.count);
    put(this.node, { width, height, viewBox: `0 0 ${width} ${height}` });
    for (const [k, view] of this.views.entries()) view.measure(places[k]);
  }

  /** @type {Stage["draw"]} */
  draw(scene, settings) {
    this.scene = scene;
    this.settings = settings;
    for (const [k, plot] of (scene.plots ?? []).entries()) this.views[k].draw(plot);
  }

  settle() {}

  misfit() {}

  /** @type {Stage["holds"]} */
  holds({ role, cell: [k] }) {
    return role === "item" && k < this.length();
  }

  /** @type {Stage["show"]} */
  show({ role, cell }) {
    const count = this.length();
    const chosen =
      this.cursor === null ? (this.module.START === "first" ? 0 : count - 1) : Math.min(this.cursor, count - 1);
    const k = role === "item" ? cell[0] : chosen;
    for (const view of this.views) view.mark(k);
    if (this.player instanceof Walk) {
      const seen = fill(this.host.data.words.of, { k: chosen + this.first, n: count - 1 + this.first });
      this.player.stand(count, chosen, seen, this.reading(chosen));
    }
    return this.reading(k);
  }
}

/** One plot: what stands still is drawn when an axis changes, what moves in few paths. */
class PlotView {
  /** @param {string} clip @param {string} stripes @param {string} stop what stands between two sentences */
  constructor(clip, stripes, stop) {
    this.stripes = stripes;
    this.stop = stop;
    this.node = vector("g", { role: "img" });
    this.title = vector("text", { class: "cnnx-title", y: 14 });
    this.frame = vector("g", { class: "cnnx-plotframe" });
    this.cut = vector("rect");
    this.low = vector("g", { "clip-path": `url(#${clip})` });
    this.high = vector("g");
    this.words = vector("g", { class: "cnnx-plotwords" });
    this.ring = vector("circle", { class: "cnnx-ring", r: 8 });
    this.node.append(
      vector("defs", {}, vector("clipPath", { id: clip }, this.cut)),
      this.frame,
      this.title,
      this.low,
      this.high,
      this.words,
      this.ring,
    );
    /** @type {Plot | null} */
    this.plot = null;
    this.known = "";
    /** @type {number[]} where lines go across */
    this.levels = [];
    /** @type {Box} */
    this.place = { x: 0, y: 0, width: 1, height: 1 };
    this.box = this.place;
  }

  /** @param {Box} place */
  measure(place) {
    this.place = place;
    this.known = "";
  }

  /**
   * A point in px.
   *
   * @param {number[]} point
   */
  at([x, y]) {
    const { box } = this;
    const { x: across, y: up } = /** @type {Plot} */ (this.plot);
    return [box.x + box.width * part(across, x), box.y + box.height * (1 - part(up, y))].map((n) =>
      Math.max(-FAR, Math.min(FAR, n)),
    );
  }

  /**
   * What stands at a place of the axis below.
   *
   * @param {number} px
   */
  valueAt(px) {
    const { low, high } = /** @type {Plot} */ (this.plot).x;
    return low + ((high - low) * (px - this.box.x)) / this.box.width;
  }

  /** @param {Plot} plot */
  draw(plot) {
    const known = JSON.stringify([plot.title, plot.x, plot.y]);
    this.plot = plot;
    if (known !== this.known) this.still(plot);
    this.known = known;
    put(this.node, { "aria-label": fill(this.stop, { first: plot.title, second: plot.said }).replace(/_(\w)/g, "$1") });
    const drawn = plot.marks.filter(({ mark }) => mark !== "label");
    this.paths(
      this.low,
      drawn.filter(({ mark }) => mark !== "dots"),
    );
    this.paths(
      this.high,
      drawn.filter(({ mark }) => mark === "dots"),
    );
    this.labels(plot.marks.filter(({ mark }) => mark === "label"));
  }

  /** The axes. @param {Plot} plot */
  still({ title, x, y }) {
    const { place } = this;
    const left = y.ticks.length ? LEFT : 2;
    const box = {
      x: place.x + left,
      y: place.y + TOP,
      width: place.width - left - RIGHT,
      height: place.height - TOP - BOTTOM,
    };
    this.box = box;
    put(this.cut, box);
    put(this.title, { x: place.x + 2, y: place.y + 14 });
    writeFormula(this.title, y.label ? `${title} · ↑ ${y.label}` : title);
    const right = box.x + box.width,
      bottom = box.y + box.height;
    const up = y.ticks.map(([value]) => round(this.at([x.low, value])[1])),
      across = x.ticks.map(([value]) => round(this.at([value, y.low])[0]));
    this.levels = up;
    const lines = up.map((level) => `M${box.x} ${level}H${right}`);
    const small = across.map((place) => `M${place} ${bottom}v4`);
    const word = /** @param {string} text @param {number} a @param {number} b @param {string} anchor */ (
      text,
      a,
      b,
      anchor,
    ) => vector("text", { x: a, y: b, "text-anchor": anchor }, text);
    const name = vector("text", { x: right, y: bottom + 34, "text-anchor": "end", class: "cnnx-title" });
    writeFormula(name, x.label);
    this.frame.replaceChildren(
      vector("path", { class: "cnnx-gridlines", d: lines.join("") }),
      vector("path", {
        class: "cnnx-axis",
        d: `${y.ticks.length ? `M${box.x} ${box.y}V${bottom}` : ""}M${box.x} ${bottom}H${right}${small.join("")}`,
      }),
      ...y.ticks.map(([, text], k) => word(text, box.x - 7, up[k] + 4, "end")),
      ...x.ticks.map(([, text], k) => word(text, across[k], bottom + 17, "middle")),
      name,
    );
  }

  /** @param {SVGElement} group @param {Mark[]} marks */
  paths(group, marks) {
    for (const [k, one] of marks.entries()) {
      const node = group.children[k] ?? group.appendChild(vector("path"));
      put(node, { class: `cnnx-${one.mark} ${one.look}`, d: this.shape(one) });
      /** @type {SVGElement} */ (node).style.fill = one.look === "striped" ? `url(#${this.stripes})` : "";
    }
    while (group.children.length > marks.length) group.lastElementChild?.remove();
  }

  /** @param {Mark} mark */
  shape({ mark, look, points = [], boxes = [] }) {
    if (mark === "line") return this.line(points);
    if (mark === "dots") return points.map((point) => (point ? this.dot(look, point) : "")).join("");
    return boxes
      .map(([left, low, right, high]) => {
        const [x, y] = this.at([left, high]),
          [u, v] = this.at([right, low]);
        return `M${round(x)} ${round(y)}H${round(u)}V${round(v)}H${round(x)}z`;
      })
      .join("");
  }

  /** @param {Point[]} points */
  line(points) {
    let d = "",
      pen = "M";
    for (const point of points) {
      if (point) {
        const [x, y] = this.at(point);
        d += `${pen}${round(x)} ${round(y)}`;
      }
      pen = point ? "L" : "M";
    }
    return d;
  }

  /** @param {string} look @param {number[]} point */
  dot(look, point) {
    const [x, y] = this.at(point).map(round);
    if (!inside(grown(this.box, 1), x, y)) return "";
    const r = { main: 2.6, plus: 4, minus: 3.6, chosen: 6.5 }[look];
    if (r) return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    if (look === "start") return `M${x - 4.5} ${y - 4.5}h9v9h-9z`;
    const e = look === "goal" ? 6 : 4.5;
    return `M${x - e} ${y - e}l${2 * e} ${2 * e}m0 ${-2 * e}l${-2 * e} ${2 * e}`;
  }

  /** @param {Mark[]} marks */
  labels(marks) {
    /** @type {Box[]} */
    const taken = [];
    for (const [k, one] of marks.entries()) {
      const node = /** @type {SVGElement} */ (this.words.children[k] ?? this.words.appendChild(vector("text")));
      const box = this.room(one, taken);
      taken.push(box);
      const anchor = one.anchor ?? "start";
      const x = box.x + { start: 0, middle: 0.5, end: 1 }[/** @type {"start"} */ (anchor)] * box.width;
      put(node, {
        class: `cnnx-label-${one.look || "soft"}`,
        x: round(x),
        y: round(box.y + 11.5),
        "text-anchor": anchor,
      });
      writeFormula(node, one.text ?? "");
    }
    while (this.words.children.length > marks.length) this.words.lastElementChild?.remove();
  }

  /**
   * Where a label stands: inside the plot, and on no other.
   *
   * @param {Mark} mark
   * @param {Box[]} taken
   */
  room({ text = "", at = [0, 0], anchor = "start", place, look }, taken) {
    const { box } = this;
    const width = Math.min((look === "strong" ? BOLD : LETTER) * text.length, box.width);
    if (place === "corner") return { x: box.x + 8, y: box.y + 5, width, height: LINE };
    const [x, y] = this.at(at);
    const side = place === "right" ? 9 : place === "left" ? -9 : 0;
    const left = x + side - { start: 0, middle: 0.5, end: 1 }[/** @type {"start"} */ (anchor)] * width;
    const free = {
      x: Math.max(box.x + 3, Math.min(left, box.x + box.width - width)),
      y: y + (place === "above" ? -21 : place === "below" ? 7 : -7),
      width,
      height: LINE,
    };
    const low = box.y + 1,
      high = box.y + box.height - LINE - 1;
    let level = Math.max(low, Math.min(free.y, high));
    const beside = place !== "right" && place !== "left" && level < y + 5 && level + LINE > y - 5;
    if (beside) free.x += anchor === "end" ? -10 : 10; // there is no room over or under the point
    if (free.x < box.x + 3) free.x = beside ? x + 10 : box.x + 3;
    const rightmost = box.x + box.width - width;
    const crowded = free.x > rightmost; // no room beside it either
    if (crowded) free.x = Math.max(box.x + 3, rightmost);
    if (crowded && level < y + 5) level = Math.min(high, y + 7);
    const isFree = () => free.y >= low && free.y <= high && !taken.some((one) => overlaps(one, free));
    const beyond = place === "below" ? y - LINE - 3 : y + 3; // on the other side of the point
    const near =
      place === "right" || place === "left" ? [level, level - LINE / 2 - 1, level + LINE / 2 + 1] : [level, beyond];
    for (free.y of near)
      if (isFree() && !this.levels.some((line) => line > free.y + 2 && line < free.y + LINE - 1)) return free;
    for (const step of place === "below" ? [0, 1, -1, 2, -2, 3, -3] : [0, -1, 1, -2, 2, -3, 3]) {
      free.y = level + step * LINE;
      if (isFree()) return free;
    }
    free.y = level;
    return free;
  }

  /** Frame the point that is looked at. @param {number} k */
  mark(k) {
    const item = this.plot?.items[k];
    const [x, y] = item ? this.at(item) : [0, 0];
    const seen = Boolean(item) && inside(grown(this.box, 1), x, y);
    this.ring.style.display = seen ? "" : "none";
    if (seen) put(this.ring, { cx: round(x), cy: round(y) });
  }
}

/**
 * How far along an axis a value lies, from 0 to 1.
 *
 * @param {Axis} axis
 * @param {number} value
 */
function part({ low, high, log }, value) {
  if (!log) return (value - low) / (high - low);
  return value > 0 ? Math.log(value / low) / Math.log(high / low) : -1;
}

/** @param {number} n */
function round(n) {
  return Math.round(10 * n) / 10;
}

/** @param {Box} box @param {number} x @param {number} y */
function inside({ x: left, y: top, width, height }, x, y) {
  return x >= left && x <= left + width && y >= top && y <= top + height;
}

/** @param {Box} box @param {number} by */
function grown({ x, y, width, height }, by) {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** @param {Box} a @param {Box} b */
function overlaps(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
