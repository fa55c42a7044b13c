// Comes after grid.js, in one module with it: the explorers of sensitivity maps and of the transposed convolution. Each
// number of a source stamps its product with a kernel on the result. It is drawn in two ways: stamp by stamp
// (StampStage), or as a convolution of the expanded source with the turned kernel (ExpandStage).

// ---- scenes ---------------------------------------------------------------------------------------------------------

/** One axis as Python's Axis: sizes from its table, and which numbers stamp on which cells, both ways. */
function axisOf([count, extra, expanded, padded, uncut, size], windows, kernel, stride, border) {
  const stamps = windows[kernel - 1][stride - 1].slice(0, count);
  const sources = [];
  for (let p = 0; p < size; p++) sources.push([...stamps.keys()].filter((i) => stamps[i].includes(p + border)));
  return { count, extra, expanded, padded, uncut, size, kernel, stride, border, stamps, sources };
}

function upperLeft(map, rows, columns) {
  return map.slice(0, rows).map((row) => row.slice(0, columns));
}

function zeros(rows, columns) {
  return Array.from({ length: rows }, () => Array(columns).fill(0));
}

function whole(values, kind) {
  return values.map((row) => kind.repeat(row.length));
}

/** Add what a source stamps with a kernel to `map`, counted with the border. */
function stampOn(map, source, kernel, [rows, columns]) {
  rows.stamps.forEach((down, i) =>
    columns.stamps.forEach((across, j) =>
      down.forEach((p, m) => across.forEach((q, n) => (map[p][q] += source[i][j] * kernel[m][n])))));
  return map;
}

function cutOff(map, [rows, columns]) {
  return map.slice(rows.border, rows.border + rows.size).map((row) => row.slice(columns.border, columns.border + columns.size));
}

function plus(a, b) {
  return a.map((row, r) => row.map((value, c) => value + b[r][c]));
}

function resultOf(axes) {
  const [rows, columns] = axes;
  const counts = rows.sources.map((is) => columns.sources.map((js) => is.length * js.length));
  return { counts, kinds: counts.map((row) => row.map((n) => (n ? "o" : "x")).join("")) };
}

function stampedGrids(sources, kernels, axes, titles, partial) {
  const { counts, kinds } = resultOf(axes);
  const grid = (role, values, title, more) => ({ role, title, values, kinds: whole(values, "i"), ...more });
  const maps = sources.map((source, k) =>
    kernels[k].map((kernel) => cutOff(stampOn(zeros(axes[0].uncut, axes[1].uncut), source, kernel, axes), axes)));
  const results = maps.reduce((sums, those) => sums.map((sum, d) => plus(sum, those[d])));
  return [
    ...sources.map((values, k) => grid("source", values, titles.source[k])),
    ...kernels.flat().map((values, k) => grid("kernel", values, titles.kernel[k])),
    ...(partial ? maps.flat().map((values, k) => grid("partial", values, titles.partial[k], { kinds })) : []),
    ...results.map((values, d) => grid("output", values, titles.output[d], { kinds, counts })),
  ];
}

function expandedGrids(source, kernel, axes, titles) {
  const [rows, columns] = axes;
  const around = [kernel.length - 1, kernel[0].length - 1];
  const letters = axes.map(({ expanded, extra, stride }) =>
    Array.from({ length: expanded }, (_, k) => (k >= expanded - extra ? "f" : k % stride ? "z" : "i")));
  const kinds = letters[0].map((a) => letters[1].map((b) => (a === "f" || b === "f" ? "f" : a === "z" || b === "z" ? "z" : "i")).join(""));
  const expanded = kinds.map((row, r) => [...row].map((kind, c) => (kind === "i" ? source[r / rows.stride][c / columns.stride] : 0)));
  const rim = (map, [top, left], zero) => {
    const wide = Array.from(map[0]).length + 2 * left;
    const empty = () => Array(wide).fill(zero);
    const side = Array(left).fill(zero);
    return [...Array.from({ length: top }, empty), ...map.map((row) => [...side, ...row, ...side]), ...Array.from({ length: top }, empty)];
  };
  const lettered = (map, border) => rim(map, border, "p").map((row) => row.join(""));
  const full = stampOn(zeros(rows.uncut, columns.uncut), source, kernel, axes);
  const result = resultOf(axes);
  const turned = [...kernel].reverse().map((row) => [...row].reverse());
  return [
    { role: "source", title: titles[0], values: source, kinds: whole(source, "i") },
    { role: "expanded", title: titles[1], values: expanded, kinds },
    { role: "padded", title: titles[2], values: rim(expanded, around, 0), kinds: lettered(kinds, around) },
    { role: "kernel", title: titles[3], values: kernel, kinds: whole(kernel, "i") },
    { role: "turned", title: titles[4], values: turned, kinds: whole(kernel, "i") },
    { role: "full", title: titles[5], values: full, kinds: lettered(result.kinds, [rows.border, columns.border]) },
    { role: "output", title: titles[6], values: cutOff(full, axes), kinds: result.kinds, counts: result.counts },
  ];
}

function sceneFrom(data, stage, axes, grids, lines, sentence, places, more = {}) {
  const [rows, columns] = axes;
  const index =
    stage === "stamps"
      ? { stamps: axes.map((axis) => axis.stamps) }
      : { windows: axes.map(({ kernel, uncut }) => data.windows[kernel - 1][0].slice(0, uncut)) };
  return {
    output: [rows.size, columns.size], grids, rows: rows.sources, columns: columns.sources, lines, sentence, message: "",
    places, stage, border: [rows.border, columns.border], ...index, ...more,
  };
}

function noScene(message) {
  return { output: null, grids: [], rows: [], columns: [], lines: [], sentence: "", message };
}

SCENES.stepper = (data, s) => {
  const { texts, low } = data;
  const { size, kernel, stride, padding, depth: D, filters: N, direction } = s;
  const [w, f, t, p] = ["size", "kernel", "stride", "padding"].map((name) => s[name] - low[name]);
  const entry = data.axes[w][f][p][t];
  const axis = axisOf(entry, data.windows, kernel, stride, padding);
  const n = axis.count;
  const sources = data.source.slice(0, N).map((map) => upperLeft(map, n, n));
  const kernels = data.kernel.slice(0, N).map((maps) => maps.slice(0, D).map((map) => upperLeft(map, kernel, kernel)));
  const [many, deep] = [Number(N > 1), Number(D > 1)];
  const both = sources.flatMap((_, k) => kernels[k].map((_, d) => ({ k, d })));
  const titles = {
    source: sources.map((_, k) => fill(texts.titles.source[many], { k, h: n, w: n })),
    kernel: both.map((one) => fill(texts.titles.kernel[2 * many + deep], one)),
    partial: both.map((one) => fill(texts.titles.partial[deep], one)),
    output: kernels[0].map((_, d) => fill(texts.titles.output[deep], { d, H: size, W: size })),
  };
  const grids = stampedGrids(sources, kernels, [axis, axis], titles, true);
  const lost = grids.at(-1).counts.flat().filter((count) => !count).length;
  const [rows, columns] = ["row", "column"].map((name) => fill(data.never[entry[6]], { axis: name }));
  const sentence = fill(texts.sentences[direction], {
    F: kernel,
    W: size,
    channels: texts.channels[D - 1],
    filters: texts.filters[direction][N - 1],
    cut: texts.cut[padding],
    lost: lost ? fill(texts.lost, { rows, columns, lost, pixels: size * size }) : "",
  });
  const by = direction === "from output" ? "source" : "output";
  const places = by === "source" ? [N, n, n] : [D, size, size];
  return sceneFrom(data, "stamps", [axis, axis], grids, [data.lines[direction][t][p]], sentence, places, { by, map: by === "source" ? "filter" : "channel" });
};

SCENES.backStride = (data, s) => {
  const { texts, low } = data;
  const at = [0, 1].map((a) => ["size", "kernel", "padding", "stride"].map((name) => s[name][a] - low[name]));
  const entries = at.map(([w, f, p, t]) => data.axes[w][f][p][t]);
  const wrong = entries.map((entry) => (typeof entry === "number" ? data.messages[entry] : ""));
  if (wrong[0] && wrong[0] === wrong[1]) return noScene(fill(wrong[0], { axis: texts.both[2] }));
  if (wrong[0] || wrong[1]) return noScene(wrong.map((words, a) => fill(words, { axis: texts.both[a] })).filter(Boolean).join(" "));
  const axes = entries.map((entry, a) => axisOf(entry, data.windows, s.kernel[a], s.stride[a], s.padding[a]));
  const [rows, columns] = axes;
  const gaps = {
    h: rows.count, w: columns.count, H: rows.size, W: columns.size, F_h: rows.kernel, F_w: columns.kernel,
    E_h: rows.expanded, E_w: columns.expanded, Q_h: rows.padded, Q_w: columns.padded, U_h: rows.uncut, U_w: columns.uncut,
  };
  const titles = texts.titles.map((title) => fill(title, gaps));
  const source = upperLeft(data.source, rows.count, columns.count);
  const grids = expandedGrids(source, upperLeft(data.kernel, rows.kernel, columns.kernel), axes, titles);
  const lost = grids.at(-1).counts.flat().filter((count) => !count).length;
  const what = entries.map((entry, a) => fill(data.never[entry[6]], { axis: ["row", "column"][a] })).filter(Boolean).join(", ");
  const sentence = fill(texts.sentence, {
    ...gaps,
    between: data.between[rows.count > 1 ? rows.stride : 0][columns.count > 1 ? columns.stride : 0],
    dropped: data.dropped[rows.extra][columns.extra],
    cut: data.cut[rows.border][columns.border],
    lost: lost ? fill(texts.lost, { what, lost, pixels: rows.size * columns.size }) : "",
  });
  const line = (axis, { count: n, stride: S, extra, expanded: E, kernel: F, padded: Q, uncut: U, border: P, size: W }) =>
    fill(texts.line, { axis, n, S, E, F, Q, U, P, W, extra: extra ? fill(texts.extra, { extra }) : "" });
  const same = String(at[0]) === String(at[1]);
  const lines = same ? [line(texts.axes[2], rows)] : axes.map((axis, a) => line(texts.axes[a], axis));
  return sceneFrom(data, "expanded", axes, grids, lines, sentence, [rows.uncut, columns.uncut]);
};

SCENES.transposed = (data, s) => {
  const { texts, low } = data;
  const { view, size: n, kernel: F, stride: S, padding: P, output_padding: extra } = s;
  const [w, f, t, p] = ["size", "kernel", "stride", "padding"].map((name) => s[name] - low[name]);
  const entry = data.axes[w][f][p][t][extra];
  if (typeof entry === "number") return noScene(data.messages[entry]);
  const axis = axisOf(entry, data.windows, F, S, P);
  const axes = [axis, axis];
  const gaps = { n, F, S, P, E: axis.expanded, Q: axis.padded, U: axis.uncut, W: axis.size };
  const titles = {};
  for (const [role, title] of Object.entries(texts.titles)) titles[role] = fill(title, gaps);
  const source = upperLeft(data.source, n, n), kernel = upperLeft(data.kernel, F, F);
  const stamping = view === "stamps";
  const listed = Object.fromEntries(Object.entries(titles).map(([role, title]) => [role, [title]]));
  const roles = ["source", "expanded", "padded", "kernel", "turned", "full", "output"];
  const grids = stamping
    ? stampedGrids([source], [[kernel]], axes, listed, false)
    : expandedGrids(source, kernel, axes, roles.map((role) => titles[role]));
  const sentence = fill(texts.sentences[view], {
    ...gaps,
    overlap: texts.overlap[data.overlap[w][f][t]],
    cut: fill(texts.cut[P], gaps),
    extra: texts.extras[extra],
    between: data.between[n > 1 ? S : 0],
    stamps: data.stamps[entry[6]],
  });
  const line = fill(texts.line, { ...gaps, name: extra ? texts.name : "", extra: extra ? fill(texts.extra, { extra }) : "" });
  const places = stamping ? [n, n] : [axis.uncut, axis.uncut];
  return sceneFrom(data, view, axes, grids, [line], sentence, places, stamping ? { by: "source" } : {});
};

// ---- words ----------------------------------------------------------------------------------------------------------

function span(name, cells) {
  return cells.length === 1 ? `${name} ${cells[0]}` : `${name}s ${cells[0]} to ${cells.at(-1)}`;
}

/** Products written out and added: 2·(−1) + (−3)·1 = −5. */
function sumInWords(pairs) {
  const total = sumOf(pairs.map(([a, b]) => a * b));
  return `${pairs.map(([a, b], k) => `${k ? bracketed(a) : text(a)}·${bracketed(b)}`).join(" + ")} = ${text(total)}`;
}

function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}

/** The first `count` grids of a list, made as needed; the others hidden. */
function shownOf(list, count, make, place) {
  while (list.length < count) {
    const one = make(list.length);
    list.push(one);
    place.append(one.node ?? one.figure);
  }
  list.forEach((one, k) => ((one.node ?? one.figure).hidden = k >= count));
  return list.slice(0, count);
}

function named(view, grid) {
  view.svg.setAttribute("aria-label", grid.title);
  return grid;
}

/** The grid of results, or, if asked for, how many stamps lie on each of its cells. */
function resultDrawn(grid, settings) {
  const told = drawn(grid);
  if (!settings.counts) return told;
  return { ...told, title: `${grid.title}: number of stamps`, texts: grid.counts.map((row) => row.map(String)), tints: tints(grid.counts) };
}

/** The products of numbers and weights, each with its factors below it. */
function drawProducts(view, pairs, kinds, cell) {
  const values = pairs.map((row) => row.map(([a, b]) => a * b));
  view.draw({
    title: `Products, sum ${text(sumOf(values.flat()))}`,
    texts: values.map((row) => row.map(text)),
    notes: pairs.map((row) => row.map(([a, b]) => `${text(a)}·${bracketed(b)}`)),
    kinds,
    tints: tints(values),
    label: () => "",
    cell,
  });
  view.svg.setAttribute("aria-label", `products: ${values.flat().map(text).join(", ")}`);
}

const LEAST = 20, MOST = 34, ROOM = 1040; // pixels: the sides of a cell, the width of the page
const PRODUCT = 42;

/** The largest cell with which grids of so many columns, each with the least width of its figure, stand side by side. */
function fitting(grids) {
  const wide = (cell) => grids.reduce((sum, [columns, least]) => sum + Math.max(least, columns * cell + 5) + 28, -28);
  let cell = MOST;
  while (cell > LEAST && wide(cell) > ROOM) cell--;
  return cell;
}

// ---- stamp by stamp -------------------------------------------------------------------------------------------------

class StampStage {
  constructor(view) {
    this.view = view;
    this.words = view.data.words;
    [this.left, this.middle, this.right] = ["left", "middle", "right"].map((side) => element("div", { class: `cnnx-column ${side}` }));
    this.node = element("div", { class: "cnnx-stage cnnx-stamps" }, this.left, this.middle, this.right);
    this.all = { sources: [], ways: [], outputs: [] };
  }

  on(role, channel) {
    return {
      point: (cell) => this.view.point(cell && { role, channel, cell }),
      choose: (cell) => this.view.choose({ role, channel, cell }),
    };
  }

  /** What stands between a source and a result: the kernel, the products, and a map of what is handed on. */
  way(k) {
    const views = { kernel: new GridView(`kernel ${k}`), products: new GridView(`products ${k}`), part: new GridView(`part ${k}`) };
    views.node = element("div", { class: "cnnx-way" }, views.kernel.figure, views.products.figure, views.part.figure);
    return views;
  }

  draw(scene, settings) {
    this.scene = scene;
    const of = (role) => scene.grids.filter((grid) => grid.role === role);
    [this.source, this.kernels, this.partials, this.output] = ["source", "kernel", "partial", "output"].map(of);
    const [N, D] = [this.source.length, this.output.length];
    this.sides = scene.border.map((border, a) => scene.output[a] + 2 * border); // before the cut
    const bySource = scene.by === "source";
    this.most = Math.max(...scene.rows.map((is) => is.length)) || 1;
    const products = this.most * PRODUCT + 6;
    const between = bySource ? [[this.sides[1], 134]] : [[0, Math.max(134, products)], ...(N > 1 ? [[scene.output[1], 134]] : [])];
    const wide = (grid) => grid.values[0].length;
    this.cell = fitting([[wide(this.source[0]), 104], [wide(this.kernels[0]), 134], ...between, [scene.output[1], 104]]);
    this.node.classList.toggle("aligned", N > 1 || D > 1);
    this.node.classList.toggle("to-outputs", bySource);
    this.sources = shownOf(this.all.sources, N, (k) => new GridView(`source ${k}`, this.on("source", k)), this.left);
    this.ways = shownOf(this.all.ways, bySource ? D : N, (k) => this.way(k), this.middle);
    this.outputs = shownOf(this.all.outputs, D, (d) => new GridView(`output ${d}`, this.on("output", d)), this.right);
    [this.sources, this.ways, this.outputs].forEach((list) =>
      list.forEach((one, k) => ((one.node ?? one.figure).style.gridRow = k + 1)));
    const [map, cell] = settings.position.length > 2 ? [settings.position[0], settings.position.slice(1)] : [0, settings.position];
    this.sources.forEach((view, k) => {
      const grid = named(view, this.source[k]);
      const label = (r, c) => `${this.nameOf("source", k, r, c)}: ${text(grid.values[r][c])}`;
      view.draw({ ...drawn(grid), cell: this.cell, label, selected: bySource && k === map ? cell : null });
    });
    this.outputs.forEach((view, d) => {
      const grid = named(view, this.output[d]);
      const label = (r, c) => `${this.nameOf("output", d, r, c)}: ${text(grid.values[r][c])}${grid.kinds[r][c] === "x" ? `, ${this.words.lost}` : ""}`;
      view.draw({ ...resultDrawn(grid, settings), cell: this.cell, label, selected: !bySource && d === map ? cell : null });
    });
  }

  nameOf(role, channel, r, c) {
    const many = (role === "source" ? this.source : this.output).length > 1;
    const words = this.words[role === "source" ? "source" : "result"][Number(many)];
    return fill(words, { k: channel, d: channel, i: r, j: c, p: r, q: c });
  }

  /** The cells that a source stamps on, counted with the border, and those that are left of them after the cut. */
  stampOf(i, j) {
    const { stamps, border, output } = this.scene;
    const [down, across] = [stamps[0][i], stamps[1][j]];
    const kept = [down, across].map((cells, a) => cells.map((p) => p - border[a]).filter((p) => p >= 0 && p < output[a]));
    return { down, across, kept };
  }

  showSource(k, [i, j]) {
    const { scene, words } = this;
    const value = this.source[k].values[i][j];
    const { down, across, kept } = this.stampOf(i, j);
    const cells = kept[0].flatMap((p) => kept[1].map((q) => [p, q]));
    const D = this.output.length;
    this.sources.forEach((view, one) => view.mark(one === k ? [[i, j]] : [], "r"));
    this.outputs.forEach((view) => view.mark(cells, "w"));
    this.node.classList.toggle("idle", scene.by !== "source"); // what stands in the middle belongs to another cell
    if (scene.by === "source") this.ways.forEach((way, d) => this.showStamp(way, k, d, value, down, across));
    const all = down.length * across.length;
    const reached = cells.length
      ? fill(words.reaches[Number(D > 1)], { what: `${span("row", kept[0])}, ${span("column", kept[1])}`, D })
      : "";
    const gone = cells.length ? `${all - cells.length} of ${all} products` : all > 1 ? `all ${all} products` : "its product";
    const lost = cells.length < all ? `${words.cut}: ${gone}` : "";
    return `${this.nameOf("source", k, i, j)}, is ${text(value)}: ${[reached, lost].filter(Boolean).join("; ")}`;
  }

  /** The kernel times one number, where it lies on the result before the cut. */
  showStamp(way, k, d, value, down, across) {
    const [rows, columns] = this.sides;
    const { border, output } = this.scene;
    const D = this.output.length;
    const kernel = this.kernels[k * D + d];
    const inside = (p, q) => p >= border[0] && p < border[0] + output[0] && q >= border[1] && q < border[1] + output[1];
    const values = zeros(rows, columns), texts = values.map((row) => row.map(() => ""));
    const kinds = values.map((row, p) => row.map((_, q) => (inside(p, q) ? "s" : "p")));
    down.forEach((p, m) => across.forEach((q, n) => {
      values[p][q] = value * kernel.values[m][n];
      texts[p][q] = text(values[p][q]);
      if (kinds[p][q] === "s") kinds[p][q] = "i";
    }));
    way.products.figure.hidden = true;
    way.part.figure.hidden = false;
    way.kernel.draw({ ...drawn(named(way.kernel, kernel)), label: () => "", cell: this.cell });
    const title = fill(this.words.gives[Number(D > 1)], { d });
    way.part.draw({ title, texts, kinds: kinds.map((row) => row.join("")), tints: tints(values), label: () => "", cell: this.cell });
    way.part.svg.setAttribute("aria-label", `${title}: ${down.flatMap((p) => across.map((q) => texts[p][q])).join(", ")}`);
    way.part.mark(down.flatMap((p) => across.map((q) => [p, q])), "w");
  }

  showOutput(d, [p, q]) {
    const { scene, words } = this;
    const [is, js] = [scene.rows[p], scene.columns[q]];
    const cells = is.flatMap((i) => js.map((j) => [i, j]));
    const D = this.output.length, N = this.source.length;
    const at = (a, k, place) => (scene.stamps[a][k].indexOf(place + scene.border[a]));
    const weights = is.map((i) => js.map((j) => [at(0, i, p), at(1, j, q)]));
    const pairs = this.source.map((grid, k) =>
      is.map((i, r) => js.map((j, c) => {
        const [m, n] = weights[r][c];
        return [grid.values[i][j], this.kernels[k * D + d].values[m][n]];
      })));
    this.sources.forEach((view) => view.mark(cells, "w"));
    this.outputs.forEach((view, one) => view.mark(one === d ? [[p, q]] : [], "r"));
    this.node.classList.toggle("idle", scene.by === "source");
    if (scene.by === "output") this.ways.forEach((way, k) => this.showTerms(way, k, d, [p, q], pairs[k], weights.flat()));
    const where = `${this.nameOf("output", d, p, q)}: `;
    if (!cells.length) return where + words.none;
    const sums = pairs.map((one) => sumInWords(one.flat()));
    if (N === 1) return where + sums[0];
    const parts = pairs.map((one) => sumOf(one.flat().map(([a, b]) => a * b)));
    return `${where}${sums.map((sum, k) => `filter ${k}: ${sum}`).join("; ")}; together ${signed(parts)} = ${text(sumOf(parts))}`;
  }

  /** The products of one filter that add up at one cell, and the partial map that they belong to. */
  showTerms(way, k, d, cell, pairs, weights) {
    const D = this.output.length;
    way.products.figure.hidden = false;
    way.part.figure.hidden = this.source.length === 1;
    way.kernel.draw({ ...drawn(named(way.kernel, this.kernels[k * D + d])), label: () => "", cell: this.cell });
    way.kernel.mark(weights, "w");
    const some = pairs.length && pairs[0].length;
    if (some) drawProducts(way.products, pairs, whole(pairs, "i"), PRODUCT);
    else way.products.draw({ title: "Products: none", texts: [[""]], notes: [[""]], kinds: ["s"], tints: [[""]], label: () => "", cell: PRODUCT });
    way.products.figure.style.minWidth = `${Math.max(134, this.most * PRODUCT + 6)}px`;
    if (this.source.length === 1) return;
    const partial = named(way.part, this.partials[k * D + d]);
    way.part.draw({ ...drawn(partial), label: () => "", cell: this.cell });
    way.part.mark([cell], "r");
  }

  show({ role, channel, cell }) {
    return role === "source" ? this.showSource(channel, cell) : this.showOutput(channel, cell);
  }

  at(position) {
    const [channel, cell] = position.length > 2 ? [position[0], position.slice(1)] : [0, position];
    return { role: this.scene.by, channel, cell };
  }

  positionOf({ role, channel, cell }) {
    if (role !== this.scene.by) return null;
    return this.scene.places.length > 2 ? [channel, ...cell] : cell;
  }

  holds({ role, channel, cell: [r, c] }) {
    const grid = { source: this.source, output: this.output }[role]?.[channel];
    return grid && r < grid.values.length && c < grid.values[0].length;
  }

  legend(kinds) {
    const cut = this.scene.by === "source" && this.scene.border.some(Boolean);
    const seen = new Set([...kinds, "w", cut ? "p" : ""]);
    return Object.entries(this.view.data.legend.stamps).filter(([kind]) => seen.has(kind));
  }
}

// ---- expanded, padded, met by the turned kernel ---------------------------------------------------------------------

class ExpandStage {
  constructor(view) {
    this.view = view;
    this.words = view.data.words;
    const roles = ["source", "expanded", "padded", "kernel", "turned", "products", "full", "output"];
    const pointed = ["source", "padded", "full", "output"];
    this.views = Object.fromEntries(roles.map((role) => [role, new GridView(role, pointed.includes(role) ? this.on(role) : null)]));
    const line = (...names) => element("div", { class: "cnnx-line" }, ...names.map((name) => this.views[name].figure));
    this.node = element(
      "div",
      { class: "cnnx-stage cnnx-expand" },
      line("source", "expanded", "padded"), line("kernel", "turned", "products", "full", "output"),
    );
  }

  on(role) {
    return {
      point: (cell) => this.view.point(cell && { role, channel: 0, cell }),
      choose: (cell) => this.view.choose({ role, channel: 0, cell }),
    };
  }

  draw(scene, settings) {
    this.scene = scene;
    this.grids = Object.fromEntries(scene.grids.map((grid) => [grid.role, grid]));
    const wide = (...roles) => roles.map((role) => [this.grids[role].values[0].length, 104]);
    const cut = scene.border.some(Boolean);
    this.views.full.figure.hidden = !cut; // with nothing to cut off it is the output
    const products = [0, Math.max(134, wide("kernel")[0][0] * PRODUCT + 5)];
    const below = [...wide("kernel", "turned"), products, ...wide("output"), ...(cut ? wide("full") : [])];
    const cell = Math.min(fitting(wide("source", "expanded", "padded")), fitting(below));
    this.places = numbersIn(this.grids.padded.kinds);
    for (const grid of scene.grids) {
      const view = this.views[grid.role];
      const told = grid.role === "output" ? resultDrawn(grid, settings) : drawn(named(view, grid));
      const selected = { full: settings.position, output: this.inside(settings.position) }[grid.role] ?? null;
      view.draw({ ...told, cell, selected, label: (r, c) => `${this.nameOf(grid.role, r, c)}: ${text(grid.values[r][c])}` });
    }
  }

  nameOf(role, r, c) {
    const words = { source: "source", padded: "padded", full: "full", output: "result" }[role];
    return words ? fill(asList(this.words[words])[0], { i: r, j: c, p: r, q: c }) : "";
  }

  /** The cell of the result that a cell of the full result becomes, if it is not cut off. */
  inside([r, c]) {
    const [p, q] = [r - this.scene.border[0], c - this.scene.border[1]];
    const [rows, columns] = this.scene.output;
    return p >= 0 && q >= 0 && p < rows && q < columns ? [p, q] : null;
  }

  showFull([r, c]) {
    const { scene, views, grids, words } = this;
    const [is, js] = [scene.windows[0][r], scene.windows[1][c]];
    const pairs = is.map((i, m) => js.map((j, n) => [grids.padded.values[i][j], grids.turned.values[m][n]]));
    const kinds = is.map((i) => js.map((j) => grids.padded.kinds[i][j]).join(""));
    const met = pairs.flatMap((row, m) => row.filter((_, n) => kinds[m][n] === "i"));
    const kept = this.inside([r, c]);
    const cells = is.flatMap((i) => js.map((j) => [i, j]));
    const sources = this.places.map((at, a) => [is, js][a].flatMap((cell) => (at.includes(cell) ? [at.indexOf(cell)] : [])));
    this.node.classList.remove("idle");
    drawProducts(views.products, pairs, kinds, PRODUCT);
    views.padded.mark(cells, "w");
    views.expanded.mark([]);
    views.source.mark(sources[0].flatMap((i) => sources[1].map((j) => [i, j])), "w");
    views.full.mark([[r, c]], "r");
    views.output.mark(kept ? [kept] : [], "r");
    const sum = met.length ? sumInWords(met) : "0";
    const rest = pairs.length * pairs[0].length - met.length;
    const hold = `of the window hold${rest === 1 ? "s a zero" : " zeros"}`;
    const which = met.length ? `the other ${plural(rest, "cell")}` : rest === 1 ? "the one cell" : `all ${plural(rest, "cell")}`;
    const put = rest ? ` (${which} ${hold})` : "";
    const lost = kept && grids.output.kinds[kept[0]][kept[1]] === "x";
    const end = kept ? `${this.nameOf("output", ...kept)}${lost ? `, ${words.lost}` : ""}` : words.cut;
    return `${capital(this.nameOf("full", r, c))}: ${sum}${put}; ${end}`;
  }

  /** What a cell of the padded map reaches. */
  showPadded([r, c], who = capital(this.nameOf("padded", r, c))) {
    const { scene, views, grids } = this;
    const reached = scene.windows.map((windows, a) => [...windows.keys()].filter((k) => windows[k].includes([r, c][a])));
    const full = reached[0].flatMap((p) => reached[1].map((q) => [p, q]));
    const source = this.places.map((at, a) => at.indexOf([r, c][a]));
    this.node.classList.add("idle");
    views.padded.mark([[r, c]], "r");
    views.expanded.mark([]);
    views.source.mark(source.includes(-1) ? [] : [source], "r");
    views.full.mark(full, "w");
    views.output.mark(full.map((cell) => this.inside(cell)).filter(Boolean), "w");
    return `${who}, is ${text(grids.padded.values[r][c])}: reaches ${span("row", reached[0])}, ${span("column", reached[1])} of the full result`;
  }

  showSource([i, j]) {
    const [down, across] = numbersIn(this.grids.expanded.kinds);
    const words = this.showPadded([this.places[0][i], this.places[1][j]], capital(this.nameOf("source", i, j)));
    this.views.expanded.mark([[down[i], across[j]]], "r");
    return words;
  }

  show({ role, cell }) {
    if (role === "source") return this.showSource(cell);
    if (role === "padded") return this.showPadded(cell);
    return this.showFull(role === "output" ? this.uncut(cell) : cell);
  }

  uncut([p, q]) {
    return [p + this.scene.border[0], q + this.scene.border[1]];
  }

  at(position) {
    return { role: "full", channel: 0, cell: position };
  }

  positionOf({ role, cell }) {
    return { full: cell, output: this.uncut(cell) }[role] ?? null;
  }

  holds({ role, cell: [r, c] }) {
    const grid = this.grids[role];
    return grid && r < grid.values.length && c < grid.values[0].length;
  }

  legend(kinds) {
    return Object.entries(this.view.data.legend.expanded).filter(([kind]) => kind === "w" || kinds.has(kind));
  }
}

/** In which rows and columns numbers stand, not zeros that were put in. */
function numbersIn(kinds) {
  const rows = [...kinds.keys()].filter((r) => kinds[r].includes("i"));
  return [rows, [...kinds[rows[0]]].flatMap((kind, c) => (kind === "i" ? [c] : []))];
}

function asList(value) {
  return Array.isArray(value) ? value : [value];
}

STAGES.stamps = (view) => new StampStage(view);
STAGES.expanded = (view) => new ExpandStage(view);
