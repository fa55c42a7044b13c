/** The stage on which a window slides: input, kernel and output beside each other, and the products of the window. */

import { put, vector, write, writeFormula } from "../dom.js";
import { Glide } from "../glide.js";
import { GridView, tints } from "../grid.js";
import { bracketed, fill, indexed, signed, text } from "../sentences.js";
import { box, corners, f, grown, inset, onPhone, path, patterns, rectangle, STAR, wedge } from "../shapes.js";

/** @import { Box, GridData, Host, Pair, Scene, Settings, Stage } from "../types.js" */

const TITLE = 24; // px over a grid
const ROLES = ["input", "kernel", "products", "output"];
const NOTES = 28; // px: in smaller cells of the lens stands the product alone
const WEIGHTS = 43; // px: in smaller cells there is no room for the weight beside the number

/**
 * Where the grids stand, for a stage so many px wide.
 *
 * @param {number} width
 * @param {string} size
 * @returns {{height: number, input: Box, kernel: Box, products: Box, output: Box, sum: Pair, narrow: boolean}}
 */
export function layout(width, size) {
  if (onPhone(size)) {
    const wide = Math.min(width, 400),
      left = (width - wide) / 2,
      right = left + wide,
      height = size === "phone" ? 448 : 398;
    const big = Math.min(Math.round(wide * (wide < 300 ? 0.58 : 0.65)), 236), // room for the sum beside it
      kernel = wide - big - 30;
    const second = TITLE + big + TITLE + 12,
      lens = Math.min(height - second - 6, wide * 0.47);
    const out = Math.min(height - second - 6, wide - lens - 38);
    return {
      height,
      narrow: true,
      input: box(left + 1, TITLE, big),
      kernel: box(right - kernel - 1, TITLE + 20, kernel),
      products: box(left + 1, second, lens),
      output: box(right - out - 1, second, out),
      sum: [right - 2, TITLE + kernel + 56],
    };
  }
  const tall = size === "laptop" ? 344 : 284;
  const most = size === "laptop" ? 196 : 168;
  const middle = Math.min(most, width * 0.245),
    input = Math.min(tall, width * 0.425);
  const output = Math.min(248, width - input - middle - 2 * 35 - 4);
  const free = (width - input - middle - output - 4) / 2;
  const kernel = tall * 0.31,
    lens = Math.min(middle, tall - kernel - 2 * TITLE + 12);
  const axis = input + 2 + free + middle / 2,
    top = TITLE;
  return {
    height: TITLE + tall + 6,
    narrow: false,
    input: box(2, top, input),
    kernel: box(axis - kernel / 2, top, kernel),
    products: box(axis - lens / 2, top + tall - lens, lens),
    output: box(width - output - 2, top, output),
    sum: [width - output / 2 - 2, top + output + (tall - output) / 2],
  };
}

export class ConvolutionStage {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    const { id } = host;
    /** @type {Record<string, GridView>} */
    this.grids = Object.fromEntries(ROLES.map((role) => [role, new GridView(role, host)]));
    const rect = /** @param {string} name */ (name) => vector("rect", { class: name, rx: 2 });
    this.hatch = vector("path", { class: "cnnx-hatch", fill: `url(#${id}-hatch)` });
    this.cross = path("cross");
    this.beams = path("beam");
    this.edges = path("edge");
    this.reached = path("reached");
    this.taps = path("taps");
    this.compared = path("compared");
    this.gaps = vector("path", { class: "cnnx-gaps", fill: `url(#${id}-gaps)` });
    this.frames = [0, 1, 2].map(() => rect("cnnx-frame"));
    this.kernelFrame = rect("cnnx-frame cnnx-soft");
    this.overhang = rect("cnnx-frame cnnx-overhang");
    this.weights = vector("g", { class: "cnnx-weights" });
    /** @type {SVGElement[]} */
    this.weightTexts = [];
    this.star = vector("path", { class: "cnnx-star", d: STAR });
    this.equals = vector("text", { class: "cnnx-sign" }, "=");
    this.sum = vector("text", { class: "cnnx-sign" }, "Σ");
    this.bias = vector("text", { class: "cnnx-bias" });
    this.equation = vector("text", { class: "cnnx-equation" });
    this.caption = vector("text", { class: "cnnx-caption" });
    const over = vector(
      "g",
      { class: "cnnx-over", "aria-hidden": "true" },
      this.taps,
      this.reached,
      this.compared,
      ...this.frames,
      this.kernelFrame,
      this.overhang,
      this.weights,
      this.star,
      this.equals,
      this.sum,
      this.bias,
      this.caption,
      this.equation,
    );
    const under = vector(
      "g",
      { class: "cnnx-under", "aria-hidden": "true" },
      this.hatch,
      this.gaps,
      this.cross,
      this.beams,
      this.edges,
    );
    const all = ROLES.map((role) => this.grids[role]);
    this.node = vector(
      "svg",
      { class: "cnnx-svg" },
      patterns(id),
      ...all.map(({ paint }) => paint),
      ...all.map(({ cells }) => cells),
      under,
      ...all.map(({ title }) => title),
      ...all.map(({ texts }) => texts),
      over,
    );
    this.at = [0, 0]; // where the window is drawn, between two places while it glides
    this.glide = new Glide();
    /** @type {Scene | null} */
    this.scene = null;
  }

  /** @type {Stage["measure"]} */
  measure(width, size) {
    const places = layout(width, size);
    this.places = places;
    put(this.node, { width, height: places.height, viewBox: `0 0 ${width} ${places.height}` });
    for (const role of ROLES) {
      const box = places[/** @type {"input"} */ (role)];
      this.grids[role].place(box);
      const anchor = places.narrow ? (role === "kernel" ? "end" : "start") : role === "input" ? "start" : "middle";
      const part = { start: 0, middle: 0.5, end: 1 }[anchor];
      put(this.grids[role].title, { x: box.x + part * box.width, y: box.y - 9, "text-anchor": anchor });
    }
    const { kernel, products, output, input, sum, narrow } = places;
    const middle = kernel.y + kernel.height / 2;
    const between = /** @param {number} a @param {number} b */ (a, b) => (a + b) / 2;
    put(this.star, { transform: `translate(${between(input.x + input.width, kernel.x)} ${middle})` });
    put(this.equals, { x: between(kernel.x + kernel.width, output.x), y: middle });
    this.equals.style.display = narrow ? "none" : "";
    const gap = between(products.x + products.width, output.x),
      level = narrow ? output.y + output.height / 2 : products.y + products.height / 2;
    put(this.sum, { x: gap, y: level - 10 });
    put(this.bias, { x: gap, y: level + 13 });
    put(this.caption, { x: sum[0], y: sum[1] - 14, "text-anchor": narrow ? "end" : "middle" });
    put(this.equation, { x: sum[0], y: sum[1] + 10, "text-anchor": narrow ? "end" : "middle" });
    write(this.caption, this.host.data.texts.sum);
  }

  /** @param {string} role */
  data(role) {
    return /** @type {GridData} */ (this.scene?.grids.find((grid) => grid.role === role));
  }

  /** @type {Stage["draw"]} */
  draw(scene, settings) {
    this.scene = scene;
    this.settings = settings;
    this.glide.stop();
    this.overhang.style.display = "none";
    const input = this.data("input"),
      kernel = this.data("kernel"),
      output = this.data("output");
    /** @type {Pair} */
    this.rim = [settings.padding[0], settings.padding[1]];
    this.drawInput(input);
    this.grids.kernel.draw({
      title: kernel.title,
      label: (r, c) => this.say("cell_kernel", { r, c, value: text(kernel.values[r][c]) }),
      looks: this.looks(kernel),
      texts: this.texts(kernel, "w"),
    });
    this.grids.output.draw({
      title: output.title,
      label: (r, c) => this.say("cell_output", { r, c, value: text(output.values[r][c]) }),
      looks: this.looks(output),
      texts: this.texts(output, "net"),
    });
    this.hatch.setAttribute("d", this.ring());
    this.cross.setAttribute("d", this.crosses(input.kinds));
  }

  /** Only the position is another. @type {Stage["settle"]} */
  settle(settings) {
    this.settings = settings;
  }

  /** @param {GridData} grid */
  looks(grid) {
    const { letters } = this.settings ?? {};
    return letters ? grid.values.map((row) => row.map(() => "z")) : tints(grid.values);
  }

  /** @param {GridData} grid @param {string} letter */
  texts(grid, letter) {
    const { letters } = this.settings ?? {};
    return grid.values.map((row, r) => row.map((value, c) => (letters ? indexed(letter, r, c) : text(value))));
  }

  /** @param {GridData} input */
  drawInput({ title, values, kinds, counts }) {
    const { counts: counted, letters } = this.settings ?? {};
    const uses = counted && counts;
    const looks = uses ? tints(uses, "c") : letters ? values.map((row) => row.map(() => "z")) : tints(values);
    const texts = values.map((row, r) =>
      row.map((value, c) => {
        if (uses) return kinds[r][c] === "p" ? "" : text(uses[r][c]);
        return letters && kinds[r][c] !== "p" ? this.letterAt(r, c) : text(value);
      }),
    );
    this.grids.input.draw({
      title,
      texts,
      label: (r, c) => this.nameOf(r, c),
      looks,
      soft: kinds.map((row) => [...row].map((kind) => kind === "p")),
      rim: this.rim,
    });
  }

  /** @param {number} r @param {number} c */
  letterAt(r, c) {
    const [top, left] = this.rim ?? [0, 0];
    return indexed("x", r - top, c - left);
  }

  /**
   * A template of the explorer, filled.
   *
   * @param {string} name
   * @param {Record<string, string | number>} gaps
   */
  say(name, gaps) {
    return fill(this.host.data.texts[name], gaps);
  }

  /**
   * A cell of the input in words: rows and columns are those of the input itself, padding is named.
   *
   * @param {number} r
   * @param {number} c
   */
  nameOf(r, c) {
    const { kinds, values, counts } = this.data("input");
    const [top, left] = this.rim ?? [0, 0];
    const kind = kinds[r][c];
    const value = text(this.settings?.counts && counts && kind !== "p" ? counts[r][c] : values[r][c]);
    return this.say(kind === "p" ? "cell_padding" : kind === "x" ? "cell_lost" : "cell_input", {
      r: text(r - top),
      c: text(c - left),
      value,
    });
  }

  /** The padding as one shape: the outer box without the inner. */
  ring() {
    const { input } = this.grids;
    const [top, left] = this.rim ?? [0, 0];
    const outer = input.boxOf(0, 0, input.rows, input.columns);
    const inner = input.boxOf(top, left, input.rows - 2 * top, input.columns - 2 * left);
    return rectangle(outer) + rectangle(inner);
  }

  /** @param {string[]} kinds */
  crosses(kinds) {
    const { input } = this.grids;
    const parts = [];
    for (let r = 0; r < kinds.length; r++) {
      for (let c = 0; c < kinds[r].length; c++) {
        if (kinds[r][c] !== "x") continue;
        parts.push(corners(input.boxOf(r, c)));
      }
    }
    return parts.join("");
  }

  /**
   * The kernel does not fit: it stands over the input, which is as large as it is now, and hangs over.
   *
   * @type {Stage["misfit"]}
   */
  misfit(settings) {
    this.glide.stop();
    const { size, kernel, padding, dilation } = settings;
    const shape = [0, 1].map((a) => size[a] + 2 * padding[a]);
    const reach = kernel.map((/** @type {number} */ k) => (k - 1) * dilation + 1);
    const { input } = this.grids;
    const { image, texts, kernel: weights } = this.host.data;
    this.settings = settings;
    this.rim = padding;
    const inside = /** @param {number} r @param {number} c */ (r, c) =>
      r >= padding[0] && c >= padding[1] && r < shape[0] - padding[0] && c < shape[1] - padding[1];
    const values = Array.from({ length: shape[0] }, (_, r) =>
      Array.from({ length: shape[1] }, (_, c) => (inside(r, c) ? image[r - padding[0]][c - padding[1]] : 0)),
    );
    const gaps = { H: size[0], W: size[1], PH: shape[0], PW: shape[1] };
    const place = /** @param {number} r @param {number} c */ (r, c) => ({
      r: text(r - padding[0]),
      c: text(c - padding[1]),
      value: text(values[r][c]),
    });
    input.draw(
      {
        title: fill(texts[padding[0] || padding[1] ? "padded" : "input"], gaps),
        looks: tints(values),
        soft: values.map((row, r) => row.map((_, c) => !inside(r, c))),
        rim: padding,
        texts: values.map((row) => row.map(text)),
        label: (r, c) => this.say(inside(r, c) ? "cell_input" : "cell_padding", place(r, c)),
      },
      Math.max(...reach, ...shape),
    );
    const part = weights.slice(0, kernel[0]).map((row) => row.slice(0, kernel[1]));
    this.grids.kernel.draw({
      title: fill(texts[dilation > 1 ? "dilated" : "kernel"], { F_h: kernel[0], F_w: kernel[1], d: dilation }),
      texts: part.map((row) => row.map(text)),
      looks: tints(part),
      label: (r, c) => this.say("cell_kernel", { r, c, value: text(part[r][c]) }),
    });
    this.hatch.setAttribute("d", this.ring());
    for (const node of [this.cross, this.gaps, this.beams, this.edges, this.reached, this.compared])
      node.setAttribute("d", "");
    const cells = part.flatMap((row, m) =>
      row.map((_, n) => rectangle(inset(input.boxOf(m * dilation, n * dilation), 2))),
    );
    this.taps.setAttribute("d", cells.join(""));
    this.weights.style.display = "none";
    put(this.kernelFrame, grown(this.grids.kernel.boxOf(0, 0, kernel[0], kernel[1]), 0));
    for (const frame of this.frames) frame.style.display = "none";
    this.overhang.style.display = "";
    put(this.overhang, grown(input.boxOf(0, 0, reach[0], reach[1]), 0));
  }

  /** @type {Stage["holds"]} */
  holds({ role, cell: [r, c] }) {
    const grid = this.grids[role];
    return r < grid.rows && c < grid.columns;
  }

  /**
   * Show what belongs to a cell, and say it. A pinned window keeps a dashed frame, to be compared.
   *
   * @type {Stage["show"]}
   */
  show({ role, cell }, pinned, glide) {
    this.node.classList.toggle("idle", role === "input");
    this.reached.setAttribute("d", "");
    const kept =
      pinned && this.holds({ role: "output", cell: pinned })
        ? [this.windowBox(...pinned), this.grids.output.boxOf(...pinned)]
        : [];
    this.compared.setAttribute("d", kept.map((box) => rectangle(inset(box, 1))).join(""));
    const settled = /** @type {Pair} */ (this.settings?.position);
    if (role === "input") return this.showInput(cell, settled);
    const output = role === "output" ? cell : settled;
    this.goTo(output, glide);
    return role === "output" ? this.reading(output) : this.showWeight(output, cell);
  }

  /** @param {Pair} cell @param {Pair} settled */
  showInput([r, c], settled) {
    const { rows, columns } = /** @type {Scene} */ (this.scene);
    const { input, output } = this.grids;
    this.goTo(settled, false);
    const is = [...rows.keys()].filter((i) => rows[i].includes(r)),
      js = [...columns.keys()].filter((j) => columns[j].includes(c));
    const lit = is.flatMap((i) => js.map((j) => rectangle(inset(output.boxOf(i, j), 1.5))));
    this.reached.setAttribute("d", [rectangle(inset(input.boxOf(r, c), 1.5)), ...lit].join(""));
    this.join(input.boxOf(r, c), lit.length ? hull(output, is, js) : input.boxOf(r, c));
    const [top, left] = this.rim ?? [0, 0];
    const kind = this.data("input").kinds[r][c];
    const place = this.say(kind === "p" ? "at_padding" : kind === "x" ? "at_lost" : "at_input", {
      r: text(r - top),
      c: text(c - left),
    });
    return this.say(lit.length === 0 ? "reaches_none" : lit.length === 1 ? "reaches_one" : "reaches_many", {
      cell: place,
      n: lit.length,
    });
  }

  /** @param {Box} from @param {Box} to */
  join(from, to) {
    const { fillPath, edgePath } = wedge(from, to, Boolean(this.places?.narrow));
    this.beams.setAttribute("d", fillPath);
    this.edges.setAttribute("d", edgePath);
  }

  /**
   * @param {Pair} output
   * @param {Pair} cell of the kernel or of the products
   */
  showWeight([r, c], [m, n]) {
    const { rows, columns } = /** @type {Scene} */ (this.scene);
    const boxes = [
      this.grids.input.boxOf(rows[r][m], columns[c][n]),
      this.grids.kernel.boxOf(m, n),
      this.grids.products.boxOf(m, n),
    ];
    this.reached.setAttribute("d", boxes.map((box) => rectangle(inset(box, 1.5))).join(""));
    const x = this.data("input").values[rows[r][m]][columns[c][n]] ?? 0,
      w = this.data("kernel").values[m][n] ?? 0;
    return this.say("weight", { r: m, c: n, w: text(w), x: text(x), p: text(x * w) });
  }

  /** @param {Pair} cell */
  reading([r, c]) {
    const scene = /** @type {Scene} */ (this.scene);
    const { values } = this.data("input"),
      weights = this.data("kernel").values;
    const pairs = scene.rows[r].flatMap((i, m) =>
      scene.columns[c].map((j, n) => [values[i][j] ?? 0, weights[m][n] ?? 0, i, j, m, n]),
    );
    const sum = pairs.reduce((total, [x, w]) => total + x * w, 0),
      bias = scene.bias ?? 0;
    if (this.settings?.letters) return this.inLetters(pairs, r, c);
    const gaps = { r, c, sum: text(sum), bias: bracketed(bias), value: text(sum + bias) };
    if (pairs.length === 1) return this.say("reading_one", gaps);
    if (pairs.length <= 9)
      return this.say("reading", { ...gaps, terms: pairs.map(([x, w]) => `${text(x)}·${bracketed(w)}`).join(" + ") });
    return this.say("reading_many", { ...gaps, terms: signed(pairs.map(([x, w]) => x * w).filter(Boolean)) || "0" });
  }

  /** @param {number[][]} pairs @param {number} r @param {number} c */
  inLetters(pairs, r, c) {
    const { kinds } = this.data("input");
    const [top, left] = this.rim ?? [0, 0];
    const terms = pairs
      .filter(([, , i, j]) => kinds[i][j] !== "p")
      .map(([, , i, j, m, n]) => `w_{${m}${n}}·x_{${i - top}${i - top > 9 || j - left > 9 ? "," : ""}${j - left}}`);
    if (terms.length > 9) terms.splice(3, terms.length - 5, "…");
    return this.say("reading_letters", { r, c, terms: terms.join(" + ") || "0" });
  }

  /** @param {Pair} target @param {boolean} glide */
  goTo(target, glide) {
    this.glide.stop();
    this.drawProducts(target);
    const [r, c] = this.at;
    this.glide.run((part) => this.drawWindow(r + (target[0] - r) * part, c + (target[1] - c) * part), glide);
  }

  /** @param {number} r @param {number} c @returns {Box} */
  windowBox(r, c) {
    const { rows, columns } = /** @type {Scene} */ (this.scene);
    const { stride } = /** @type {Settings} */ (this.settings);
    const high = /** @type {number} */ (rows[0].at(-1)) + 1,
      wide = /** @type {number} */ (columns[0].at(-1)) + 1;
    return this.grids.input.boxOf(r * stride[0], c * stride[1], high, wide);
  }

  /**
   * The frames and what joins them, anywhere between two places.
   *
   * @param {number} r
   * @param {number} c
   */
  drawWindow(r, c) {
    this.at = [r, c];
    const { products, output, kernel } = this.grids,
      narrow = Boolean(this.places?.narrow);
    const window = this.windowBox(r, c),
      result = output.boxOf(r, c),
      lens = products.boxOf(0, 0, products.rows, products.columns);
    const weights = kernel.boxOf(0, 0, kernel.rows, kernel.columns);
    const [first, second] = [wedge(window, lens, narrow), wedge(lens, result, false)];
    const third = narrow ? "" : wedge(weights, lens, true).fillPath;
    this.beams.setAttribute("d", first.fillPath + second.fillPath + third);
    this.edges.setAttribute("d", first.edgePath + second.edgePath);
    [window, lens, result].forEach((box, k) => {
      put(this.frames[k], grown(box, 0));
      this.frames[k].style.display = "";
    });
    put(this.kernelFrame, grown(weights, 0));
    this.weights.style.display = this.grids.input.cell >= WEIGHTS && this.grids.input.shown ? "" : "none";
    put(this.weights, { transform: `translate(${f(window.x)} ${f(window.y)})` });
    this.drawGaps(window);
  }

  /** @param {Box} window */
  drawGaps(window) {
    const { rows, columns } = /** @type {Scene} */ (this.scene);
    const { cell } = this.grids.input;
    const high = /** @type {number} */ (rows[0].at(-1)) + 1,
      wide = /** @type {number} */ (columns[0].at(-1)) + 1;
    let gaps = "",
      taps = "";
    const dense = high === rows[0].length && wide === columns[0].length;
    for (let m = 0; !dense && m < high; m++) {
      for (let n = 0; n < wide; n++) {
        const one = box(window.x + n * cell, window.y + m * cell, cell);
        if (rows[0].includes(m) && columns[0].includes(n)) taps += rectangle(inset(one, 1.5));
        else gaps += rectangle(one);
      }
    }
    this.gaps.setAttribute("d", gaps);
    this.taps.setAttribute("d", taps);
  }

  /**
   * The lens: what the window reads times the weights, readable however fine the input is, and their sum.
   *
   * @param {Pair} cell
   */
  drawProducts([r, c]) {
    const scene = /** @type {Scene} */ (this.scene);
    const input = this.data("input"),
      kernel = this.data("kernel"),
      letters = this.settings?.letters;
    const is = scene.rows[r],
      js = scene.columns[c];
    const xs = is.map((i) => js.map((j) => input.values[i][j] ?? 0)),
      ws = kernel.values.map((row) => row.map((w) => w ?? 0));
    const products = xs.map((row, m) => row.map((x, n) => x * ws[m][n]));
    const padded = /** @param {number} m @param {number} n */ (m, n) => input.kinds[is[m]][js[n]] === "p";
    const named = /** @param {number} m @param {number} n */ (m, n) =>
      padded(m, n) ? "0" : this.letterAt(is[m], js[n]);
    const looks = letters ? products.map((row) => row.map(() => "z")) : tints(products);
    this.grids.products.draw({
      title: this.host.data.texts.products,
      label: (m, n) => this.say("cell_product", { x: text(xs[m][n]), w: text(ws[m][n]), p: text(products[m][n]) }),
      looks,
      soft: products.map((row, m) => row.map((_, n) => padded(m, n))),
      notes:
        this.grids.products.room(xs.length, xs[0].length) < NOTES
          ? undefined
          : xs.map((row, m) => row.map((x, n) => (letters ? named(m, n) : `${text(x)}·${text(ws[m][n])}`))),
      texts: products.map((row, m) => row.map((p, n) => (letters ? `·${indexed("w", m, n)}` : text(p)))),
    });
    const sum = products.flat().reduce((total, p) => total + p, 0),
      bias = scene.bias ?? 0;
    writeFormula(this.bias, letters ? "+ w_b" : signed([0, bias]).slice(2));
    writeFormula(this.equation, letters ? this.equationInLetters([r, c]) : this.equationOf(sum, bias));
    this.drawWeights(ws, letters);
  }

  /** @param {number} sum @param {number} bias */
  equationOf(sum, bias) {
    return `${signed([sum, bias])} = ${text(sum + bias)}`;
  }

  /** @param {Pair} cell */
  equationInLetters([r, c]) {
    return this.places?.narrow ? indexed("net", r, c) : `Σ + w_b = ${indexed("net", r, c)}`;
  }

  /** @param {number[][]} ws @param {boolean} letters */
  drawWeights(ws, letters) {
    const { cell } = this.grids.input,
      { dilation } = /** @type {Settings} */ (this.settings);
    let k = 0;
    for (const [m, row] of ws.entries()) {
      for (const [n, w] of row.entries()) {
        if (!this.weightTexts[k]) {
          this.weightTexts[k] = vector("text");
          this.weights.append(this.weightTexts[k]);
        }
        const node = this.weightTexts[k++];
        put(node, { x: f((n * dilation + 1) * cell - 3.5), y: f((m * dilation + 1) * cell - 4) });
        node.style.display = letters ? "none" : "";
        write(node, `·${text(w)}`);
      }
    }
    for (; k < this.weightTexts.length; k++) this.weightTexts[k].style.display = "none";
  }
}

/**
 * The box around these rows and columns of a grid.
 *
 * @param {GridView} grid
 * @param {number[]} is
 * @param {number[]} js
 */
function hull(grid, is, js) {
  const rows = /** @type {number} */ (is.at(-1)) - is[0] + 1,
    columns = /** @type {number} */ (js.at(-1)) - js[0] + 1;
  return grid.boxOf(is[0], js[0], rows, columns);
}
