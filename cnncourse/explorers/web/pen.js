/**
 * A drawing as MNIST would hold it, computed in the page as pen.py does; a browser test compares the two. No imports:
 * the front page of the site puts this text before its own.
 *
 * @typedef {[number, number]} Point row and column, from 0 to 1
 * @typedef {Point[][]} Strokes
 *
 * @typedef {object} PenForm
 * @property {number} side of the image
 * @property {number} box that the digit fills
 * @property {number} middle where the centre of mass goes
 * @property {number} pen how thick a line is, in pixels
 * @property {number} smallest of the pad: what is smaller is a dot
 */

/**
 * The image, and what was done to get it. `thick` is the width of the pen's line on the pad, as a share of its side.
 *
 * @param {Strokes} strokes
 * @param {PenForm} form
 */
export function digitImage(strokes, form) {
  const { side, box, middle, pen, smallest } = form;
  const values = new Float32Array(side * side);
  if (!strokes.length) return { values, scale: 0, thick: 0, top: 0, left: 0 };
  const low = [1, 1],
    high = [0, 0];
  for (const stroke of strokes) {
    for (const point of stroke) {
      for (const axis of [0, 1]) {
        low[axis] = Math.min(low[axis], point[axis]);
        high[axis] = Math.max(high[axis], point[axis]);
      }
    }
  }
  const scale = (box - pen) / Math.max(smallest, high[0] - low[0], high[1] - low[1]);
  /** @param {Point} point */
  const place = (point) => [0, 1].map((axis) => (point[axis] - (low[axis] + high[axis]) / 2) * scale + box / 2);
  const ink = inked(
    strokes.map((stroke) => stroke.map(place)),
    box,
    pen,
  );
  const [top, left] = centred(ink, values, { side, box, middle });
  return { values, scale, thick: pen / scale, top, left };
}

/**
 * Puts the ink of a box into an image, its centre of mass in the middle; returns where the box begins.
 *
 * @param {Float64Array} ink
 * @param {Float32Array} values
 * @param {{side: number, box: number, middle: number}} form
 */
export function centred(ink, values, { side, box, middle }) {
  const sums = [new Float64Array(box), new Float64Array(box)];
  let total = 0;
  for (let r = 0; r < box; r++) {
    for (let c = 0; c < box; c++) {
      sums[0][r] += ink[r * box + c];
      sums[1][c] += ink[r * box + c];
      total += ink[r * box + c];
    }
  }
  const masses = sums.map((sum) => sum.reduce((moment, mass, k) => moment + mass * k, 0) / total);
  const starts = masses.map((mass) => Math.min(Math.max(Math.ceil(middle - 0.5 - mass - 1e-9), 0), side - box));
  for (let r = 0; r < box; r++) {
    for (let c = 0; c < box; c++) values[(starts[0] + r) * side + starts[1] + c] = ink[r * box + c];
  }
  return starts;
}

/**
 * Where the ink of an image has its centre of mass, and how many rows and columns hold any.
 *
 * @param {ArrayLike<number>} values
 * @param {number} side
 */
export function inkOf(values, side) {
  const sums = [new Float64Array(side), new Float64Array(side)];
  for (let k = 0; k < side * side; k++) {
    sums[0][Math.floor(k / side)] += values[k];
    sums[1][k % side] += values[k];
  }
  const total = sums[0].reduce((a, b) => a + b, 0);
  const mass = sums.map((sum) => sum.reduce((moment, part, k) => moment + part * k, 0) / total);
  const [height, width] = sums.map((sum) => sum.filter((part) => part > 0).length);
  return { mass, height, width };
}

/**
 * The ink of a pen that goes along the paths, given in pixels from the corner of the box.
 *
 * @param {number[][][]} paths
 * @param {number} box
 * @param {number} pen
 */
function inked(paths, box, pen) {
  const near = new Float64Array(box * box).fill(Infinity);
  const reach = pen / 2 + 0.5;
  /** @param {number} k */
  const inside = (k) => Math.min(Math.max(Math.ceil(k), 0), box);
  for (const path of paths) {
    for (let k = 0; k < Math.max(1, path.length - 1); k++) {
      const [r0, c0] = path[k],
        [r1, c1] = path[Math.min(k + 1, path.length - 1)];
      const down = r1 - r0,
        right = c1 - c0,
        length = down * down + right * right;
      // Only pixels near enough to get ink: the others would come out as 0 anyway.
      const [top, bottom] = [inside(Math.min(r0, r1) - reach - 1), inside(Math.max(r0, r1) + reach)];
      const [left, end] = [inside(Math.min(c0, c1) - reach - 1), inside(Math.max(c0, c1) + reach)];
      for (let r = top; r < bottom; r++) {
        for (let c = left; c < end; c++) {
          const y = r + 0.5 - r0,
            x = c + 0.5 - c0;
          const share = length ? Math.min(Math.max((y * down + x * right) / length, 0), 1) : 0;
          const away = (y - share * down) ** 2 + (x - share * right) ** 2;
          if (away < near[r * box + c]) near[r * box + c] = away;
        }
      }
    }
  }
  return near.map((away) => Math.min(Math.max(reach - Math.sqrt(away), 0), 1));
}
