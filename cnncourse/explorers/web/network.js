/** LeNet-5 forwards and backwards, in double precision, as cnnlib computes it. */

import { connected, convolved, countOf, padded, pooled, relu, softmax } from "./layers.js";

/**
 * @import { Tensor, Weights as Layer } from "./layers.js"
 *
 * @typedef {object} Passed what all layers make of an image, and δ of the loss there
 * @property {Record<string, Tensor>} net
 * @property {Record<string, Tensor>} a
 * @property {Record<string, Tensor>} pooled
 * @property {Record<string, Tensor>} delta
 * @property {Tensor} sensitivity
 * @property {number[]} probabilities
 * @property {number} loss
 */

const SHAPES = { conv1: [6, 1, 5, 5], conv2: [16, 6, 5, 5], fc1: [120, 400], fc2: [84, 120], output: [10, 84] };
const SIDE = 28;

/** @param {number} half the bits of a number of 16 bits */
export function single(half) {
  const exponent = (half >> 10) & 31,
    part = half & 1023;
  const size = exponent ? 2 ** (exponent - 15) * (1 + part / 1024) : 2 ** -14 * (part / 1024);
  return half & 0x8000 ? -size : size;
}

/**
 * The parameters of LeNet-5, from numbers in half or in single precision.
 *
 * @param {DataView} view
 */
export function lenet(view) {
  const count = Object.values(SHAPES).reduce((sum, shape) => sum + countOf(shape) + shape[0], 0);
  const half = view.byteLength === 2 * count;
  const all = Float64Array.from({ length: count }, (_, k) =>
    half ? single(view.getUint16(2 * k, true)) : view.getFloat32(4 * k, true),
  );
  let from = 0;
  const take = /** @param {number} n */ (n) => all.subarray(from, (from += n));
  return Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => [name, { shape, w: take(countOf(shape)), b: take(shape[0]) }]),
  );
}

/**
 * ∂E/∂x of a convolution, its padding cut off.
 *
 * @param {Tensor} delta
 * @param {Layer} layer
 * @param {number} padding
 * @returns {Tensor}
 */
function back({ values, shape: [filters, height, width] }, { shape: [, depth, F], w }, padding) {
  const [H, W] = [height + F - 1, width + F - 1];
  const full = new Float64Array(depth * H * W);
  for (let k = 0; k < filters; k++) {
    for (let d = 0; d < depth; d++) {
      for (let m = 0; m < F * F; m++) {
        const weight = w[(k * depth + d) * F * F + m];
        for (let i = 0; i < height; i++) {
          const to = (d * H + i + Math.floor(m / F)) * W + (m % F),
            from = (k * height + i) * width;
          for (let j = 0; j < width; j++) full[to + j] += weight * values[from + j];
        }
      }
    }
  }
  const [h, v] = [H - 2 * padding, W - 2 * padding];
  const x = new Float64Array(depth * h * v);
  for (let d = 0; d < depth; d++) {
    for (let i = 0; i < h; i++) {
      const from = (d * H + i + padding) * W + padding;
      x.set(full.subarray(from, from + v), (d * h + i) * v);
    }
  }
  return { values: x, shape: [depth, h, v] };
}

/**
 * @param {Float64Array} delta
 * @param {Layer} layer
 * @param {Float64Array} net of the layer before: what is not above 0 passes nothing
 * @returns {Tensor}
 */
function handed(delta, { shape: [units, inputs], w }, net) {
  const before = new Float64Array(inputs);
  for (let u = 0; u < units; u++) for (let k = 0; k < inputs; k++) before[k] += w[u * inputs + k] * delta[u];
  return { values: before.map((one, k) => (net[k] > 0 ? one : 0)), shape: [inputs] };
}

/**
 * @param {Tensor} delta of the pooled map
 * @param {Int32Array} where
 * @param {Tensor} net
 * @returns {Tensor}
 */
function unpooled(delta, where, net) {
  const values = new Float64Array(net.values.length);
  for (const [k, at] of where.entries()) if (net.values[at] > 0) values[at] += delta.values[k];
  return { values, shape: net.shape };
}

/**
 * The probabilities alone.
 *
 * @param {Record<string, Layer>} layers
 * @param {ArrayLike<number>} image
 */
export function probabilitiesOf(layers, image) {
  return forward(layers, image).probabilities;
}

/** @param {Record<string, Layer>} layers @param {ArrayLike<number>} image */
function forward(layers, image) {
  const x = padded({ values: Float64Array.from(image), shape: [1, SIDE, SIDE] }, 2);
  const net1 = convolved(x, layers.conv1),
    pool1 = pooled(net1, 2),
    s1 = relu(pool1);
  const net2 = convolved(s1, layers.conv2),
    pool2 = pooled(net2, 2),
    s2 = relu(pool2);
  const net3 = connected(s2.values, layers.fc1),
    a3 = relu(net3);
  const net4 = connected(a3.values, layers.fc2),
    a4 = relu(net4);
  const net5 = connected(a4.values, layers.output);
  return { net1, pool1, s1, net2, pool2, s2, net3, a3, net4, a4, net5, ...softmax(net5.values) };
}

/**
 * The scores of all windows of a canvas that has its padding around it: the fully connected layers as convolutions.
 *
 * @param {Record<string, Layer>} layers
 * @param {Float64Array} canvas
 * @param {number} height
 * @param {number} width
 */
export function slid({ conv1, conv2, fc1, fc2, output }, canvas, height, width) {
  const kernels = /** @type {(layer: Layer, depth: number, side: number) => Layer} */ (layer, depth, side) => ({
    ...layer,
    shape: [layer.shape[0], depth, side, side],
  });
  const first = relu(pooled(convolved({ values: canvas, shape: [1, height, width] }, conv1), 2));
  const second = relu(pooled(convolved(first, conv2), 2));
  const third = relu(convolved(second, kernels(fc1, 16, 5)));
  const fourth = relu(convolved(third, kernels(fc2, 120, 1)));
  return convolved(fourth, kernels(output, 84, 1));
}

/**
 * @param {Record<string, Layer>} layers
 * @param {ArrayLike<number>} image
 * @param {number} truth
 * @returns {Passed}
 */
export function passed(layers, image, truth) {
  const { net1, pool1, s1, net2, pool2, s2, net3, a3, net4, a4, net5, probabilities, log } = forward(layers, image);
  const d5 = Float64Array.from(probabilities, (p, k) => p - (k === truth ? 1 : 0));
  const d4 = handed(d5, layers.output, net4.values),
    d3 = handed(d4.values, layers.fc2, net3.values);
  const ds2 = handed(d3.values, layers.fc1, s2.values); // where s2 is 0, nothing passes the ReLU before it either
  const d2 = unpooled({ values: ds2.values, shape: s2.shape }, pool2.where, net2);
  const d1 = unpooled(back(d2, layers.conv2, 0), pool1.where, net1);
  return {
    net: { conv1: net1, conv2: net2, fc1: net3, fc2: net4, output: net5 },
    a: {
      conv1: relu(net1),
      conv2: relu(net2),
      fc1: a3,
      fc2: a4,
      output: { values: Float64Array.from(probabilities), shape: [10] },
    },
    pooled: { conv1: s1, conv2: s2 },
    delta: { conv1: d1, conv2: d2, fc1: d3, fc2: d4, output: { values: d5, shape: [10] } },
    sensitivity: back(d1, layers.conv1, 2),
    probabilities,
    loss: log - net5.values[truth],
  };
}
