/** One grid of numbers on a stage. Its cells are made once and only change what is different. */

import { put, vector, write } from "./dom.js";
import { led } from "./keys.js";

const UNIT = 100; // a cell in the coordinates of its grid; the grid as a whole is scaled to its box
export const SMALLEST = 11; // px: no number is smaller
const LARGEST = 20;
const STEPS = [0.6, 0.5, 0.42, 0.36, 0.3, 0.25, 0.2, 0.16, 0.13, 0.1, 0.08]; // sizes of type, as parts of a cell
const MIDDLE = 0.5; // larger ones only where cells are so small
const TIGHT = 0.64; // the largest of all, where a number is one digit
const FAINT = 4; // where no number is larger, this one would have the full tint
const DIGIT = 0.6; // a digit is at most so wide, as a part of the size of its type

/**
 * @import { Box, Host, Pair } from "./types.js"
 *
 * @typedef {object} Drawing what a grid shows
 * @property {string} title
 * @property {string[][]} texts
 * @property {string[][]} looks the tint of each cell, or "z" for none
 * @property {boolean[][]} [soft] cells whose numbers are fainter
 * @property {Pair} [rim] how many rows above and columns on the left, as below and on the right, are padding
 * @property {(r: number, c: number) => string} label a cell in words
 * @property {string[][]} [notes] small lines over the texts
 * @property {number} [air] so many characters more must find room in a cell
 */

export class GridView {
  /** @param {string} role @param {Host} host */
  constructor(role, host) {
    this.role = role;
    const id = `${host.id}-${role}`;
    this.title = vector("text", { class: "cnnx-title", id });
    this.paint = vector("g", { class: `cnnx-paint cnnx-${role}`, "aria-hidden": "true" });
    /** @type {Map<string, SVGElement>} one path for all cells of a tint: few nodes change, however many cells there are */
    this.tints = new Map();
    this.dashes = vector("path", { class: "cnnx-dashes" });
    this.rules = vector("path", { class: "cnnx-rules" });
    this.paint.append(this.dashes, this.rules);
    this.cells = vector("g", { class: `cnnx-cells cnnx-${role}`, role: "grid", "aria-labelledby": id });
    this.texts = vector("g", { class: "cnnx-texts", "aria-hidden": "true" });
    /** @type {{row: SVGElement, words: SVGElement, cells: {rect: SVGElement, text: SVGElement, note: SVGElement | null, words: string, label: string, faint: boolean}[]}[]} */
    this.pool = [];
    this.rows = this.columns = 0;
    this.cell = 1; // px
    /** @type {Pair} */
    this.current = [0, 0];
    /** @type {Box} */
    this.box = { x: 0, y: 0, width: 1, height: 1 };
    this.listen(host);
  }

  /** @param {Host} host */
  listen(host) {
    const { role, cells } = this;
    cells.addEventListener("pointerover", (event) => {
      const cell = /** @type {PointerEvent} */ (event).pointerType === "touch" ? null : this.cellOf(event.target);
      if (cell) host.point({ role, cell });
    });
    cells.addEventListener("pointerleave", () => host.point(null));
    cells.addEventListener("click", (event) => {
      const cell = this.cellOf(event.target);
      if (cell) this.focus(...cell);
    });
    cells.addEventListener("focusin", (event) => {
      const cell = this.cellOf(event.target);
      if (!cell) return;
      this.rove(...cell);
      host.choose({ role, cell });
    });
    cells.addEventListener("keydown", (event) => this.walk(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {KeyboardEvent} event */
  walk(event) {
    const to = led(event.key, this.current, [this.rows, this.columns]);
    if (!to) return;
    event.preventDefault();
    const corner = event.ctrlKey ? { Home: 0, End: this.rows - 1 }[event.key] : undefined;
    this.focus(corner ?? to[0], to[1]);
  }

  /** @param {EventTarget | null} target @returns {Pair | null} */
  cellOf(target) {
    const at = target instanceof Element ? target.getAttribute("data-at") : null;
    return at ? /** @type {Pair} */ (at.split(" ").map(Number)) : null;
  }

  /** @param {number} r @param {number} c */
  focus(r, c) {
    this.pool[r].cells[c].rect.focus({ preventScroll: true });
  }

  /**
   * Let Tab come to this cell.
   *
   * @param {number} r
   * @param {number} c
   */
  rove(r, c) {
    const before = this.pool[this.current[0]]?.cells[this.current[1]]?.rect;
    const now = this.pool[r]?.cells[c]?.rect;
    if (before !== now) before?.setAttribute("tabindex", "-1");
    if (now && now.getAttribute("tabindex") !== "0") now.setAttribute("tabindex", "0");
    this.current = [r, c];
  }

  /**
   * The box in which the grid stands; it fills it, under its title if it is not square.
   *
   * @param {Box} box
   */
  place(box) {
    this.area = box;
  }

  /**
   * @param {number} r
   * @param {number} c
   * @param {number} [rows]
   * @param {number} [columns]
   * @returns {Box} in px of the stage
   */
  boxOf(r, c, rows = 1, columns = 1) {
    const { box, cell } = this;
    return { x: box.x + c * cell, y: box.y + r * cell, width: columns * cell, height: rows * cell };
  }

  /**
   * How wide a cell of so many rows and columns will be, in px.
   *
   * @param {number} rows
   * @param {number} columns
   */
  room(rows, columns) {
    const { width, height } = this.area ?? this.box;
    return Math.min(width / columns, height / rows);
  }

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {number} [over] how many cells must find room beside each other, if more than there are
   */
  fit(rows, columns, over = 0) {
    const area = this.area ?? this.box;
    const cell = Math.min(area.width / Math.max(columns, over), area.height / Math.max(rows, over));
    const width = cell * columns,
      height = cell * rows;
    const x = over || this.role === "input" ? area.x : area.x + (area.width - width) / 2,
      { y } = area;
    this.cell = cell;
    this.box = { x, y, width, height };
    const where = `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${(cell / UNIT).toFixed(5)})`;
    for (const node of [this.cells, this.texts])
      if (node.getAttribute("transform") !== where) node.setAttribute("transform", where);
    this.shape(rows, columns);
  }

  /** @param {number} rows @param {number} columns */
  shape(rows, columns) {
    if (rows === this.rows && columns === this.columns) return;
    for (let r = 0; r < Math.max(rows, this.pool.length); r++) {
      if (r >= this.pool.length) this.pool.push(this.newRow());
      const { row, words, cells } = this.pool[r];
      for (const node of [row, words]) node.style.display = r < rows ? "" : "none";
      if (r >= rows) continue;
      for (let c = cells.length; c < columns; c++) cells.push(this.newCell(row, words, r, c));
      cells.forEach(({ rect, text, note }, c) => {
        for (const node of [rect, text, note]) if (node) node.style.display = c < columns ? "" : "none";
      });
    }
    this.rows = rows;
    this.columns = columns;
  }

  newRow() {
    const row = vector("g", { role: "row" }),
      words = vector("text"); // one for a row: so many texts of their own would take the browser longer
    this.cells.append(row);
    this.texts.append(words);
    return { row, words, cells: [] };
  }

  /** @param {SVGElement} row @param {SVGElement} words @param {number} r @param {number} c */
  newCell(row, words, r, c) {
    const rect = vector("rect", {
      x: c * UNIT,
      y: r * UNIT,
      width: UNIT,
      height: UNIT,
      role: "gridcell",
      tabindex: -1,
      "data-at": `${r} ${c}`,
      "data-lm-suppress-shortcuts": "",
    });
    const text = vector("tspan", { x: (c + 0.5) * UNIT, y: (r + 0.5) * UNIT });
    row.append(rect);
    words.append(text);
    return { rect, text, note: null, words: "", label: "", faint: false };
  }

  /** @param {Drawing} drawing @param {number} [over] */
  draw({ title, texts, looks, label, notes, soft, rim = [0, 0], air = 0 }, over = 0) {
    const rows = texts.length,
      columns = texts[0].length;
    write(this.title, title);
    this.fit(rows, columns, over);
    this.rove(Math.min(this.current[0], rows - 1), Math.min(this.current[1], columns - 1));
    this.colour(looks);
    this.rule(rim);
    const part = this.typeOf(texts, notes, air);
    this.shown = part > 0;
    this.texts.style.display = this.shown ? "" : "none";
    const type = `${part * UNIT}px`;
    if (this.shown && this.texts.style.fontSize !== type) this.texts.style.fontSize = type;
    const small = `${((SMALLEST / this.cell) * UNIT).toFixed(2)}px`;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const one = this.pool[r].cells[c];
        const said = label(r, c),
          faint = Boolean(soft?.[r][c]);
        if (one.label !== said) one.rect.setAttribute("aria-label", (one.label = said));
        if (!this.shown) continue;
        if (one.faint !== faint) one.text.setAttribute("class", (one.faint = faint) ? "soft" : "");
        if (one.words !== texts[r][c]) one.text.textContent = one.words = texts[r][c];
        if (notes || one.note) this.annotate(one, notes?.[r][c] ?? "", small, r, c);
      }
    }
  }

  /** @param {string[][]} looks */
  colour(looks) {
    /** @type {Record<string, string>} */
    const paths = {};
    const side = round(this.cell);
    for (const [r, row] of looks.entries()) {
      for (const [c, look] of row.entries()) {
        if (look === "z") continue;
        const x = round(this.box.x + c * this.cell),
          y = round(this.box.y + r * this.cell);
        paths[look] = `${paths[look] ?? ""}M${x} ${y}h${side}v${side}h${-side}z`;
      }
    }
    for (const look of Object.keys(paths)) {
      if (this.tints.has(look)) continue;
      const path = vector("path", { class: look });
      this.tints.set(look, path);
      this.paint.prepend(path);
    }
    for (const [look, path] of this.tints) put(path, { d: paths[look] ?? "" });
  }

  /**
   * The lines between cells: dashed in the padding.
   *
   * @param {Pair} rim
   */
  rule([top, left]) {
    const { rows, columns } = this;
    const lines = (
      /** @type {number} */ i,
      /** @type {number} */ j,
      /** @type {number} */ m,
      /** @type {number} */ n,
    ) => {
      const { x, y, width, height } = this.boxOf(i, j, m, n);
      const down = Array.from({ length: m + 1 }, (_, k) => `M${round(x)} ${round(y + k * this.cell)}h${round(width)}`);
      const across = Array.from(
        { length: n + 1 },
        (_, k) => `M${round(x + k * this.cell)} ${round(y)}v${round(height)}`,
      );
      return [...down, ...across].join("");
    };
    put(this.dashes, { d: top || left ? lines(0, 0, rows, columns) : "" });
    put(this.rules, { d: lines(top, left, rows - 2 * top, columns - 2 * left) });
  }

  /**
   * @param {{text: SVGElement, note: SVGElement | null}} one
   * @param {string} words
   * @param {string} small
   * @param {number} r
   * @param {number} c
   */
  annotate(one, words, small, r, c) {
    if (!one.note) {
      one.note = vector("tspan", { class: "cnnx-note", x: (c + 0.5) * UNIT, y: (r + 0.27) * UNIT });
      one.text.after(one.note);
    }
    const y = String((r + (words ? 0.7 : 0.5)) * UNIT);
    if (one.text.getAttribute("y") !== y) one.text.setAttribute("y", y);
    write(one.note, words);
    if (one.note.style.fontSize !== small) one.note.style.fontSize = small;
  }

  /**
   * The size of the type as a part of the cell, 0 if there is no room for the numbers. It comes in a few steps: while it
   * stays the same, a grid of other cells is the same drawing at another scale.
   *
   * @param {string[][]} texts
   * @param {string[][]} [notes]
   * @param {number} [air]
   */
  typeOf(texts, notes, air = 0) {
    const { cell } = this;
    let longest = 1;
    for (const row of texts) for (const one of row) if (one.length > longest) longest = one.length;
    const most = Math.min(
      (cell - 3) / ((longest + air) * DIGIT),
      notes ? Math.min(24, Math.max(SMALLEST, 0.36 * cell)) : LARGEST,
    );
    const fits = STEPS.filter((step) => step * cell >= SMALLEST && step * cell <= most);
    const smallest = most >= SMALLEST && SMALLEST <= TIGHT * cell ? SMALLEST / cell : 0; // between two steps
    return fits.find((step) => step <= MIDDLE) ?? fits.at(-1) ?? smallest;
  }
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100;
}

/**
 * How strongly each cell is tinted, in five steps of its size against the largest: "p" above zero, "n" below.
 *
 * @param {(number | null)[][]} values
 * @param {string} [above]
 * @param {string} [under]
 * @param {number} [full] the number that at least has the full tint
 */
export function tints(values, above = "p", under = "n", full = FAINT) {
  let largest = full;
  for (const row of values) for (const value of row) largest = Math.max(largest, Math.abs(value ?? 0));
  return values.map((row) =>
    row.map((value) => (value ? `${value < 0 ? under : above}${Math.ceil((5 * Math.abs(value)) / largest)}` : "z")),
  );
}
