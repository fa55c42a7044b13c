/**
 * A picture of a digit brought into the form that MNIST's digits have: the steps of cnnlib's pictures.py in the page. A
 * unit test compares the two, images and reasons, on a table of pictures that Python writes.
 */

import { centred } from "./pen.js";

/**
 * @typedef {object} Pixels numbers row by row, the channels of a pixel side by side
 * @property {ArrayLike<number>} values
 * @property {number} height
 * @property {number} width
 * @property {number} channels grey, grey and opacity, three colours, or these and opacity
 *
 * @typedef {object} Plane one number a pixel
 * @property {Float64Array} values
 * @property {number} height
 * @property {number} width
 */

const [SIDE, BOX, MIDDLE] = [28, 20, 14];
// What is taken for a digit: pictures.py says what each is.
const [LARGEST_SIDE, FAINTEST, CUT, CELLS, GAP, DUST] = [600, 0.08, 0.1, 40, 0.15, 0.2];
const [FEWEST, WIDEST, FULLEST] = [5, 2.5, 0.75];

/** What cannot be a digit: by the name of the reason, with the numbers in it; the message is that of cnnlib. */
export class NoDigit extends Error {
  /** @param {string} why @param {Record<string, number>} gaps @param {string} came @param {string} expected */
  constructor(why, gaps, came, expected) {
    super(`got ${came}, expected ${expected}`);
    this.why = why;
    this.gaps = gaps;
  }
}

/**
 * The digit as an image of 28 × 28, ink 1 and paper 0, and the picture as it was looked at: reduced, without opacity.
 *
 * @param {Pixels} picture
 */
export function readDigit(picture) {
  const seen = opaque(picture);
  const { ink, cut } = inkOf(seen);
  const part = onePart(ink, cut);
  const { values, height, width } = part;
  if (Math.max(height, width) < FEWEST) {
    const [came, expected] = [
      `ink of ${height} by ${width} pixels`,
      `a digit of at least ${FEWEST}, better 20 or more`,
    ];
    throw new NoDigit("small", { height, width, least: FEWEST }, came, expected);
  }
  if (width > WIDEST * height) {
    const came = `ink ${width} wide and ${height} high`;
    throw new NoDigit("wide", { height, width }, came, "one digit, which is not so wide");
  }
  if (width > height / 2 && values.filter((one) => one > 0.5).length / values.length > FULLEST) {
    throw new NoDigit("filled", {}, "a shape filled with ink", "a digit made of strokes");
  }
  const image = new Float32Array(SIDE * SIDE);
  centred(boxed(part), image, { side: SIDE, box: BOX, middle: MIDDLE });
  return { image, seen };
}

// ---- numbers ---------------------------------------------------------------------------------------------------------

/**
 * Rounded as Python does: a half goes to the even number.
 *
 * @param {number} value
 */
function rounded(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

/** @param {Float64Array} values @param {number} share */
function quantile(values, share) {
  const sorted = values.slice().sort();
  const place = share * (sorted.length - 1),
    low = Math.floor(place);
  const next = sorted[Math.min(low + 1, sorted.length - 1)];
  return sorted[low] + (place - low) * (next - sorted[low]);
}

/** @param {Float64Array} values */
const median = (values) => quantile(values, 0.5);

/**
 * Numbers from −1 to 1, evenly; −1 alone if there is only one.
 *
 * @param {number} count
 */
const spread = (count) => Float64Array.from({ length: count }, (_, k) => (count > 1 ? (2 * k) / (count - 1) - 1 : -1));

/**
 * The eigenvectors, in columns, and the eigenvalues of a small symmetric matrix, by Jacobi's rotations.
 *
 * @param {number[][]} matrix
 */
function eigen(matrix) {
  const n = matrix.length,
    a = matrix.map((row) => row.slice());
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-300) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1),
          s = t * c;
        for (const rows of [a, vectors]) {
          for (const row of rows) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
        }
        const [up, uq] = [a[p], a[q]];
        [a[p], a[q]] = [up.map((one, k) => c * one - s * uq[k]), up.map((one, k) => s * one + c * uq[k])];
      }
    }
  }
  return { vectors, values: a.map((row, k) => row[k]) };
}

/**
 * The solution of the normal equations with the smallest norm, for several right sides.
 *
 * @param {number[][]} matrix
 * @param {number[][]} sides
 */
function solved(matrix, sides) {
  const { vectors, values } = eigen(matrix);
  const least = 1e-13 * Math.max(...values);
  return sides.map((side) => {
    const solution = side.map(() => 0);
    values.forEach((value, k) => {
      if (value <= least) return;
      const share = side.reduce((sum, one, i) => sum + one * vectors[i][k], 0) / value;
      for (let i = 0; i < solution.length; i++) solution[i] += share * vectors[i][k];
    });
    return solution;
  });
}

// ---- paper and ink ---------------------------------------------------------------------------------------------------

/**
 * The picture reduced to LARGEST_SIDE, from 0 to 1, without an opacity: one channel or three.
 *
 * @param {Pixels} picture
 */
function opaque({ values, height, width, channels }) {
  if (Math.min(height, width) < FEWEST) {
    const [came, expected] = [`${height} by ${width} pixels`, `at least ${FEWEST} by ${FEWEST}`];
    throw new NoDigit("few", { height, width, least: FEWEST }, came, expected);
  }
  let most = 0;
  for (let k = 0; k < values.length; k++) if (values[k] > most) most = values[k];
  const white = most <= 1 ? 1 : most <= 255 ? 255 : 65535;
  const times = Math.ceil(Math.max(height, width) / LARGEST_SIDE);
  const [h, w] = [Math.floor(height / times), Math.floor(width / times)];
  const x = new Float64Array(h * w * channels);
  for (let r = 0; r < h * times; r++) {
    for (let c = 0; c < w * times; c++) {
      const from = (r * width + c) * channels,
        to = (Math.floor(r / times) * w + Math.floor(c / times)) * channels;
      for (let k = 0; k < channels; k++) x[to + k] += values[from + k];
    }
  }
  for (let k = 0; k < x.length; k++) x[k] /= times * times * white;
  if (channels % 2) return { values: x, height: h, width: w, channels };
  return { values: onPaper(x, channels), height: h, width: w, channels: channels - 1 };
}

/**
 * Pixels without their opacity, as they look on the paper that they are most likely to lie on.
 *
 * @param {Float64Array} x
 * @param {number} channels
 */
function onPaper(x, channels) {
  const colours = channels - 1,
    count = x.length / channels;
  const solid = Array.from({ length: count }, (_, p) => p).filter((p) => x[p * channels + colours] > 0.5);
  /** @type {number[]} */
  let paper;
  if (solid.length / count > 0.5) {
    paper = Array.from({ length: colours }, (_, k) => median(Float64Array.from(solid, (p) => x[p * channels + k])));
  } else {
    let [ink, opacity] = [0, 0];
    for (let p = 0; p < count; p++) {
      const solidity = x[p * channels + colours];
      opacity += solidity;
      for (let k = 0; k < colours; k++) ink += solidity * x[p * channels + k];
    }
    // Ink on nothing: dark ink gets white paper, light ink black.
    paper = Array(colours).fill(rounded(1 - ink / Math.max(opacity * colours, 1e-9)));
  }
  const flat = new Float64Array(count * colours);
  for (let p = 0; p < count; p++) {
    const solidity = x[p * channels + colours];
    for (let k = 0; k < colours; k++) {
      flat[p * colours + k] = solidity * x[p * channels + k] + (1 - solidity) * paper[k];
    }
  }
  return flat;
}

/**
 * How far pixels are from others, channels taken together.
 *
 * @param {Float64Array} a
 * @param {Float64Array} b
 * @param {number} channels
 */
function distances(a, b, channels) {
  return Float64Array.from({ length: a.length / channels }, (_, p) => {
    let sum = 0;
    for (let k = p * channels; k < (p + 1) * channels; k++) sum += (a[k] - b[k]) ** 2;
    return Math.sqrt(sum / channels);
  });
}

/**
 * The surface of second degree that x would be without ink, and how far x scatters around it.
 *
 * @param {Pixels & {values: Float64Array}} x
 */
function paperOf({ values, height, width, channels }) {
  const rows = spread(height),
    columns = spread(width),
    step = Math.ceil(Math.max(height, width, channels) / 100);
  /** @type {(r: number, c: number) => number[]} */
  const terms = (r, c) => [1, rows[r], columns[c], rows[r] ** 2, rows[r] * columns[c], columns[c] ** 2];
  /** @type {number[][]} */
  const places = [];
  const few = [];
  for (let r = 0; r < height; r += step) {
    for (let c = 0; c < width; c += step) {
      places.push(terms(r, c));
      for (let k = 0; k < channels; k++) few.push(values[(r * width + c) * channels + k]);
    }
  }
  const seen = Float64Array.from(few);
  const middles = Array.from({ length: channels }, (_, k) => median(seen.filter((_, at) => at % channels === k)));
  let paper = seen.map((_, at) => middles[at % channels]);
  /** @type {number[][]} */
  let weights = [];
  let away = seen,
    kept = "";
  for (let turn = 0; turn < 10; turn++) {
    away = distances(seen, paper, channels);
    const limit = 3 * median(away) + 1e-6; // more than the rounding of the fit
    const before = kept;
    kept = Array.from(away, (one) => (one <= limit ? "1" : "0")).join("");
    if (kept === before) break;
    weights = fitted(places, seen, channels, kept);
    paper = Float64Array.from(seen, (_, at) => dot(places[Math.floor(at / channels)], weights[at % channels]));
  }
  const whole = new Float64Array(values.length);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const here = terms(r, c);
      for (let k = 0; k < channels; k++) whole[(r * width + c) * channels + k] = dot(here, weights[k]);
    }
  }
  return { paper: whole, scatter: 1.5 * median(away) };
}

/** @param {number[]} a @param {number[]} b */
function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/**
 * The six weights of the surface for each channel, fitted to the pixels that are kept.
 *
 * @param {number[][]} places
 * @param {Float64Array} seen
 * @param {number} channels
 * @param {string} kept
 */
function fitted(places, seen, channels, kept) {
  const matrix = Array.from({ length: 6 }, () => Array(6).fill(0));
  const sides = Array.from({ length: channels }, () => Array(6).fill(0));
  for (const [p, place] of places.entries()) {
    if (kept[p] === "0") continue;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) matrix[i][j] += place[i] * place[j];
      for (let k = 0; k < channels; k++) sides[k][i] += place[i] * seen[p * channels + k];
    }
  }
  return solved(matrix, sides);
}

/**
 * The ink, 0 on paper and 1 at its strongest, and below what it counts as paper.
 *
 * @param {Pixels & {values: Float64Array}} x
 * @returns {{ink: Plane, cut: number}}
 */
function inkOf(x) {
  const { values, height, width, channels } = x;
  const [came, expected] = ["a page on which nothing stands out", "a digit, darker or lighter than its paper"];
  const blank = new NoDigit("blank", {}, came, expected);
  const { paper, scatter } = paperOf(x);
  const away = distances(values, paper, channels);
  let level = away.reduce((a, b) => Math.max(a, b)) / 2,
    contrast = 0;
  /** @param {number} p */
  const isStrong = (p) => away[p] > strongest;
  let strongest = level;
  for (let turn = 0; turn < 20; turn++) {
    let [more, less, count] = [0, 0, 0];
    for (const one of away) {
      if (one > level) [more, count] = [more + one, count + 1];
      else less += one;
    }
    if (level < FAINTEST / 2 || count === away.length) throw blank;
    const means = [more / count, less / (away.length - count)];
    [strongest, level, contrast] = [level, (means[0] + means[1]) / 2, means[0] - means[1]];
  }
  if (contrast < Math.max(FAINTEST, 4 * scatter)) throw blank;
  const strong = Array.from(away.keys()).filter(isStrong);
  // The direction of the ink's colour, as seen from the paper's.
  const towards = Array.from({ length: channels }, (_, k) => {
    return strong.reduce((sum, p) => sum + values[p * channels + k] - paper[p * channels + k], 0) / strong.length;
  });
  const ink = Float64Array.from(away, (_, p) => {
    return towards.reduce((sum, part, k) => sum + part * (values[p * channels + k] - paper[p * channels + k]), 0);
  });
  const full = quantile(
    Float64Array.from(strong, (p) => ink[p]),
    0.9,
  );
  return {
    ink: { values: ink.map((one) => Math.min(Math.max(one / full, 0), 1)), height, width },
    cut: Math.max(CUT, (4 * scatter) / contrast),
  };
}

// ---- one part, cut out -----------------------------------------------------------------------------------------------

/**
 * The rows and columns that hold more than `cut`, and nothing around them.
 *
 * @param {Plane} plane
 * @param {number} cut
 * @returns {Plane}
 */
function cropped({ values, height, width }, cut) {
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      if (values[r * width + c] <= cut) continue;
      [top, bottom] = [Math.min(top, r), Math.max(bottom, r + 1)];
      [left, right] = [Math.min(left, c), Math.max(right, c + 1)];
    }
  }
  const [h, w] = [bottom - top, right - left];
  const inner = Float64Array.from(
    { length: h * w },
    (_, k) => values[(top + Math.floor(k / w)) * width + left + (k % w)],
  );
  return { values: inner, height: h, width: w };
}

/**
 * The largest part of the ink, cut out; NoDigit if another part is too large to be dust.
 *
 * @param {Plane} whole
 * @param {number} cut
 */
function onePart(whole, cut) {
  const ink = cropped(whole, cut);
  const times = Math.ceil(Math.max(ink.height, ink.width) / CELLS);
  const reach = Math.max(1, rounded((GAP * ink.height) / times));
  const [rows, columns] = [Math.ceil(ink.height / times), Math.ceil(ink.width / times)];
  const cells = new Float64Array(rows * columns);
  /** @param {number} k */
  const cellOf = (k) => Math.floor(Math.floor(k / ink.width) / times) * columns + Math.floor((k % ink.width) / times);
  ink.values.forEach((one, k) => {
    if (one > cut) cells[cellOf(k)] += one;
  });
  const labels = labelled(cells, rows, columns, reach);
  const amounts = new Float64Array(cells.length + 1);
  for (const [k, label] of labels.entries()) amounts[label] += cells[k];
  let largest = 0;
  amounts.forEach((amount, label) => {
    if (amount > amounts[largest]) largest = label;
  });
  const count = amounts.filter((amount) => amount > DUST * amounts[largest]).length;
  if (count > 1) throw new NoDigit("apart", { count }, `${count} things apart from each other`, "one digit");
  const alone = ink.values.map((one, k) => (labels[cellOf(k)] === largest ? one : 0));
  return cropped({ ...ink, values: alone }, cut);
}

/**
 * The same number for cells with ink that belong together, at most `reach` cells from one to the next; 0 for the others.
 *
 * @param {Float64Array} cells
 * @param {number} rows
 * @param {number} columns
 * @param {number} reach
 */
function labelled(cells, rows, columns, reach) {
  const labels = new Int32Array(cells.length);
  for (let start = cells.length - 1; start >= 0; start--) {
    if (!cells[start] || labels[start]) continue;
    labels[start] = start + 1; // the last cell of a part gives the number, as in Python
    for (const from = [start]; from.length; ) {
      const cell = /** @type {number} */ (from.pop());
      const [r, c] = [Math.floor(cell / columns), cell % columns];
      for (let i = Math.max(0, r - reach); i <= Math.min(rows - 1, r + reach); i++) {
        for (let j = Math.max(0, c - reach); j <= Math.min(columns - 1, c + reach); j++) {
          const next = i * columns + j;
          if (!cells[next] || labels[next]) continue;
          labels[next] = start + 1;
          from.push(next);
        }
      }
    }
  }
  return labels;
}

// ---- the box ---------------------------------------------------------------------------------------------------------

/**
 * The weights of a linear resize of `from` numbers to `to`, as Pillow has them: each new number takes in what lies
 * nearer than the wider of the two steps.
 *
 * @param {number} from
 * @param {number} to
 */
function weightsOf(from, to) {
  const scale = from / to,
    reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, k) => {
    const middle = (k + 0.5) * scale;
    const first = Math.max(0, Math.trunc(middle - reach + 0.5)),
      last = Math.min(from, Math.trunc(middle + reach + 0.5));
    const weights = Array.from({ length: last - first }, (_, j) => {
      return Math.max(0, 1 - Math.abs((j + first - middle + 0.5) / reach));
    });
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** @param {Plane} plane @param {number} height @param {number} width */
function resized(plane, height, width) {
  const across = weightsOf(plane.width, width),
    down = weightsOf(plane.height, height);
  const wide = new Float64Array(plane.height * width),
    scaled = new Float64Array(height * width);
  for (let r = 0; r < plane.height; r++) {
    across.forEach(({ first, weights }, c) => {
      for (const [j, weight] of weights.entries()) {
        wide[r * width + c] += weight * plane.values[r * plane.width + first + j];
      }
    });
  }
  down.forEach(({ first, weights }, r) => {
    weights.forEach((weight, j) => {
      for (let c = 0; c < width; c++) scaled[r * width + c] += weight * wide[(first + j) * width + c];
    });
  });
  return scaled;
}

/**
 * The ink scaled into the middle of a box, its strokes brought to full strength.
 *
 * @param {Plane} ink
 */
function boxed(ink) {
  const longer = Math.max(ink.height, ink.width);
  const [height, width] = [ink.height, ink.width].map((size) => Math.max(1, rounded((size * BOX) / longer)));
  const scaled = resized(ink, height, width);
  const most = scaled.reduce((a, b) => Math.max(a, b));
  const strength = quantile(
    scaled.filter((one) => one > most / 2),
    0.9,
  ); // below 1 where strokes are thinner than a pixel
  const box = new Float64Array(BOX * BOX);
  const [top, left] = [Math.floor((BOX - height) / 2), Math.floor((BOX - width) / 2)];
  scaled.forEach((one, k) => {
    box[(top + Math.floor(k / width)) * BOX + left + (k % width)] = Math.min(Math.max(one / strength, 0), 1);
  });
  return box;
}
