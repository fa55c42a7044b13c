/**
 * The layers of a network forwards, in double precision, as cnnlib computes them; unit tests compare all of it with the
 * package. No imports: the front page of the site puts this text before its own.
 *
 * @typedef {object} Tensor maps (channels, rows, columns) or units (n,)
 * @property {Float64Array} values
 * @property {number[]} shape
 *
 * @typedef {{shape: number[], w: Float64Array, b: Float64Array}} Weights of a convolution or a full connection
 *
 * @typedef {object} LayerForm what Python says of a layer
 * @property {string} name
 * @property {string} type
 * @property {number[]} [weight] the shape of its weight
 * @property {number} [padding]
 * @property {number} [size] of a window that pools
 *
 * @typedef {LayerForm & Partial<Weights>} NetworkLayer
 */

/** @param {number[]} shape */
export const countOf = (shape) => shape.reduce((product, n) => product * n, 1);

/** @param {Tensor} x @param {number} by @returns {Tensor} */
export function padded({ values, shape: [depth, height, width] }, by) {
  if (!by) return { values, shape: [depth, height, width] };
  const [H, W] = [height + 2 * by, width + 2 * by];
  const framed = new Float64Array(depth * H * W);
  for (let d = 0; d < depth; d++) {
    for (let i = 0; i < height; i++) {
      const from = (d * height + i) * width;
      framed.set(values.subarray(from, from + width), (d * H + i + by) * W + by);
    }
  }
  return { values: framed, shape: [depth, H, W] };
}

/**
 * net[k][i][j] = b[k] + sum of x[d][i + m][j + n] · w[k][d][m][n]
 *
 * @param {Tensor} x padded
 * @param {Weights} weights
 * @returns {Tensor}
 */
export function convolved({ values, shape: [, H, W] }, { shape: [filters, depth, rows, columns], w, b }) {
  const [height, width] = [H - rows + 1, W - columns + 1];
  const net = new Float64Array(filters * height * width);
  for (let k = 0; k < filters; k++) {
    net.fill(b[k], k * height * width, (k + 1) * height * width);
    for (let d = 0; d < depth; d++) {
      for (let m = 0; m < rows; m++) {
        for (let n = 0; n < columns; n++) {
          const weight = w[((k * depth + d) * rows + m) * columns + n];
          for (let i = 0; i < height; i++) {
            const from = (d * H + i + m) * W + n,
              to = (k * height + i) * width;
            for (let j = 0; j < width; j++) net[to + j] += weight * values[from + j];
          }
        }
      }
    }
  }
  return { values: net, shape: [filters, height, width] };
}

/**
 * The largest of each window of size × size, the windows side by side, and where it stands: the first one of a tie.
 *
 * @param {Tensor} x
 * @param {number} size
 * @returns {Tensor & {where: Int32Array}}
 */
export function pooled({ values, shape: [depth, height, width] }, size) {
  const [h, w] = [Math.floor(height / size), Math.floor(width / size)];
  const largest = new Float64Array(depth * h * w),
    where = new Int32Array(depth * h * w);
  for (let k = 0; k < largest.length; k++) {
    const [d, i, j] = [Math.floor(k / (h * w)), Math.floor(k / w) % h, k % w];
    let best = (d * height + i * size) * width + j * size;
    const corner = best;
    for (let m = 0; m < size; m++) {
      for (let n = 0; n < size; n++) if (values[corner + m * width + n] > values[best]) best = corner + m * width + n;
    }
    largest[k] = values[best];
    where[k] = best;
  }
  return { values: largest, shape: [depth, h, w], where };
}

/** @param {Tensor} x @returns {Tensor} */
export const relu = ({ values, shape }) => ({ values: values.map((net) => Math.max(net, 0)), shape });

/**
 * net = W a + b
 *
 * @param {Float64Array} a
 * @param {Weights} weights
 * @returns {Tensor}
 */
export function connected(a, { shape: [units, inputs], w, b }) {
  const net = Float64Array.from({ length: units }, (_, u) => {
    let sum = 0;
    for (let k = 0; k < inputs; k++) sum += w[u * inputs + k] * a[k];
    return sum + b[u];
  });
  return { values: net, shape: [units] };
}

/**
 * Probabilities, and the logarithm of the sum that they were divided by.
 *
 * @param {ArrayLike<number>} scores
 */
export function softmax(scores) {
  const all = Array.from(scores),
    most = Math.max(...all);
  const powers = all.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return { probabilities: powers.map((power) => power / sum), log: Math.log(sum) + most };
}

/**
 * The layers with their parameters, cut from one array that holds all of them, weight before bias.
 *
 * @param {LayerForm[]} layers
 * @param {ArrayLike<number>} parameters
 * @returns {NetworkLayer[]}
 */
export function network(layers, parameters) {
  const all = Float64Array.from(parameters);
  let from = 0;
  const take = /** @param {number} n */ (n) => all.subarray(from, (from += n));
  return layers.map((layer) => {
    if (!layer.weight) return layer;
    return { ...layer, shape: layer.weight, w: take(countOf(layer.weight)), b: take(layer.weight[0]) };
  });
}

/**
 * What every layer makes of an image; those that only put numbers in another order are left out.
 *
 * @param {NetworkLayer[]} layers
 * @param {ArrayLike<number>} image
 * @param {number} side
 */
export function mapsOf(layers, image, side) {
  /** @type {Tensor} */
  let x = { values: Float64Array.from(image), shape: [1, side, side] };
  const maps = [];
  for (const layer of layers) {
    const weights = /** @type {Weights} */ (layer);
    if (layer.type === "conv2d") x = convolved(padded(x, layer.padding ?? 0), weights);
    else if (layer.type === "maxPool2d") x = pooled(x, layer.size ?? 2);
    else if (layer.type === "relu") x = relu(x);
    else if (layer.type === "linear") x = connected(x.values, weights);
    if (layer.type !== "flatten") maps.push({ name: layer.name, values: x.values, shape: x.shape });
  }
  return maps;
}

/**
 * The numbers of a Bytes trait, which need not begin at a multiple of four.
 *
 * @param {DataView} view
 */
export function floats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
