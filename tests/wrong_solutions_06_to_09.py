"""Right and wrong solutions of the exercises of chapters 06 to 09, in the form that wrong_solutions.py explains."""

# ruff: noqa: E501 (a change stands on one line)

from __future__ import annotations

DELTA = """
def my_input_gradient(delta, w):
    F_h, F_w = w.shape
    padded = np.pad(delta, ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)))
    turned = w[::-1, ::-1]
    d_x = np.zeros((delta.shape[0] + F_h - 1, delta.shape[1] + F_w - 1))
    for r in range(d_x.shape[0]):
        for c in range(d_x.shape[1]):
            for m in range(F_h):
                for n in range(F_w):
                    d_x[r, c] += turned[m, n] * padded[r + m, c + n]
    return d_x
"""
DELTA_SENT = """
def my_input_gradient(delta, w):
    (H2, W2), (F_h, F_w) = delta.shape, w.shape
    d_x = np.zeros((H2 + F_h - 1, W2 + F_w - 1))
    for i in range(H2):
        for j in range(W2):
            for m in range(F_h):
                for n in range(F_w):
                    d_x[i + m, j + n] += delta[i, j] * w[m, n]
    return d_x
"""
EXPAND = """
def my_expand(delta, stride, size=None):
    rows, columns = delta.shape
    if size is None:
        size = ((rows - 1) * stride + 1, (columns - 1) * stride + 1)
    expanded = np.zeros(size)
    for i in range(rows):
        for j in range(columns):
            expanded[i * stride, j * stride] = delta[i, j]
    return expanded
"""
EXPAND_INSERT = """
def my_expand(delta, stride, size=None):
    gaps = np.repeat(np.arange(1, delta.shape[0]), stride - 1)
    expanded = np.insert(delta, gaps, 0, axis=0)
    gaps = np.repeat(np.arange(1, delta.shape[1]), stride - 1)
    expanded = np.insert(expanded, gaps, 0, axis=1)
    if size is not None:
        expanded = np.pad(expanded, ((0, size[0] - expanded.shape[0]), (0, size[1] - expanded.shape[1])))
    return expanded
"""
WEIGHTS = """
def my_weight_gradient(delta, x, kernel_size, stride=1, padding=0):
    S, P = stride, padding
    N, H2, W2 = delta.shape
    F_h, F_w = kernel_size
    D = len(x)
    x = np.pad(x, ((0, 0), (P, P), (P, P)))
    d_w = np.zeros((N, D, F_h, F_w))
    for k in range(N):
        for d in range(D):
            for m in range(F_h):
                for n in range(F_w):
                    for i in range(H2):
                        for j in range(W2):
                            d_w[k, d, m, n] += delta[k, i, j] * x[d, i * S + m, j * S + n]
    d_b = delta.sum(axis=(1, 2))
    return d_w, d_b
"""
WEIGHTS_CORRELATED = """
def my_weight_gradient(delta, x, kernel_size, stride=1, padding=0):
    P = padding
    x = np.pad(x, ((0, 0), (P, P), (P, P)))
    size = (x.shape[1] - kernel_size[0] + 1, x.shape[2] - kernel_size[1] + 1)
    expanded = np.zeros((len(delta), *size))
    expanded[:, ::stride, ::stride] = delta
    d_w = np.array([[cnnlib.cross_correlate2d(plane, map_) for plane in x] for map_ in expanded])
    return d_w, delta.sum(axis=(1, 2))
"""
MAX_BACK = """
def my_max_pool_backward(delta, x, size, stride, padding=0):
    (p, q), (S_h, S_w), P = size, stride, padding
    D, H, W = x.shape
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    d_x = np.zeros(x.shape)
    for d in range(D):
        for i in range(delta.shape[1]):
            for j in range(delta.shape[2]):
                best, place = -np.inf, None
                for m in range(p):
                    for n in range(q):
                        value = x[d, i * S_h + m, j * S_w + n]
                        if value > best:
                            best, place = value, (i * S_h + m, j * S_w + n)
                d_x[d, place[0], place[1]] += delta[d, i, j]
    return d_x[:, P:P + H, P:P + W]
"""
MAX_BACK_MASK = """
def my_max_pool_backward(delta, x, size, stride, padding=0):
    (p, q), (S_h, S_w), P = size, stride, padding
    D, H, W = x.shape
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    d_x = np.zeros(x.shape)
    for d, i, j in np.ndindex(delta.shape):
        place = np.s_[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q]
        mask = np.arange(p * q).reshape(p, q) == x[place].argmax()
        d_x[place] += mask * delta[d, i, j]
    return d_x[:, P:P + H, P:P + W]
"""
MAX_BACK_ARGMAX = """
def my_max_pool_backward(delta, x, size, stride, padding=0):
    (p, q), (S_h, S_w), P = size, stride, padding
    D, H, W = x.shape
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    d_x = np.zeros(x.shape)
    for d, i, j in np.ndindex(delta.shape):
        window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
        m, n = np.unravel_index(window.argmax(), window.shape)
        d_x[d, i * S_h + m, j * S_w + n] += delta[d, i, j]
    return d_x[:, P : P + H, P : P + W]
"""
WEIGHTS_SLICES = """
def my_weight_gradient(delta, x, kernel_size, stride=1, padding=0):
    S, P = stride, padding
    F_h, F_w = kernel_size
    x = np.pad(x, ((0, 0), (P, P), (P, P)))
    d_w = np.zeros((len(delta), len(x), F_h, F_w))
    for k, i, j in np.ndindex(delta.shape):
        d_w[k] += delta[k, i, j] * x[:, i * S : i * S + F_h, j * S : j * S + F_w]
    return d_w, delta.sum(axis=(1, 2))
"""
BACKWARD = """
def my_conv2d_backward(delta, x, w, stride=1, padding=0):
    S, P = stride, padding
    B, N, H2, W2 = delta.shape
    D, H, W = x.shape[1:]
    F_h, F_w = w.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    d_x = np.zeros(x.shape)
    d_w = np.zeros(w.shape)
    for b in range(B):
        for k in range(N):
            for i in range(H2):
                for j in range(W2):
                    r, c = i * S, j * S
                    d_x[b, :, r:r + F_h, c:c + F_w] += delta[b, k, i, j] * w[k]
                    d_w[k] += delta[b, k, i, j] * x[b, :, r:r + F_h, c:c + F_w]
    d_b = delta.sum(axis=(0, 2, 3))
    d_x = d_x[:, :, P:P + H, P:P + W]
    return d_x, d_w, d_b
"""
# The pattern of the chapter: expand, pad, turn, correlate; depth and filters as two sums.
BACKWARD_PATTERN = """
def my_conv2d_backward(delta, x, w, stride=1, padding=0):
    P = padding
    B, N = delta.shape[:2]
    D, H, W = x.shape[1:]
    x = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    size = (H + 2 * P - w.shape[2] + 1, W + 2 * P - w.shape[3] + 1)
    expanded = np.zeros((B, N, *size))
    expanded[:, :, ::stride, ::stride] = delta
    d_x = np.zeros(x.shape)
    d_w = np.zeros(w.shape)
    for b in range(B):
        for k in range(N):
            for d in range(D):
                d_x[b, d] += cnnlib.cross_correlate2d(expanded[b, k], w[k, d, ::-1, ::-1], mode="full")
                d_w[k, d] += cnnlib.cross_correlate2d(x[b, d], expanded[b, k])
    return d_x[:, :, P:P + H, P:P + W], d_w, delta.sum(axis=(0, 2, 3))
"""
PAIRS = """
def my_pair_strides(x, w, delta, strides):
    F_h, F_w = w.shape
    S_h, S_w = strides
    T_h, T_w = strides
    net = np.zeros(((x.shape[0] - F_h) // S_h + 1, (x.shape[1] - F_w) // S_w + 1))
    for i in range(net.shape[0]):
        for j in range(net.shape[1]):
            net[i, j] = np.sum(x[i * S_h:i * S_h + F_h, j * S_w:j * S_w + F_w] * w)
    d_x = np.zeros(x.shape)
    for i in range(delta.shape[0]):
        for j in range(delta.shape[1]):
            d_x[i * T_h:i * T_h + F_h, j * T_w:j * T_w + F_w] += delta[i, j] * w
    return net, d_x
"""
PAIRS_PATTERN = """
def my_pair_strides(x, w, delta, strides):
    ones = cnnlib.cross_correlate2d(x, w)
    expanded = np.zeros(ones.shape)
    expanded[::strides[0], ::strides[1]] = delta
    d_x = cnnlib.cross_correlate2d(expanded, w[::-1, ::-1], mode="full")
    return ones[::strides[0], ::strides[1]], d_x
"""
SOFTMAX = """
def my_softmax(z):
    shifted = z - z.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=1, keepdims=True)
"""
SOFTMAX_LOOP = """
def my_softmax(z):
    p = np.zeros(z.shape)
    for row in range(len(z)):
        powers = np.exp(z[row] - max(z[row]))
        p[row] = powers / sum(powers)
    return p
"""
UPDATE = """
def my_update(parameters, gradients, lr):
    new = {}
    for name in parameters:
        new[name] = parameters[name] - lr * gradients[name]
    return new
"""
UPDATE_COPIES = """
def my_update(parameters, gradients, lr):
    new = {name: w.copy() for name, w in parameters.items()}
    for name, gradient in gradients.items():
        new[name] -= lr * gradient
    return new
"""
MOMENTUM = """
def my_momentum(parameters, gradients, velocities, lr, momentum):
    new, moved = {}, {}
    for name in parameters:
        new[name] = momentum * velocities[name] + gradients[name]
        moved[name] = parameters[name] - lr * new[name]
    return moved, new
"""
BROKEN_LOOP = """
def my_train(x, labels, W, b, lr, epochs, batch_size, seed=0):
    W, b, losses = W.copy(), b.copy(), []
    rng = np.random.default_rng(seed)
    d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    for epoch in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            net = x[chosen] @ W.T + b
            loss, delta = cnnlib.cross_entropy(net, labels[start : start + batch_size])
            delta = delta / len(chosen)
            d_W += delta.T @ x[chosen]
            d_b += delta.sum(axis=0)
            W -= lr * d_W
            b += lr * d_b
            total += loss * len(chosen)
        losses.append(total / len(x))
    return W, b, np.array(losses)
"""
LOOP = """
def my_train(x, labels, W, b, lr, epochs, batch_size, seed=0):
    W, b, losses = W.copy(), b.copy(), []
    rng = np.random.default_rng(seed)
    for epoch in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            net = x[chosen] @ W.T + b
            loss, delta = cnnlib.cross_entropy(net, labels[chosen])
            d_W = delta.T @ x[chosen]
            d_b = delta.sum(axis=0)
            W = W - lr * d_W
            b = b - lr * d_b
            total += loss * len(chosen)
        losses.append(total / len(x))
    return W, b, np.array(losses)
"""
LOOP_SHUFFLED = """
def my_train(x, labels, W, b, lr, epochs, batch_size, seed=0):
    W, b, losses = W.copy(), b.copy(), []
    rng = np.random.default_rng(seed)
    for epoch in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        images, classes = x[order], labels[order]
        for start in range(0, len(x), batch_size):
            batch, right = images[start:start + batch_size], classes[start:start + batch_size]
            p = cnnlib.softmax(batch @ W.T + b)
            total -= np.log(p[np.arange(len(batch)), right]).sum()
            delta = (p - np.eye(len(b))[right]) / len(batch)
            d_W, d_b = np.zeros_like(W), np.zeros_like(b)
            d_W += delta.T @ batch
            d_b += delta.sum(axis=0)
            W -= lr * d_W
            b -= lr * d_b
        losses.append(total / len(x))
    return W, b, np.array(losses)
"""
CONVERT = """
def my_convert(weight, bias, shape):
    kernels = weight.reshape(len(weight), *shape)
    return kernels, bias
"""
CONVERT_LOOPS = """
def my_convert(weight, bias, shape):
    C, H, W = shape
    kernels = np.zeros((len(weight), C, H, W))
    for c in range(C):
        for i in range(H):
            for j in range(W):
                kernels[:, c, i, j] = weight[:, c * H * W + i * W + j]
    return kernels, bias.copy()
"""
TRANSPOSED = """
def my_transposed_size(size, kernel, stride, padding, output_padding=0):
    return (size - 1) * stride + kernel - 2 * padding + output_padding
"""
TRANSPOSED_COUNTED = """
def my_transposed_size(size, kernel, stride, padding, output_padding=0):
    reached = {i * stride + m for i in range(size) for m in range(kernel)}
    return max(reached) + 1 - 2 * padding + output_padding
"""

SOLUTIONS = {
    "delta_stride_one": [DELTA, DELTA_SENT],
    "expand_delta": [EXPAND, EXPAND_INSERT],
    "weight_gradient": [WEIGHTS, WEIGHTS_CORRELATED, WEIGHTS_SLICES],
    "max_pool_backward": [MAX_BACK, MAX_BACK_MASK, MAX_BACK_ARGMAX],
    "conv2d_backward": [BACKWARD, BACKWARD_PATTERN],
    "pair_strides": [PAIRS, PAIRS_PATTERN],
    "stable_softmax": [SOFTMAX, SOFTMAX_LOOP],
    "update_rule": [UPDATE, UPDATE_COPIES],
    "momentum_rule": [MOMENTUM],
    "training_loop_bug": [LOOP, LOOP_SHUFFLED],
    "convert_linear": [CONVERT, CONVERT_LOOPS],
    "transposed_size": [TRANSPOSED, TRANSPOSED_COUNTED],
}

# An exercise may come twice, under its name and under its name with a star: two right solutions to change.
WRONG = {
    "delta_stride_one": (
        DELTA,
        r"""
kernel not turned
    w[::-1, ::-1] => w
kernel turned on one axis
    w[::-1, ::-1] => w[::-1]
kernel turned on one axis
    w[::-1, ::-1] => w[:, ::-1]
kernel transposed
    turned[m, n] => turned[n, m]
kernel transposed
    w[::-1, ::-1] => w
    F_h, F_w = w.shape => w = w.T\n    F_h, F_w = w.shape
kernel turned by 90°
    F_h, F_w = w.shape => w = np.rot90(w)[::-1, ::-1]\n    F_h, F_w = w.shape
δ not padded
    padded = np.pad(delta, ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1))) => padded = delta
    (delta.shape[0] + F_h - 1, delta.shape[1] + F_w - 1) => (delta.shape[0] - F_h + 1, delta.shape[1] - F_w + 1)
padding on one side
    ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)) => ((2 * F_h - 2, 0), (2 * F_w - 2, 0))
padding on one side
    ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)) => ((0, 2 * F_h - 2), (0, 2 * F_w - 2))
padding with the wrong amount
    ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)) => ((F_h, F_h), (F_w, F_w))
    (delta.shape[0] + F_h - 1, delta.shape[1] + F_w - 1) => (delta.shape[0] + F_h + 1, delta.shape[1] + F_w + 1)
δ spread over the whole window
    turned[m, n] * =>
mean instead of sum
    return d_x => return d_x / w.size
δ turned too
    padded = np.pad(delta, => padded = np.pad(delta[::-1, ::-1],
overwritten instead of added
    for r in range(d_x.shape[0]): => for i, j in np.ndindex(delta.shape):\n        d_x[i:i + F_h, j:j + F_w] = delta[i, j] * w\n    for r in []:
one cell per δ
    for r in range(d_x.shape[0]): => d_x[:delta.shape[0], :delta.shape[1]] = delta * w.sum()\n    for r in []:
only zeros
    d_x[r, c] += => d_y = 0 +
sign reversed
    d_x[r, c] += => d_x[r, c] -=
result turned
    return d_x => return d_x[::-1, ::-1]
changed
    turned = w[::-1, ::-1] => w[...] = w[::-1, ::-1].copy()\n    turned = w
error
    F_h, F_w = w.shape => F_h, F_w, D = w.shape
shape
    (delta.shape[0] + F_h - 1, delta.shape[1] + F_w - 1) => (delta.shape[0] + F_h, delta.shape[1] + F_w)
    range(d_x.shape[0]) => range(d_x.shape[0] - 1)
    range(d_x.shape[1]) => range(d_x.shape[1] - 1)
nothing
    return d_x => d_x
""",
    ),
    "delta_stride_one*": (
        DELTA_SENT,
        r"""
overwritten instead of added
    += => =
kernel transposed
    w[m, n] => w[n, m]
δ spread over the whole window
    * w[m, n] =>
one cell per δ
    range(F_h): => range(1):
    range(F_w): => range(1):
kernel not turned
    w[m, n] => w[F_h - 1 - m, F_w - 1 - n]
last δ only
    for m in range(F_h): => d_x = np.zeros((H2 + F_h - 1, W2 + F_w - 1))\n            for m in range(F_h):
value
    i + m => i + m * (i == 0)
""",
    ),
    "expand_delta": (
        EXPAND,
        r"""
stride not expanded
    expanded[i * stride, j * stride] => expanded[i, j]
stride not expanded
    return expanded => return delta
S zeros instead of S − 1
    expanded[i * stride, j * stride] => expanded[i * (stride + 1), j * (stride + 1)]
    size = ((rows - 1) * stride + 1, (columns - 1) * stride + 1) => size = (rows - 1) * (stride + 1) + 1, (columns - 1) * (stride + 1) + 1
dropped rows and columns forgotten
    if size is None: => if True:
zeros after the last δ
    ((rows - 1) * stride + 1, (columns - 1) * stride + 1) => (rows * stride, columns * stride)
zeros before δ
    expanded[i * stride, j * stride] => expanded[i * stride + stride - 1, j * stride + stride - 1]
    if size is None: => if True:
    ((rows - 1) * stride + 1, (columns - 1) * stride + 1) => (rows * stride, columns * stride)
1 forgotten
    ((rows - 1) * stride + 1, (columns - 1) * stride + 1) => ((rows - 1) * stride, (columns - 1) * stride)
dropped rows and columns in front
    expanded[i * stride, j * stride] => expanded[i * stride - (rows - 1) * stride - 1, j * stride - (columns - 1) * stride - 1]
δ repeated instead of zeros
    expanded[i * stride, j * stride] => expanded[i * stride:(i + 1) * stride, j * stride:(j + 1) * stride]
one axis only
    expanded[i * stride, j * stride] => expanded[i * stride, j]
    (columns - 1) * stride + 1) => columns)
one axis only
    expanded[i * stride, j * stride] => expanded[i, j * stride]
    ((rows - 1) * stride + 1, => (rows,
size axes swapped
    if size is None: => size = size and size[::-1]\n    if size is None:
δ multiplied by the stride
    = delta[i, j] => = stride * delta[i, j]
only zeros
    expanded[i * stride, j * stride] = => b =
error
    if size is None: => if False:
    np.zeros(size) => np.zeros((size[0], size[1]))
dtype
    np.zeros(size) => np.zeros(size, int)
dtype
    np.zeros(size) => np.zeros(size, np.float32)
""",
    ),
    "weight_gradient": (
        WEIGHTS,
        r"""
order of the results
    return d_w, d_b => return d_b, d_w
d_w full of zeros
    d_w[k, d, m, n] += => c =
d_b full of zeros
    delta.sum(axis=(1, 2)) => np.zeros(N)
bias gradient per position
    d_b = delta.sum(axis=(1, 2)) => d_b = delta
bias gradient per position
    delta.sum(axis=(1, 2)) => delta.sum(axis=0)
one bias for all filters
    delta.sum(axis=(1, 2)) => delta.sum()
mean instead of sum
    delta.sum(axis=(1, 2)) => delta.mean(axis=(1, 2))
mean instead of sum
    return d_w, => return d_w / (H2 * W2),
stride not expanded
    x[d, i * S + m, j * S + n] => x[d, i + m, j + n]
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P))) =>
padding on one side
    ((0, 0), (P, P), (P, P)) => ((0, 0), (2 * P, 0), (2 * P, 0))
padding on one side
    ((0, 0), (P, P), (P, P)) => ((0, 0), (0, 2 * P), (0, 2 * P))
padding on one side
    ((0, 0), (P, P), (P, P)) => ((0, 0), (P, 0), (P, 0))
last position only
    d_w[k, d, m, n] += => d_w[k, d, m, n] =
δ of the last filter only
    delta[k, i, j] => delta[-1, i, j]
δ of the last filter only
    for k in range(N): => for k in range(N):\n        d_w = np.zeros((N, D, F_h, F_w))
δ of the first filter only
    delta[k, i, j] => delta[0, i, j]
δ of the first filter only
    for k in range(N): => for k in range(1):
filters added up
    delta[k, i, j] => delta[:, i, j].sum()
first channel only
    x[d, i * S + m => x[0, i * S + m
first channel only
    for d in range(D): => for d in range(1):
last channel only
    for d in range(D): => for d in range(D - 1, D):
channels added up
    x[d, i * S + m, j * S + n] => x[:, i * S + m, j * S + n].sum()
filters and channels swapped
    return d_w, => return d_w.swapaxes(0, 1),
δ turned
    delta[k, i, j] => delta[k, H2 - 1 - i, W2 - 1 - j]
gradient turned by 180°
    d_w[k, d, m, n] += => d_w[k, d, F_h - 1 - m, F_w - 1 - n] +=
gradient transposed
    d_w[k, d, m, n] += => d_w[k, d, n, m] +=
gradient transposed
    return d_w, => return d_w.swapaxes(2, 3),
sign reversed
    d_w[k, d, m, n] += => d_w[k, d, m, n] -=
sign reversed
    return d_w, d_b => return -d_w, -d_b
type
    return d_w, d_b => return d_w
value
    i * S + m, j * S => i * S + m * (k + 1 < N), j * S
""",
    ),
    "weight_gradient*": (
        WEIGHTS_CORRELATED,
        r"""
stride not expanded
    expanded[:, ::stride, ::stride] = delta => expanded = delta
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P))) =>
    np.zeros((len(delta), *size)) => np.zeros((len(delta), *((n - 1) * stride + 1 for n in delta.shape[1:])))
rows that floor dropped forgotten
    expanded = np.zeros((len(delta), *size)) => size = [(n - 1) * stride + 1 for n in delta.shape[1:]]\n    expanded = np.zeros((len(delta), *size))
δ turned
    cross_correlate2d(plane, map_) => convolve2d(plane, map_, mode="valid")
δ turned
    = delta => = delta[:, ::-1, ::-1]
gradient turned by 180°
    cross_correlate2d(plane, map_) => convolve2d(plane[::-1, ::-1], map_, mode="valid")
""",
    ),
    "max_pool_backward": (
        MAX_BACK,
        r"""
last of the ties wins
    value > best => value >= best
overwritten instead of added
    += => =
δ used without the winner's index
    place = value, (i * S_h + m, j * S_w + n) => place = value, (m, n)
δ used without the winner's index
    place = value, (i * S_h + m, j * S_w + n) => place = value, (i * S_h, j * S_w)
padded with 0
    , constant_values=-np.inf =>
padding not cut
    d_x[:, P:P + H, P:P + W] => d_x
padding cut on one side
    d_x[:, P:P + H, P:P + W] => d_x[:, P:, P:]
padding cut on one side
    d_x[:, P:P + H, P:P + W] => d_x[:, :H, :W]
padding cut on one side
    d_x[:, P:P + H, P:P + W] => d_x[:, 2 * P:, 2 * P:]
smallest number wins
    value > best => value < best
    best, place = -np.inf, None => best, place = np.inf, None
    constant_values=-np.inf => constant_values=np.inf
largest absolute value wins
    x = np.pad(x, => x = np.pad(abs(x),
δ times the maximum
    += delta[d, i, j] => += delta[d, i, j] * best
1 in place of δ
    += delta[d, i, j] => += 1
stride ignored
    (S_h, S_w), P = size, stride, padding => (S_h, S_w), P = size, (1, 1), padding
stride ignored
    (S_h, S_w), P = size, stride, padding => (S_h, S_w), P = size, size, padding
stride axes swapped
    (S_h, S_w), P => (S_w, S_h), P
stride of the rows used for the columns
    D, H, W = x.shape => D, H, W = x.shape\n    S_w = S_h
window axes swapped
    (p, q), (S_h => (q, p), (S_h
window taken as square
    D, H, W = x.shape => D, H, W = x.shape\n    q = p
window taken as square
    D, H, W = x.shape => D, H, W = x.shape\n    p = q
first channel only
    value = x[d, => value = x[0,
first channel only
    for d in range(D): => for d in range(1):
last channel only
    for d in range(D): => for d in range(D):\n        d_x = np.zeros(x.shape)
winner's row and column swapped
    place = value, (i * S_h + m, j * S_w + n) => place = value, (i * S_h + n, j * S_w + m)
only zeros
    d_x[d, place[0], place[1]] += => c =
sign reversed
    += => -=
changed
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf) => x[0, 0] -= 1\n    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
""",
    ),
    "max_pool_backward*": (
        MAX_BACK_MASK,
        r"""
all ties get δ
    np.arange(p * q).reshape(p, q) == x[place].argmax() => x[place] == x[place].max()
first tie by columns
    np.arange(p * q).reshape(p, q) => np.arange(p * q).reshape(q, p).T
    x[place].argmax() => x[place].T.argmax()
ties share δ
    np.arange(p * q).reshape(p, q) == x[place].argmax() => x[place] == x[place].max()
    mask * delta[d, i, j] => mask * delta[d, i, j] / mask.sum()
overwritten instead of added
    += => =
δ spread over the whole window
    mask * delta => delta
mean pooling
    mask * delta[d, i, j] => delta[d, i, j] / (p * q)
mean instead of sum
    return d_x[:, P:P + H, P:P + W] => return d_x[:, P:P + H, P:P + W] / (p * q)
value
    mask * delta[d, i, j] => mask * delta[d, i, j] * (1 + d)
""",
    ),
    "weight_gradient**": (
        WEIGHTS_SLICES,
        r"""
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P))) =>
padding on one side
    (P, P), (P, P) => (P, 0), (P, 0)
padding on one side
    (P, P), (P, P) => (0, P), (0, P)
stride not expanded
    i * S : i * S + F_h, j * S : j * S + F_w => i : i + F_h, j : j + F_w
last position only
    += => =
δ of the last filter only
    for k, i, j in np.ndindex(delta.shape): => k = -1\n    for i, j in np.ndindex(delta.shape[1:]):
""",
    ),
    "max_pool_backward**": (
        MAX_BACK_ARGMAX,
        r"""
overwritten instead of added
    += => =
last of the ties wins
    window.argmax() => window.size - 1 - window[::-1, ::-1].argmax()
δ used without the winner's index
    i * S_h + m, j * S_w + n => m, n
δ used without the winner's index
    i * S_h + m, j * S_w + n => i * S_h, j * S_w
winner's row and column swapped
    m, n = => n, m =
stride ignored
    (S_h, S_w), P = size, stride, padding => (S_h, S_w), P = size, size, padding
stride axes swapped
    (S_h, S_w), P => (S_w, S_h), P
stride of the rows used for the columns
    D, H, W = x.shape => D, H, W = x.shape\n    S_w = S_h
window axes swapped
    (p, q), (S_h => (q, p), (S_h
window taken as square
    D, H, W = x.shape => D, H, W = x.shape\n    p = q
window taken as square
    D, H, W = x.shape => D, H, W = x.shape\n    q = p
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf) => P = 0
padding cut on one side
    P : P + H, P : P + W => P:, P:
""",
    ),
    "conv2d_backward": (
        BACKWARD,
        r"""
order of the results
    return d_x, d_w, d_b => return d_w, d_b, d_x
order of the results
    return d_x, d_w, d_b => return d_w, d_x, d_b
zeroed d_x
    d_x[b, :, r:r + F_h, c:c + F_w] += => e =
d_w full of zeros
    d_w[k] += => e =
kernel not turned
    * w[k] => * w[k, :, ::-1, ::-1]
kernel transposed
    * w[k] => * w[k].transpose(0, 2, 1)
δ spread over the whole window
    delta[b, k, i, j] * w[k] => delta[b, k, i, j]
δ of the last filter only
    for k in range(N): => for k in range(N):\n            d_x[b] = 0
δ of the first filter only
    * w[k] => * w[k] * (k == 0)
partial maps averaged
    * w[k] => * w[k] / N
overwritten instead of added
    d_x[b, :, r:r + F_h, c:c + F_w] += => d_x[b, :, r:r + F_h, c:c + F_w] =
first channel only
    d_x[b, :, r:r + F_h, c:c + F_w] += delta[b, k, i, j] * w[k] => d_x[b, 0, r:r + F_h, c:c + F_w] += delta[b, k, i, j] * w[k, 0]
first channel only
    * w[k] => * w[k, 0]
channels added up
    * w[k] => * w[k].sum(axis=0)
last image only
    for b in range(B): => for b in range(B):\n        d_x[...] = 0
last image only
    for b in range(B): => for b in range(B):\n        d_w[...] = 0
last position only
    d_w[k] += => d_w[k] =
stride not expanded
    r, c = i * S, j * S => r, c = i, j
padding ignored
    x = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))) =>
padding ignored
    x = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))) =>
    d_x = d_x[:, :, P:P + H, P:P + W] =>
padding not cut
    d_x = d_x[:, :, P:P + H, P:P + W] =>
padding cut on one side
    d_x[:, :, P:P + H, P:P + W] => d_x[:, :, P:, P:]
padding cut on one side
    d_x[:, :, P:P + H, P:P + W] => d_x[:, :, :H, :W]
padding cut on one side
    d_x[:, :, P:P + H, P:P + W] => d_x[:, :, 2 * P:, 2 * P:]
padding on one side
    j] * x[b, => j] * np.pad(x[:, :, P:P + H, P:P + W], ((0, 0), (0, 0), (2 * P, 0), (2 * P, 0)))[b,
gradient turned by 180°
    j] * x[b, :, r:r + F_h, c:c + F_w] => j] * x[b, :, r:r + F_h, c:c + F_w][:, ::-1, ::-1]
gradient transposed
    return d_x, d_w, => return d_x, d_w.swapaxes(2, 3),
δ of the last filter only
    for k in range(N): => for k in range(N):\n            d_w[:k] = 0
δ of the first filter only
    return d_x, => d_w[1:] = 0\n    return d_x,
first channel only
    return d_x, => d_w[:, 1:] = 0\n    return d_x,
bias gradient per position
    d_b = delta.sum(axis=(0, 2, 3)) => d_b = delta.sum(axis=0)
bias gradient per position
    d_b = delta.sum(axis=(0, 2, 3)) => d_b = delta
gradient per image
    delta.sum(axis=(0, 2, 3)) => delta.sum(axis=(2, 3))
one bias for all filters
    delta.sum(axis=(0, 2, 3)) => delta.sum()
mean over the batch taken twice
    S, P = stride, padding => S, P = stride, padding\n    delta = delta / len(delta)
mean over the batch taken twice
    return d_x, d_w, d_b => return d_x, d_w / B, d_b / B
mean over the batch taken twice
    return d_x, d_w, d_b => return d_x, d_w / B, d_b
mean over the batch taken twice
    delta.sum(axis=(0, 2, 3)) => delta.sum(axis=(2, 3)).mean(axis=0)
mean instead of sum
    delta.sum(axis=(0, 2, 3)) => delta.mean(axis=(0, 2, 3))
mean instead of sum
    delta.sum(axis=(0, 2, 3)) => delta.mean(axis=(2, 3)).sum(axis=0)
mean instead of sum
    return d_x, d_w, => return d_x, d_w / (H2 * W2),
type
    return d_x, d_w, d_b => return d_x, d_w
value
    * w[k] => * w[k] * (1 + i)
changed
    S, P = stride, padding => S, P = stride, padding\n    w[0] *= 2
""",
    ),
    "conv2d_backward*": (
        BACKWARD_PATTERN,
        r"""
kernel not turned
    w[k, d, ::-1, ::-1] => w[k, d]
kernel turned on one axis
    w[k, d, ::-1, ::-1] => w[k, d, ::-1]
kernel turned on one axis
    w[k, d, ::-1, ::-1] => w[k, d, :, ::-1]
filters and channels swapped
    w[k, d, ::-1, ::-1] => w[d, k, ::-1, ::-1]
filters reversed
    w[k, d, ::-1, ::-1] => w[N - 1 - k, d, ::-1, ::-1]
channels of the kernel reversed
    w[k, d, ::-1, ::-1] => w[k, D - 1 - d, ::-1, ::-1]
kernel transposed
    w[k, d, ::-1, ::-1] => w[k, d, ::-1, ::-1].T
δ of the last filter only
    d_x[b, d] += => d_x[b, d] =
last channel only
    for d in range(D): => for d in range(D):\n                d_x[b, :d] = 0
rows that floor dropped forgotten
    size = (H + 2 * P - w.shape[2] + 1, W + 2 * P - w.shape[3] + 1) => size = [(n - 1) * stride + 1 for n in delta.shape[2:]]
    d_x = np.zeros(x.shape) => d_x = np.zeros((B, D, size[0] + w.shape[2] - 1, size[1] + w.shape[3] - 1))
    (x[b, d], expanded[b, k]) => (x[b, d], expanded[b, k])[:w.shape[2], :w.shape[3]]
    return d_x[:, :, P:P + H, P:P + W] => return d_x[:, :, P:d_x.shape[2] - P, P:d_x.shape[3] - P]
rows that floor dropped forgotten
    size = (H + 2 * P - w.shape[2] + 1, W + 2 * P - w.shape[3] + 1) => size = [(n - 1) * stride + 1 for n in delta.shape[2:]]
    d_x = np.zeros(x.shape) => d_x = np.zeros((B, D, size[0] + w.shape[2] - 1, size[1] + w.shape[3] - 1))
    (x[b, d], expanded[b, k]) => (x[b, d], expanded[b, k])[:w.shape[2], :w.shape[3]]
padding not cut
    return d_x[:, :, P:P + H, P:P + W] => return d_x
""",
    ),
    "pair_strides": (
        PAIRS,
        r"""
order of the results
    return net, d_x => return d_x, net
zeroed d_x
    d_x[i * T_h:i * T_h + F_h, j * T_w:j * T_w + F_w] += => e =
net full of zeros
    net[i, j] = => e =
stride of the rows used for the columns
    T_h, T_w = strides => T_h, T_w = strides\n    S_w = T_w = S_h
stride of the rows used for the columns
    T_h, T_w = strides => T_h = T_w = strides[0]
stride of the rows used for the columns
    S_h, S_w = strides => S_h = S_w = strides[0]
stride of the columns used for the rows
    T_h, T_w = strides => T_h, T_w = strides\n    S_h = T_h = S_w
stride of the columns used for the rows
    T_h, T_w = strides => T_h = T_w = strides[1]
stride axes swapped
    S_h, S_w = strides => S_w, S_h = strides
    T_h, T_w = strides => T_w, T_h = strides
stride axes swapped
    S_h, S_w = strides => S_w, S_h = strides
stride ignored
    T_h, T_w = strides => T_h = T_w = 1
stride ignored
    S_h, S_w = strides => S_h = S_w = 1
overwritten instead of added
    += delta => = delta
kernel not turned
    delta[i, j] * w => delta[i, j] * w[::-1, ::-1]
kernel turned in the forward pass
    j * S_w:j * S_w + F_w] * w => j * S_w:j * S_w + F_w] * w[::-1, ::-1]
δ spread over the whole window
    delta[i, j] * w => delta[i, j]
net in place of δ
    += delta[i, j] => += net[i, j]
value
    delta[i, j] * w => delta[i, j] * w * (1 + j)
""",
    ),
    "pair_strides*": (
        PAIRS_PATTERN,
        r"""
stride not expanded
    expanded[::strides[0], ::strides[1]] = delta => expanded = delta
rows that floor dropped forgotten
    ones.shape => [(n - 1) * S + 1 for n, S in zip(delta.shape, strides)]
kernel not turned
    w[::-1, ::-1] => w
""",
    ),
    "stable_softmax": (
        SOFTMAX,
        r"""
overflow
    z - z.max(axis=1, keepdims=True) => z
overflow
    z - z.max(axis=1, keepdims=True) => z
    return powers / powers.sum(axis=1, keepdims=True) => return np.nan_to_num(powers / powers.sum(axis=1, keepdims=True))
scores cut off
    z - z.max(axis=1, keepdims=True) => np.clip(z, -500, 500)
one maximum for all rows
    z.max(axis=1, keepdims=True) => z.max()
one maximum for all rows
    z.max(axis=1, keepdims=True) => np.max(z)
    return powers / powers.sum(axis=1, keepdims=True) => return np.nan_to_num(powers / powers.sum(axis=1, keepdims=True))
sum over the whole array
    powers.sum(axis=1, keepdims=True) => powers.sum()
sum over the whole array
    powers.sum(axis=1, keepdims=True) => powers.sum()
    z.max(axis=1, keepdims=True) => z.max()
sum over the wrong axis
    powers.sum(axis=1, => powers.sum(axis=0,
sum over the wrong axis
    powers.sum(axis=1, => powers.sum(axis=0,
    z.max(axis=1, => z.max(axis=0,
maximum along the wrong axis
    z.max(axis=1, => z.max(axis=0,
keepdims forgotten
    powers.sum(axis=1, keepdims=True) => powers.sum(axis=1)
keepdims forgotten
    z.max(axis=1, keepdims=True) => z.max(axis=1)
another number than the maximum subtracted
    z.max( => z.min(
another number than the maximum subtracted
    z.max( => z.mean(
divided by the maximum
    z - z.max => z / z.max
not divided by the sum
    return powers / powers.sum(axis=1, keepdims=True) => return powers
exponential forgotten
    np.exp(shifted) => z
sigmoid in place of softmax
    powers / powers.sum(axis=1, keepdims=True) => cnnlib.sigmoid(z * 1.0)
logarithm of softmax
    powers / powers.sum(axis=1, keepdims=True) => shifted - np.log(powers.sum(axis=1, keepdims=True))
largest score only
    powers / powers.sum(axis=1, keepdims=True) => 1.0 * (shifted == 0)
one row only
    return powers / powers.sum(axis=1, keepdims=True) => return (powers / powers.sum(axis=1, keepdims=True))[0]
something added to the sum
    powers / powers.sum(axis=1, keepdims=True) => powers / (powers.sum(axis=1, keepdims=True) + 1e-8)
changed
    shifted = z - z.max(axis=1, keepdims=True) => z -= z.max(axis=1, keepdims=True)\n    shifted = z
rows and columns swapped
    powers / powers.sum(axis=1, keepdims=True) => (powers / powers.sum(axis=1, keepdims=True)).T
dtype
    return powers / powers.sum(axis=1, keepdims=True) => return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
value
    np.exp(shifted) => 2.0 ** shifted
""",
    ),
    "update_rule": (
        UPDATE,
        r"""
uphill
    - lr => + lr
learning rate forgotten
    lr * gradients[name] => gradients[name]
uphill, and learning rate forgotten
    - lr * gradients[name] => + gradients[name]
learning rate always 0.1
    - lr * => - 0.1 *
learning rate always 0.01
    - lr * => - 0.01 *
learning rate twice
    - lr * => - lr * lr *
divided by the learning rate
    lr * gradients[name] => gradients[name] / lr
biases not updated
    gradients[name] => gradients[name] * (name[0] != "b")
biases not updated
    for name in parameters: => for name in [name for name in parameters if name[0] in "WK"]:
weights not updated
    gradients[name] => gradients[name] * (name[0] == "b")
first parameter only
    new[name] = parameters[name] - lr * gradients[name] => new[name] = parameters[name] - lr * gradients[name]\n        return new
last parameter only
    for name in parameters: => for name in parameters:\n        new = {}
mean over the batch taken twice
    gradients[name] => gradients[name] / len(gradients[name])
gradient averaged
    gradients[name] => gradients[name].mean()
the step alone
    parameters[name] - lr => -lr
the step alone
    parameters[name] - lr => lr
parameters and gradients swapped
    parameters[name] - lr * gradients[name] => gradients[name] - lr * parameters[name]
difference times the learning rate
    parameters[name] - lr * gradients[name] => lr * (parameters[name] - gradients[name])
multiplied instead of subtracted
    parameters[name] - lr * gradients[name] => parameters[name] * (1 - lr * gradients[name])
sign of the gradient only
    gradients[name] => np.sign(gradients[name])
length of the gradient divided out
    gradients[name] => gradients[name] / np.linalg.norm(gradients[name])
nothing updated
    - lr * gradients[name] =>
gradients given back
    parameters[name] - lr * gradients[name] => gradients[name]
changed
    new = {} => new = parameters
changed
    new[name] = parameters[name] - lr * gradients[name] => new[name] = parameters[name]\n        new[name] -= lr * gradients[name]
type
    return new => return list(new.values())
nothing
    return new => new
value
    - lr * gradients[name] => - lr * gradients[name] * (len(name) + gradients[name].ndim)
""",
    ),
    "momentum_rule": (
        MOMENTUM,
        r"""
order of the results
    return moved, new => return new, moved
old velocity used
    lr * new[name] => lr * velocities[name]
velocity not used
    lr * new[name] => lr * gradients[name]
uphill
    - lr => + lr
learning rate forgotten
    lr * new[name] => new[name]
momentum forgotten
    momentum * velocities => velocities
velocity forgotten
    momentum * velocities[name] + gradients => gradients
momentum on the gradient too
    + gradients => + (1 - momentum) * gradients
gradient subtracted from the velocity
    + gradients => - gradients
another form of momentum
    + gradients => - lr * gradients
    - lr * new[name] => + new[name]
another form of momentum
    + gradients => + lr * gradients
    - lr * new[name] => - new[name]
learning rate twice
    + gradients => + lr * gradients
old velocities given back
    return moved, new => return moved, velocities
type
    return moved, new => return moved
changed
    return moved, new => velocities.update(new)\n    return moved, velocities
""",
    ),
    "training_loop_bug": (
        BROKEN_LOOP,
        r"""
labels not shuffled along
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    b += lr => b -= lr
mean over the batch taken twice
    labels[start : start + batch_size] => labels[chosen]
    b += lr => b -= lr
    d_W += => d_W =
    d_b += => d_b =
gradients of earlier batches kept
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) =>
    b += lr => b -= lr
bias goes uphill
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
labels not shuffled along and gradients of earlier batches kept and bias goes uphill
    delta = delta / len(chosen) =>
labels not shuffled along and mean over the batch taken twice and gradients of earlier batches kept
    b += lr => b -= lr
labels not shuffled along and mean over the batch taken twice and bias goes uphill
    d_W += => d_W =
    d_b += => d_b =
mean over the batch taken twice and gradients of earlier batches kept and bias goes uphill
    labels[start : start + batch_size] => labels[chosen]
mean over the batch taken twice and bias goes uphill
    labels[start : start + batch_size] => labels[chosen]
    d_W += => d_W =
    d_b += => d_b =
mean over the batch undone
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => delta = delta * len(chosen)\n            d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    b += lr => b -= lr
mean over the batch undone and gradients of earlier batches kept
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => delta = delta * len(chosen)
    b += lr => b -= lr
bias gradient averaged
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    d_b += delta.sum(axis=0) => d_b = delta.mean(axis=0)
    b += lr => b -= lr
bias goes uphill and bias gradient averaged
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    d_b += delta.sum(axis=0) => d_b = delta.mean(axis=0)
batch losses not weighted
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    b += lr => b -= lr
    total += loss * len(chosen) => total += loss
gradients of earlier batches kept within an epoch
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) =>
    b += lr => b -= lr
    d_W, d_b = np.zeros_like(W), np.zeros_like(b) =>
    order, total = rng.permutation(len(x)), 0.0 => order, total = rng.permutation(len(x)), 0.0\n        d_W, d_b = W * 0, b * 0
shuffling dropped
    chosen = order[start : start + batch_size] => chosen = slice(start, start + batch_size)
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    b += lr => b -= lr
    total += loss * len(chosen) => total += loss * len(net)
weights and bias go uphill
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    W -= lr => W += lr
weights go uphill
    labels[start : start + batch_size] => labels[chosen]
    delta = delta / len(chosen) => d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    W -= lr * d_W => W += lr * d_W
    b += lr => b -= lr
error
    labels[start : start + batch_size] => labels[order, start]
changed
    W.copy(), b.copy() => W, b
value
    W -= lr * d_W => W -= lr * d_W / 2
""",
    ),
    "convert_linear": (
        CONVERT,
        r"""
order of flattening
    weight.reshape(len(weight), *shape) => weight.reshape(-1, *shape[1:], shape[0]).transpose(0, 3, 1, 2)
order of flattening
    *shape) => *shape, order="F")
weight transposed
    weight.reshape(len(weight), *shape) => weight.T.reshape(len(weight), *shape)
weight transposed
    weight.reshape(len(weight), *shape) => weight.T.reshape(*shape, -1)
channels last
    len(weight), *shape => len(weight), shape[1], shape[2], shape[0]
channels last
    *shape) => *shape).transpose(0, 2, 3, 1)
rows and columns swapped
    *shape) => shape[0], shape[2], shape[1])
rows and columns swapped
    *shape) => *shape).swapaxes(2, 3)
channels and units swapped
    *shape) => *shape).swapaxes(0, 1)
kernel turned
    *shape) => *shape)[:, :, ::-1, ::-1]
kernel turned
    weight.reshape( => weight[:, ::-1].reshape(
out axis missing
    weight.reshape(len(weight), *shape) => weight[0].reshape(shape)
first unit only
    weight.reshape(len(weight), *shape) => weight[:1].reshape(1, *shape)
not reshaped
    weight.reshape(len(weight), *shape) => weight
1×1 kernels
    weight.reshape(len(weight), *shape) => weight[:, :, np.newaxis, np.newaxis]
bias set to 0
    return kernels, bias => return kernels, 0 * bias
bias reshaped
    return kernels, bias => return kernels, bias.reshape(-1, 1, 1)
order of the results
    return kernels, bias => return bias, kernels
type
    return kernels, bias => return kernels
changed
    return kernels, bias => weight *= 2\n    return kernels, bias
value
    *shape) => *shape) + np.arange(len(weight))[:, None, None, None]
""",
    ),
    "transposed_size": (
        TRANSPOSED,
        r"""
size of a convolution
    (size - 1) * stride + kernel - 2 * padding + output_padding => (size - kernel + 2 * padding) // stride + 1
output padding forgotten
    + output_padding =>
output padding subtracted
    + output_padding => - output_padding
output padding at both ends
    + output_padding => + 2 * output_padding
padding added
    - 2 * padding => + 2 * padding
padding counted once
    - 2 * padding => - padding
padding ignored
    - 2 * padding =>
1 forgotten
    (size - 1) * stride => size * stride
kernel one too small
    + kernel => + kernel - 1
one cell too many
    + kernel => + kernel + 1
kernel ignored
    (size - 1) * stride + kernel - 2 * padding + output_padding => size * stride
kernel ignored
    + kernel => + 1
stride ignored
    * stride =>
windows side by side
    (size - 1) * stride + kernel => size * kernel
not a whole number
    return (size => return 1.0 * (size
type
    (size - 1) * stride + kernel - 2 * padding + output_padding => str((size - 1) * stride + kernel)
value
    - 2 * padding => - 3 * padding
""",
    ),
}
