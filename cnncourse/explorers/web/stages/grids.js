/** A stage of grids whose places, frames and words a view decides: what an explorer shows, not how it is drawn. */

import { put, vector, writeFormula } from "../dom.js";
import { Glide } from "../glide.js";
import { GridView, tints } from "../grid.js";
import { fill, text } from "../sentences.js";
import { corners, f, grown, inset, path, patterns, rectangle, STAR, wedge } from "../shapes.js";

/**
 * @import { Box, Data, GridData, Host, Pair, Place, Scene, Settings, Stage, Texts } from "../types.js"
 *
 * @typedef {object} Sheet where a grid stands, and where its title begins, is centred or ends
 * @property {Box} box
 * @property {"start" | "middle" | "end"} [anchor]
 * @property {boolean} [untitled] there is no room for the title
 * @property {boolean} [short] there is room for a short one
 * @property {boolean} [left] the grid stands at the left of its box, else in the middle
 *
 * @typedef {object} Sign what stands between grids: words of a name that the view fills, a star, or fixed words
 * @property {number} x
 * @property {number} y
 * @property {string} [name]
 * @property {string} [words]
 * @property {string} [look] sign, caption or equation
 * @property {string} [anchor]
 *
 * @typedef {object} Arrangement
 * @property {Record<string, Sheet>} sheets
 * @property {Sign[]} signs
 *
 * @typedef {object} Lettered
 * @property {string[]} [kinds]
 * @property {string} [short] the title where room is small
 * @property {string[][]} [letters] what stands in the cells in place of numbers, if the reader wants letters
 * @property {string[][]} [above] small letters over these
 *
 * @typedef {import("../grid.js").Drawing & Lettered} Drawing
 *
 * @typedef {object} Region some cells of a grid
 * @property {string} role
 * @property {number[]} at row and column of the first
 * @property {number[]} [size] rows and columns
 * @property {boolean} [soft] framed with dashes
 *
 * @typedef {object} Shown what belongs to a cell
 * @property {Record<string, Drawing>} [grids] those that change with it
 * @property {Region[]} frames
 * @property {[number, number, boolean?][]} [joins] which frames are joined, and whether downwards: else it follows from where they are
 * @property {Region[]} [cells] framed one by one
 * @property {Record<string, string>} [words] for the signs with a name
 * @property {string} reading
 * @property {boolean} [idle] the frames belong to the position, not to the cell that is pointed at
 *
 * @typedef {(width: number, size: string) => number} Height
 * @typedef {(width: number, size: string, scene: Scene, settings: Settings) => Arrangement} Arrange
 * @typedef {(scene: Scene, settings: Settings, texts: Texts) => Record<string, Drawing>} Draw
 * @typedef {(where: Place, scene: Scene, settings: Settings, texts: Texts) => Shown} Show
 * @typedef {(settings: Settings, scene: Scene) => Place} Home
 * @typedef {(where: Place, scene: Scene, settings: Settings) => number[] | null} PositionOf
 *
 * @typedef {object} View
 * @property {string[]} roles all grids there may be
 * @property {Height} height
 * @property {Arrange} arrange
 * @property {Draw} draw
 * @property {Show} show
 * @property {Home} [home]
 * @property {PositionOf} [positionOf]
 */

const NOTES = 34; // px: in smaller cells stands the number alone
const LOOKS = ["p", "x", "z", "f"]; // kinds of cells that are told apart without colour

export class GridsStage {
  /**
   * @param {Host} host
   * @param {View} view
   * @param {(data: Data, settings: Settings) => Scene} sceneOf
   */
  constructor(host, view, sceneOf) {
    this.host = host;
    this.view = view;
    this.sceneOf = sceneOf;
    this.texts = host.data.texts;
    /** @type {Record<string, GridView>} */
    this.grids = Object.fromEntries(view.roles.map((role) => [role, new GridView(role, host)]));
    /** @type {Record<string, Record<string, string>>} the paths of each grid for each kind of cell */
    this.marks = {};
    const hatch = /** @param {string} name */ (name) =>
      vector("path", { class: "cnnx-hatch", fill: `url(#${host.id}-${name})` });
    /** @type {Record<string, SVGElement>} */
    this.looks = { p: hatch("hatch"), x: path("corners"), z: hatch("gaps"), f: hatch("stripes") };
    this.beams = path("beam");
    this.edges = path("edge");
    this.reached = path("reached");
    this.compared = path("compared");
    this.frames = vector("g", {});
    this.signs = vector("g", {});
    const under = vector("g", { class: "cnnx-under", "aria-hidden": "true" }, ...LOOKS.map((k) => this.looks[k]));
    under.append(this.beams, this.edges);
    const over = vector("g", { class: "cnnx-over", "aria-hidden": "true" });
    over.append(this.reached, this.compared, this.frames, this.signs);
    const all = view.roles.map((role) => this.grids[role]);
    const defs = patterns(host.id);
    defs.append(
      vector(
        "pattern",
        { id: `${host.id}-stripes`, width: 5, height: 5, patternUnits: "userSpaceOnUse" },
        vector("path", { class: "cnnx-hatching", d: "M0 2.5H5" }),
      ),
    );
    this.node = vector("svg", { class: "cnnx-svg" }, defs);
    for (const part of /** @type {("paint" | "cells")[]} */ (["paint", "cells"]))
      this.node.append(...all.map((grid) => grid[part]));
    this.node.append(under, ...all.map(({ title }) => title), ...all.map(({ texts }) => texts), over);
    /** @type {Box[]} */
    this.boxes = [];
    this.glide = new Glide();
    /** @type {Scene | null} */
    this.scene = null;
  }

  /** @type {Stage["measure"]} */
  measure(width, size) {
    this.width = width;
    this.size = size;
    const height = this.view.height(width, size);
    put(this.node, { width, height, viewBox: `0 0 ${width} ${height}` });
    if (this.scene && this.settings) this.draw(this.scene, this.settings);
  }

  /** @type {Stage["draw"]} */
  draw(scene, settings) {
    this.glide.stop();
    this.scene = scene;
    this.settings = settings;
    const { sheets, signs } = this.view.arrange(this.width ?? 800, this.size ?? "laptop", scene, settings);
    this.sheets = sheets;
    for (const [role, grid] of Object.entries(this.grids)) {
      const there = role in sheets;
      for (const node of [grid.title, grid.paint, grid.cells]) node.style.display = there ? "" : "none";
      if (!there) grid.texts.style.display = "none";
      if (!there) this.marks[role] = {};
    }
    this.write(signs);
    this.fill(this.view.draw(scene, settings, this.texts));
  }

  /** @type {Stage["settle"]} */
  settle(settings) {
    this.settings = settings;
  }

  /** @param {Record<string, Drawing>} drawings */
  fill(drawings) {
    for (const [role, drawing] of Object.entries(drawings)) {
      const sheet = this.sheets?.[role];
      if (!sheet) continue;
      const grid = this.grids[role];
      const { box, anchor = "start", left } = sheet;
      const [rows, columns] = [drawing.texts.length, drawing.texts[0].length];
      const cell = Math.min(box.width / columns, box.height / rows);
      const x = left ? box.x : box.x + (box.width - cell * columns) / 2;
      grid.place({ x, y: box.y, width: cell * columns + 1e-6, height: cell * rows + 1e-6 });
      const title = (sheet.short && drawing.short) || drawing.title;
      const drawn = { ...drawing, title, notes: cell < NOTES ? undefined : drawing.notes };
      const { letters, above } = drawing;
      if (letters && this.settings?.letters)
        grid.draw({ ...drawn, texts: letters, notes: cell < NOTES ? undefined : above, looks: plain(letters) });
      if (!letters || !this.settings?.letters || !grid.shown) grid.draw(drawn); // in cells too small for letters stand numbers
      const part = { start: 0, middle: 0.5, end: 1 }[anchor];
      const start = anchor === "start" ? x : box.x + part * box.width;
      grid.title.style.display = sheet.untitled ? "none" : "";
      put(grid.title, { x: f(start), y: f(box.y - 8), "text-anchor": anchor });
      this.marks[role] = this.marksOf(grid, drawing.kinds ?? []);
    }
    for (const look of LOOKS)
      put(this.looks[look], {
        d: Object.values(this.marks)
          .map((one) => one[look] ?? "")
          .join(""),
      });
  }

  /** @param {GridView} grid @param {string[]} kinds */
  marksOf(grid, kinds) {
    /** @type {Record<string, string>} */
    const paths = {};
    for (const [r, row] of kinds.entries()) {
      for (const [c, kind] of [...row].entries()) {
        if (!LOOKS.includes(kind)) continue;
        const box = grid.boxOf(r, c);
        paths[kind] = (paths[kind] ?? "") + (kind === "x" ? corners(box) : rectangle(box));
      }
    }
    return paths;
  }

  /** @param {Sign[]} signs */
  write(signs) {
    while (this.signs.children.length < signs.length) this.signs.append(vector("text"));
    /** @type {Record<string, SVGElement>} */
    this.named = {};
    for (const [k, node] of [.../** @type {Iterable<SVGElement>} */ (this.signs.children)].entries()) {
      const sign = signs[k];
      node.style.display = sign ? "" : "none";
      if (!sign) continue;
      if (sign.words === "⋆") {
        const star = vector("path", { class: "cnnx-star", d: STAR, transform: `translate(${f(sign.x)} ${f(sign.y)})` });
        node.replaceWith(star);
        continue;
      }
      const words = node.localName === "path" ? vector("text") : node;
      if (words !== node) node.replaceWith(words);
      put(words, {
        class: `cnnx-${sign.look ?? "sign"}`,
        x: f(sign.x),
        y: f(sign.y),
        "text-anchor": sign.anchor ?? "middle",
      });
      if (sign.name) this.named[sign.name] = words;
      else writeFormula(words, sign.words ?? "");
    }
  }

  /** Nothing fits: the last picture stays, faded by the card; at the very start one that fits. */
  misfit() {
    this.glide.stop();
    const { start } = this.host.data;
    if (this.scene || !start) return;
    const scene = this.sceneOf(this.host.data, start);
    this.draw(scene, start);
    this.show(this.home(start), null, false);
  }

  /** @param {Settings} settings */
  home(settings) {
    const { scene, view } = this;
    return (scene && view.home?.(settings, scene)) ?? { role: "output", cell: settings.position };
  }

  /** @param {Place} where */
  positionOf(where) {
    if (!this.scene || !this.settings) return null;
    if (this.view.positionOf) return this.view.positionOf(where, this.scene, this.settings);
    return where.role === "output" ? where.cell : null;
  }

  /** @type {Stage["holds"]} */
  holds({ role, cell: [r, c] }) {
    const grid = this.grids[role];
    return role in (this.sheets ?? {}) && r < grid.rows && c < grid.columns;
  }

  /**
   * Show what belongs to a cell, and say it. A pinned position keeps dashed frames, to be compared.
   *
   * @type {Stage["show"]}
   */
  show(where, pinned, glide) {
    const scene = /** @type {Scene} */ (this.scene),
      settings = /** @type {Settings} */ (this.settings);
    const shown = this.view.show(where, scene, settings, this.texts);
    this.fill(shown.grids ?? {});
    this.node.classList.toggle("idle", Boolean(shown.idle));
    this.reached.setAttribute(
      "d",
      (shown.cells ?? [])
        .filter((one) => this.holds({ role: one.role, cell: /** @type {Pair} */ (one.at) }))
        .map((one) => rectangle(inset(this.box(one), 1.5)))
        .join(""),
    );
    for (const [name, node] of Object.entries(this.named ?? {})) writeFormula(node, shown.words?.[name] ?? "");
    const kept = pinned && { ...settings, position: pinned };
    const place = kept && this.home(kept);
    const before = place && this.holds(place) ? this.view.show(place, scene, kept, this.texts).frames : [];
    this.compared.setAttribute("d", before.map((one) => rectangle(inset(this.box(one), 1))).join(""));
    this.goTo(shown, glide);
    return shown.reading;
  }

  /** @param {Region} region */
  box({ role, at: [r, c], size = [1, 1] }) {
    return this.grids[role].boxOf(r, c, size[0], size[1]);
  }

  /** @param {Shown} shown @param {boolean} glide */
  goTo(shown, glide) {
    const target = shown.frames.map((one) => this.box(one));
    const from = this.boxes.length === target.length ? this.boxes : target;
    const draw = /** @param {number} part */ (part) =>
      this.frame(
        shown,
        target.map((to, k) => between(from[k], to, part)),
      );
    this.glide.run(draw, glide && from !== target);
  }

  /** @param {Shown} shown @param {Box[]} boxes */
  frame({ frames, joins = [] }, boxes) {
    this.boxes = boxes;
    while (this.frames.children.length < boxes.length) this.frames.append(vector("rect", { rx: 2 }));
    for (const [k, node] of [.../** @type {Iterable<SVGElement>} */ (this.frames.children)].entries()) {
      node.style.display = k < boxes.length ? "" : "none";
      if (k >= boxes.length) continue;
      put(node, { class: `cnnx-frame${frames[k].soft ? " cnnx-soft" : ""}`, ...grown(boxes[k], 0) });
    }
    const wedges = joins.map(([a, b, down = below(boxes[a], boxes[b])]) => wedge(boxes[a], boxes[b], down));
    this.beams.setAttribute("d", wedges.map(({ fillPath }) => fillPath).join(""));
    this.edges.setAttribute("d", wedges.map(({ edgePath }) => edgePath).join(""));
  }
}

/** @param {Box} from @param {Box} to @param {number} part @returns {Box} */
function between(from, to, part) {
  const on = /** @param {keyof Box} name */ (name) => from[name] + (to[name] - from[name]) * part;
  return { x: on("x"), y: on("y"), width: on("width"), height: on("height") };
}

/**
 * Whether one box stands below another, and not beside it.
 *
 * @param {Box} from
 * @param {Box} to
 */
function below(from, to) {
  return to.y >= from.y + from.height - 1 && to.x < from.x + from.width;
}

/**
 * A grid of a scene as it is drawn, its cells named by a template with the gaps r, c and value.
 *
 * @param {GridData} grid
 * @param {string} template
 * @param {object} [more]
 * @param {Pair} [more.rim] how wide the padding is
 * @param {number} [more.full] the number with the full tint
 * @param {Record<string, string>} [more.templates] other templates for some kinds of cells
 * @returns {Drawing}
 */
export function drawingOf(grid, template, { rim = [0, 0], full, templates = {} } = {}) {
  const { title, values, kinds } = grid;
  return {
    title,
    texts: values.map((row) => row.map(text)),
    looks: tints(values, "p", "n", full),
    soft: kinds.map((row) => [...row].map((kind) => "pzf".includes(kind))),
    kinds,
    rim,
    label: (r, c) =>
      fill(templates[kinds[r][c]] ?? template, { r: text(r - rim[0]), c: text(c - rim[1]), value: text(values[r][c]) }),
  };
}

/**
 * No tint in any cell: letters have no sign.
 *
 * @param {string[][]} letters
 */
function plain(letters) {
  return letters.map((row) => row.map(() => "z"));
}

/**
 * Letters for the cells of a grid; what has none keeps its number.
 *
 * @param {{values: (number | null)[][]}} grid
 * @param {(r: number, c: number) => string | null} letter
 */
export function lettersOf({ values }, letter) {
  return values.map((row, r) => row.map((value, c) => letter(r, c) ?? text(value)));
}

/**
 * The grid of this role, the first or the one with the given index.
 *
 * @param {Scene} scene
 * @param {string} role
 * @param {number} [index]
 */
export function gridOf(scene, role, index = 0) {
  return scene.grids.filter((grid) => grid.role === role)[index];
}

/**
 * The outputs whose windows hold a cell of the input.
 *
 * @param {Scene} scene
 * @param {number[]} cell
 */
export function readersOf({ rows, columns }, [r, c]) {
  const of = /** @param {number[][]} windows @param {number} k */ (windows, k) =>
    [...windows.keys()].filter((i) => windows[i].includes(k));
  return of(rows, r).flatMap((i) => of(columns, c).map((j) => [i, j]));
}

/**
 * The largest size of a number in some grids: one scale for all of them.
 *
 * @param {GridData[]} grids
 */
export function fullOf(grids) {
  return Math.max(4, ...grids.flatMap(({ values }) => values.flat().map((value) => Math.abs(value ?? 0))));
}

/**
 * The scene of these settings among those that the page holds.
 *
 * @param {Data} data
 * @param {Settings} settings
 */
export function stored({ keys = [], scenes = {} }, settings) {
  return scenes[keys.map((name) => JSON.stringify(settings[name])).join("|")];
}
