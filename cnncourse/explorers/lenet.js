// What cnnlib computes, computed in the page: the image of a drawing (drawing.py), and a network forwards (layers.py).
// Plain functions on typed arrays. A map is { values: Float32Array, shape: [channels, rows, columns] or [units] }.
// A browser test compares all of it with the package.

// ---- the image ------------------------------------------------------------------------------------------------------

/** The drawing as MNIST would hold it; `form` has side, box, middle, pen, smallest. Strokes: lists of [row, column]. */
export function digitImage(strokes, form) {
  const { side, box, middle, pen, smallest } = form;
  const values = new Float32Array(side * side);
  const drawn = { values, scale: 0, top: 0, left: 0, mass: [0, 0], height: 0, width: 0 };
  if (!strokes.length) return drawn;
  const low = [1, 1], high = [0, 0];
  for (const stroke of strokes) {
    for (const point of stroke) {
      for (const axis of [0, 1]) {
        low[axis] = Math.min(low[axis], point[axis]);
        high[axis] = Math.max(high[axis], point[axis]);
      }
    }
  }
  const scale = (box - pen) / Math.max(smallest, high[0] - low[0], high[1] - low[1]);
  const place = (point) => [0, 1].map((axis) => (point[axis] - (low[axis] + high[axis]) / 2) * scale + box / 2);
  const ink = inked(strokes.map((stroke) => stroke.map(place)), box, pen);
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
  const [height, width] = sums.map((sum) => sum.filter((mass) => mass > 0).length);
  return { values, scale, top: starts[0], left: starts[1], mass: masses.map((m, k) => m + starts[k]), height, width };
}

/** The ink of a pen that goes along the paths, given in pixels from the corner of the box. */
function inked(paths, box, pen) {
  const near = new Float64Array(box * box).fill(Infinity);
  const reach = pen / 2 + 0.5;
  for (const path of paths) {
    for (let k = 0; k < Math.max(1, path.length - 1); k++) {
      const [r0, c0] = path[k], [r1, c1] = path[Math.min(k + 1, path.length - 1)];
      const down = r1 - r0, right = c1 - c0, length = down * down + right * right;
      // Only pixels near enough to get ink: the others would come out as 0 anyway.
      const [top, bottom] = [Math.min(r0, r1) - reach - 1, Math.max(r0, r1) + reach].map((v) => inside(Math.ceil(v), box));
      const [left, end] = [Math.min(c0, c1) - reach - 1, Math.max(c0, c1) + reach].map((v) => inside(Math.ceil(v), box));
      for (let r = top; r < bottom; r++) {
        for (let c = left; c < end; c++) {
          const y = r + 0.5 - r0, x = c + 0.5 - c0;
          const share = length ? Math.min(Math.max((y * down + x * right) / length, 0), 1) : 0;
          const away = (y - share * down) ** 2 + (x - share * right) ** 2;
          if (away < near[r * box + c]) near[r * box + c] = away;
        }
      }
    }
  }
  return near.map((away) => Math.min(Math.max(reach - Math.sqrt(away), 0), 1));
}

function inside(k, size) {
  return Math.min(Math.max(k, 0), size);
}

// ---- layers ---------------------------------------------------------------------------------------------------------

/** net[k][i][j] = bias[k] + sum of x[c][i + m][j + n] · weight[k][c][m][n], x padded with zeros on all sides. */
export function conv2d({ values, shape }, weight, bias, [filters, channels, rows, columns], padding) {
  const x = padded(values, shape, padding);
  const [H, W] = [shape[1] + 2 * padding, shape[2] + 2 * padding];
  const [height, width] = [H - rows + 1, W - columns + 1];
  const net = new Float32Array(filters * height * width);
  const sums = new Float64Array(height * width);
  for (let k = 0; k < filters; k++) {
    sums.fill(bias[k]);
    for (let c = 0; c < channels; c++) {
      for (let m = 0; m < rows; m++) {
        for (let n = 0; n < columns; n++) {
          const w = weight[((k * channels + c) * rows + m) * columns + n];
          for (let i = 0; i < height; i++) {
            const from = (c * H + i + m) * W + n;
            for (let j = 0; j < width; j++) sums[i * width + j] += w * x[from + j];
          }
        }
      }
    }
    net.set(sums, k * height * width);
  }
  return { values: net, shape: [filters, height, width] };
}

function padded(values, [channels, height, width], padding) {
  if (!padding) return values;
  const [H, W] = [height + 2 * padding, width + 2 * padding];
  const x = new Float32Array(channels * H * W);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < height; i++) {
      const from = (c * height + i) * width;
      x.set(values.subarray(from, from + width), (c * H + i + padding) * W + padding);
    }
  }
  return x;
}

/** The largest of each window of size × size; the windows lie side by side. */
export function maxPool2d({ values, shape: [channels, height, width] }, size) {
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)];
  const a = new Float32Array(channels * rows * columns);
  for (let c = 0, k = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, k++) {
        let largest = -Infinity;
        for (let m = 0; m < size; m++) {
          for (let n = 0; n < size; n++) {
            largest = Math.max(largest, values[(c * height + i * size + m) * width + j * size + n]);
          }
        }
        a[k] = largest;
      }
    }
  }
  return { values: a, shape: [channels, rows, columns] };
}

export function relu({ values, shape }) {
  return { values: values.map((net) => Math.max(net, 0)), shape };
}

/** net = W a + b */
export function linear({ values }, weight, bias, [units, inputs]) {
  const net = new Float32Array(units);
  for (let u = 0; u < units; u++) {
    let sum = bias[u];
    for (let k = 0; k < inputs; k++) sum += weight[u * inputs + k] * values[k];
    net[u] = sum;
  }
  return { values: net, shape: [units] };
}

export function softmax(scores) {
  const largest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// ---- the network ----------------------------------------------------------------------------------------------------

/** The layers with their parameters, cut from one array that holds all of them, weight before bias. */
export function network(layers, parameters) {
  let from = 0;
  const take = (count) => parameters.subarray(from, (from += count));
  return layers.map((layer) => {
    if (!layer.weight) return layer;
    const size = layer.weight.reduce((a, b) => a * b, 1);
    return { ...layer, w: take(size), b: take(layer.weight[0]) };
  });
}

/** What every layer makes of an image: a list of { name, values, shape }. */
export function mapsOf(layers, image, side) {
  let x = { values: image, shape: [1, side, side] };
  const maps = [];
  for (const layer of layers) {
    if (layer.type === "conv2d") x = conv2d(x, layer.w, layer.b, layer.weight, layer.padding);
    else if (layer.type === "maxPool2d") x = maxPool2d(x, layer.size);
    else if (layer.type === "relu") x = relu(x);
    else if (layer.type === "linear") x = linear(x, layer.w, layer.b, layer.weight);
    if (layer.type !== "flatten") maps.push({ name: layer.name, ...x });
  }
  return maps;
}

/** The numbers of a Bytes trait, which need not begin at a multiple of four. */
export function floats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
