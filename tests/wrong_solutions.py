"""Right solutions of the exercises, and wrong ones, as readers write them."""

from __future__ import annotations

LEAKY = """
def my_leaky_relu(x, slope=0.01):
    return np.where(x > 0, x, slope * x)
"""
LEAKY_MASK = """
def my_leaky_relu(x, slope=0.01):
    a = x.astype(float)
    a[x < 0] *= slope
    return a
"""
LEAKY_DERIVATIVE = """
def my_leaky_relu_derivative(x, slope=0.01):
    return np.where(x > 0, 1, slope)
"""
LEAKY_DERIVATIVE_FILL = """
def my_leaky_relu_derivative(x, slope=0.01):
    d = np.full(x.shape, slope)
    d[x > 0] = 1
    return d
"""
ONE_CHANNEL = """
def my_conv2d(x, w, w_b=0.0, stride=1):
    H, W = x.shape
    F_h, F_w = w.shape
    H2 = (H - F_h) // stride + 1
    W2 = (W - F_w) // stride + 1
    net = np.zeros((H2, W2))
    for i in range(H2):
        for j in range(W2):
            for m in range(F_h):
                for n in range(F_w):
                    net[i, j] += w[m, n] * x[i * stride + m, j * stride + n]
            net[i, j] += w_b
    return net
"""
ONE_CHANNEL_WINDOWS = """
def my_conv2d(x, w, w_b=0.0, stride=1):
    rows = range(0, x.shape[0] - w.shape[0] + 1, stride)
    columns = range(0, x.shape[1] - w.shape[1] + 1, stride)
    return np.array([[(x[r:r + w.shape[0], c:c + w.shape[1]] * w).sum() + w_b for c in columns] for r in rows])
"""
MANY_CHANNELS = """
def my_conv2d_layer(x, w, b, stride=1, padding=0):
    P = padding
    x = np.pad(x, ((0, 0), (P, P), (P, P)))
    N, D, F_h, F_w = w.shape
    H2 = (x.shape[1] - F_h) // stride + 1
    W2 = (x.shape[2] - F_w) // stride + 1
    net = np.zeros((N, H2, W2))
    for k in range(N):
        for i in range(H2):
            for j in range(W2):
                for d in range(D):
                    for m in range(F_h):
                        for n in range(F_w):
                            net[k, i, j] += w[k, d, m, n] * x[d, i * stride + m, j * stride + n]
                net[k, i, j] += b[k]
    return net
"""
MANY_CHANNELS_WINDOWS = """
def my_conv2d_layer(x, w, b, stride=1, padding=0):
    padded = np.zeros((x.shape[0], x.shape[1] + 2 * padding, x.shape[2] + 2 * padding))
    padded[:, padding:padding + x.shape[1], padding:padding + x.shape[2]] = x
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("dijmn,kdmn->kij", windows, w) + b[:, None, None]
"""
CONVOLUTION = """
def my_convolve2d(a, b):
    return cnnlib.cross_correlate2d(a, b[::-1, ::-1], mode="full")
"""
CONVOLUTION_SUMS = """
def my_convolve2d(a, b):
    c = np.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1))
    for m in range(a.shape[0]):
        for n in range(a.shape[1]):
            c[m:m + b.shape[0], n:n + b.shape[1]] += a[m, n] * b
    return c
"""
OUTPUT_SIZE = """
def my_output_size(size, kernel, stride=1, padding=0):
    return (size - kernel + 2 * padding) // stride + 1
"""
OUTPUT_SIZE_COUNTED = """
def my_output_size(size, kernel, stride=1, padding=0):
    return len(range(-padding, size + padding - kernel + 1, stride))
"""
MEAN = """
def my_mean_pool2d(x, size, stride, padding=0):
    P = padding
    p, q = size
    S_h, S_w = stride
    x = np.pad(x, ((0, 0), (P, P), (P, P)))
    D, H, W = x.shape
    H2 = (H - p) // S_h + 1
    W2 = (W - q) // S_w + 1
    a = np.zeros((D, H2, W2))
    for d in range(D):
        for i in range(H2):
            for j in range(W2):
                window = x[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q]
                a[d, i, j] = window.sum() / (p * q)
    return a
"""
MEAN_CELLS = """
def my_mean_pool2d(x, size, stride, padding=0):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    rows, columns = ((length - F) // S + 1 for length, F, S in zip(x.shape[1:], size, stride))
    total = 0.0
    for m in range(size[0]):
        for n in range(size[1]):
            total = total + x[:, m::stride[0], n::stride[1]][:, :rows, :columns]
    return total / (size[0] * size[1])
"""
MAX = """
def my_max_pool2d(x, size, stride, padding=0):
    P = padding
    p, q = size
    S_h, S_w = stride
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    D, H, W = x.shape
    H2 = (H - p) // S_h + 1
    W2 = (W - q) // S_w + 1
    a = np.zeros((D, H2, W2))
    for d in range(D):
        for i in range(H2):
            for j in range(W2):
                largest = -np.inf
                for value in x[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q].flat:
                    largest = value if value > largest else largest
                a[d, i, j] = largest
    return a
"""

# For each exercise: a right solution, and its wrong variants. A line at the margin is the name that the check must give
# to the mistake; "value", "shape", "type", "dtype", "error", "changed" and "nothing" are what it must report for those
# that have no name. The lines below are what is changed, old => new; \n begins a new line there.
WRONG = {
    "leaky_relu": (
        LEAKY,
        r"""
plain ReLU
    slope * x => 0
plain ReLU
    np.where(x > 0, x, slope * x) => np.maximum(0, x)
slope ignored
    slope * x => 0.01 * x
sides swapped
    x > 0 => x < 0
slope on both sides
    x, slope * x) => slope * x, slope * x)
identity
    slope * x => x
slope in place of slope times x
    slope * x => slope
sign lost
    slope * x => -slope * x
slope subtracted
    slope * x => x - slope
slope added
    slope * x => x + slope
divided by the slope
    slope * x => x / slope
fractions cut off
    return np => a = np.zeros_like(x)\n    a[...] = np
    slope * x) => slope * x)\n    return a
derivative in place of the function
    x, slope * x) => 1, slope)
flattened
    np.where(x > 0, x, slope * x) => np.array([v if v > 0 else slope * v for v in x.flat])
changed
    return np.where(x > 0, x, slope * x) => x[x < 0] = slope * x[x < 0]\n    return x
error
    np.where(x > 0, x, slope * x) => x if x > 0 else slope * x
type
    np.where(x > 0, x, slope * x) => np.where(x > 0, x, slope * x).tolist()
dtype
    slope * x) => slope * x).astype(np.float32)
nothing
    return => a =
""",
    ),
    "leaky_relu_derivative": (
        LEAKY_DERIVATIVE,
        r"""
derivative of plain ReLU
    slope) => 0)
1 at exactly 0
    x > 0 => x >= 0
0 at exactly 0
    1, slope) => 1, np.where(x < 0, slope, 0))
the mean at exactly 0
    1, slope) => 1, np.where(x < 0, slope, (1 + slope) / 2))
slope ignored
    1, slope) => 1, 0.01)
sides swapped
    1, slope) => slope, 1)
sign of the slope
    1, slope) => 1, -slope)
function in place of the derivative
    1, slope) => x, slope * x)
derivative times x
    1, slope) => 1, slope * x)
x where it is positive
    1, slope) => x, slope)
fractions cut off
    return np.where(x > 0, 1, slope) => d = np.ones_like(x)\n    d[x <= 0] = slope\n    return d
""",
    ),
    "conv2d_one_channel": (
        ONE_CHANNEL,
        r"""
stride ignored
    (H - F_h) // stride => (H - F_h)
    (W - F_w) // stride => (W - F_w)
    net[i, j] += w[m, n] * x[i * stride + m, j * stride + n] => net[i, j] += w[m, n] * x[i + m, j + n]
stride in the size only
    net[i, j] += w[m, n] * x[i * stride + m, j * stride + n] => net[i, j] += w[m, n] * x[i + m, j + n]
stride for rows only
    (W - F_w) // stride => (W - F_w)
    j * stride => j
stride for columns only
    (H - F_h) // stride => (H - F_h)
    i * stride => i
kernel turned by 180°
    w[m, n] => w[F_h - 1 - m, F_w - 1 - n]
kernel upside down
    w[m, n] => w[F_h - 1 - m, n]
kernel mirrored
    w[m, n] => w[m, F_w - 1 - n]
kernel transposed
    w[m, n] => w[n, m]
kernel transposed
    F_h, F_w = w.shape => w = w.T\n    F_h, F_w = w.shape
bias added once per product
    j * stride + n] => j * stride + n] + w_b
    net[i, j] += w_b => pass
bias added once per row of the kernel
    net[i, j] += w_b => pass
    for m in range(F_h): => for m in range(F_h):\n                net[i, j] += w_b
bias forgotten
    net[i, j] += w_b => pass
bias subtracted
    += w_b => -= w_b
bias as a factor
    += w_b => *= w_b
one window too few
    (H - F_h) // stride + 1 => (H - F_h) // stride
    (W - F_w) // stride + 1 => (W - F_w) // stride
rounded up
    (H - F_h) // stride => -(-(H - F_h) // stride)
    (W - F_w) // stride => -(-(W - F_w) // stride)
mean instead of sum
    j * stride + n] => j * stride + n] / w.size
only the last product
    ] += w[m, n] => ] = w[m, n]
ReLU applied
    return net => return np.maximum(net, 0)
kernel taken as square
    F_h, F_w = w.shape => F_h = F_w = w.shape[0]
kernel taken as square
    F_h, F_w = w.shape => F_h = F_w = w.shape[1]
image taken as square
    np.zeros((H2, W2)) => np.zeros((H2, H2))
    range(W2) => range(H2)
zeros around the image
    H, W = x.shape => x = np.pad(x, 1)\n    H, W = x.shape
stride inside the window
    x[i * stride + m, j * stride + n] => x[i + m * stride, j + n * stride]
stride inside the window
    x[i * stride + m, j * stride + n] => x[(i + m) * stride, (j + n) * stride]
rows and columns swapped
    return net => return net.T
result turned
    return net => return net[::-1, ::-1]
sign reversed
    return net => return -net
only zeros
    return net => return np.zeros((H2, W2))
only the first cell
    net[i, j] += w_b => net[i, j] += w_b\n            return net
last row empty
    range(H2) => range(H2 - 1)
last column empty
    range(W2) => range(W2 - 1)
last row missing
    (H - F_h) // stride + 1 => (H - F_h) // stride
last column missing
    (W - F_w) // stride + 1 => (W - F_w) // stride
an axis too many
    return net => return net[None]
flattened
    return net => return net.ravel()
dtype
    np.zeros((H2, W2)) => np.zeros((H2, W2), int)
    w[m, n] * x[i * stride + m, j * stride + n] => int(w[m, n] * x[i * stride + m, j * stride + n])
    += w_b => += int(w_b)
value
    w[m, n] * => (m < 2) * w[m, n] *
value
    return net => return net + (H2 > 3)
shape
    return net => return net[:, :1]
changed
    return net => x[0, 0] = w[0, 0] = 7.5\n    return net
error
    net = np.zeros => net = np.zeroes
nothing
    return net => print(net)
""",
    ),
    "conv2d_many_channels": (
        MANY_CHANNELS,
        r"""
stride ignored
    (x.shape[1] - F_h) // stride => (x.shape[1] - F_h)
    (x.shape[2] - F_w) // stride => (x.shape[2] - F_w)
    i * stride + m, j * stride + n => i + m, j + n
stride in the size only
    i * stride + m, j * stride + n => i + m, j + n
stride for rows only
    (x.shape[2] - F_w) // stride => (x.shape[2] - F_w)
    j * stride => j
stride for columns only
    (x.shape[1] - F_h) // stride => (x.shape[1] - F_h)
    i * stride => i
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P))) =>
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (P, 0), (P, 0)))
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (0, P), (0, P)))
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (2 * P, 0), (2 * P, 0)))
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (0, 2 * P), (0, 2 * P)))
padding along one axis
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (P, P), (0, 0)))
padding along one axis
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (0, 0), (P, P)))
padding with the wrong amount
    P = padding => P = 2 * padding
padding with the wrong amount
    P = padding => P = 1
channels padded too
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, P)
border repeated instead of zeros
    (P, P))) => (P, P)), mode='edge')
channel 0 only
    for d in range(D) => for d in range(1)
channel 0 only
    x[d, i => x[0, i
    w[k, d, m, n] => w[k, 0, m, n] * (d == 0)
last channel only
    for m in range(F_h): => net[k, i, j] = 0\n                    for m in range(F_h):
kernel's channel 0 for all
    w[k, d, m, n] => w[k, 0, m, n]
channels averaged
    w[k, d, m, n] => w[k, d, m, n] / D
channels of the kernel reversed
    w[k, d, m, n] => w[k, D - 1 - d, m, n]
channels of the kernel reversed
    N, D, F_h, F_w = w.shape => w = w[:, ::-1, ::-1, ::-1]\n    N, D, F_h, F_w = w.shape
kernel turned by 180°
    w[k, d, m, n] => w[k, d, F_h - 1 - m, F_w - 1 - n]
kernel transposed
    w[k, d, m, n] => w[k, d, n, m]
kernels and channels swapped
    w[k, d, m, n] => w[d, k, m, n]
bias added once per product
    j * stride + n] => j * stride + n] + b[k]
    net[k, i, j] += b[k] => pass
bias added once per channel
    net[k, i, j] += b[k] => pass
    for m in range(F_h): => net[k, i, j] += b[k]\n                    for m in range(F_h):
bias forgotten
    net[k, i, j] += b[k] => pass
first bias for all maps
    += b[k] => += b[0]
all biases added to each map
    += b[k] => += b.sum()
only the first kernel
    w[k, d, m, n] => w[0, d, m, n]
    += b[k] => += b[0]
only the first kernel
    range(N) => range(1)
only the last kernel
    return net => net[:-1] = 0\n    return net
only the last kernel
    return net => return net[-1:]
maps added up
    return net => return net.sum(axis=0)
maps last
    return net => return np.moveaxis(net, 0, 2)
one window too few
    (x.shape[1] - F_h) // stride + 1 => (x.shape[1] - F_h) // stride
    (x.shape[2] - F_w) // stride + 1 => (x.shape[2] - F_w) // stride
rounded up
    (x.shape[1] - F_h) // stride => -(-(x.shape[1] - F_h) // stride)
    (x.shape[2] - F_w) // stride => -(-(x.shape[2] - F_w) // stride)
ReLU applied
    return net => return np.maximum(net, 0)
value
    w[k, d, m, n] => w[k, d, m, n] * (d < 2)
changed
    P = padding => P = padding\n    b += 1
""",
    ),
    "true_convolution": (
        CONVOLUTION,
        r"""
kernel not turned
    b[::-1, ::-1] => b
kernel turned the wrong way
    b[::-1, ::-1] => b[::-1]
kernel turned the wrong way
    b[::-1, ::-1] => b[:, ::-1]
kernel turned the wrong way
    b[::-1, ::-1] => np.rot90(b)
kernel turned the wrong way
    b[::-1, ::-1] => np.rot90(b, 3)
kernel transposed
    b[::-1, ::-1] => b.T
image turned instead of the kernel
    a, b[::-1, ::-1] => a[::-1, ::-1], b
both turned
    a, b[::-1, ::-1] => a[::-1, ::-1], b[::-1, ::-1]
valid instead of full
    "full" => "valid"
same instead of full
    "full" => "same"
not turned, and valid instead of full
    b[::-1, ::-1] => b
    "full" => "valid"
not turned, and same instead of full
    b[::-1, ::-1] => b
    "full" => "same"
""",
    ),
    "output_size": (
        OUTPUT_SIZE,
        r"""
rounded up
    return (size => return -(-(size
    // stride => // stride)
rounded to the nearest
    return (size => return round((size
    // stride => / stride)
rounded to the nearest
    return (size => return int((size
    // stride => / stride + 0.5)
not rounded
    // => /
1 forgotten
     + 1 =>
1 added before the division
    2 * padding) // stride + 1 => 2 * padding + 1) // stride
divided too late
    (size - kernel + 2 * padding) => size - kernel + 2 * padding
padding counted once
    2 * padding => padding
padding ignored
     + 2 * padding =>
padding subtracted
    + 2 * padding => - 2 * padding
stride ignored
     // stride =>
kernel ignored
     - kernel =>
kernel ignored
     - kernel =>
     + 1 =>
kernel one too small
    2 * padding) => 2 * padding + 1)
off by one
    + 1 => + 2
size of the rest
    // => %
sum of all windows' cells
    (size - kernel + 2 * padding) // stride + 1 => (size - 1) * stride + kernel - 2 * padding
type
    return (size => return np.floor((size
    // stride + 1 => / stride + 1)
type
    return  => return str(
    + 1 => + 1)
value
    + 1 => + 1 if stride < 3 else 1
""",
    ),
    "mean_pool2d": (
        MEAN,
        r"""
maximum instead of mean
    window.sum() / (p * q) => window.max()
    np.pad(x, ((0, 0), (P, P), (P, P))) => np.pad(x + 0.0, ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
sum instead of mean
     / (p * q) =>
mean over the wrong count
    (p * q) => (p * p)
mean over the wrong count
    (p * q) => (q * q)
mean over the wrong count
    (p * q) => p
mean over the wrong count
    (p * q) => q
mean over the wrong count
    (p * q) => (p + q)
mean over the wrong count
    (p * q) => (S_h * S_w)
mean over the wrong count
    (p * q) => (p * q * D)
mean over the wrong count
    (p * q) => ((H - 2 * P) * (W - 2 * P))
mean over the wrong count
    np.pad(x, ((0, 0), (P, P), (P, P))) => np.pad(x + 0.0, ((0, 0), (P, P), (P, P)), constant_values=np.nan)
    window.sum() / (p * q) => np.nanmean(window)
rounded mean
    / (p * q) => // (p * q)
first cell of each window
    window.sum() / (p * q) => window[0, 0]
stride ignored
    S_h, S_w = stride => S_h, S_w = size
stride ignored
    S_h, S_w = stride => S_h, S_w = 1, 1
stride in the size only
    window = x[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q] => window = x[d, i:i + p, j:j + q]
stride axes swapped
    S_h, S_w = stride => S_w, S_h = stride
first stride for both axes
    S_h, S_w = stride => S_h = S_w = stride[0]
window axes swapped
    p, q = size => q, p = size
window taken as square
    p, q = size => p = q = size[0]
window taken as square
    p, q = size => p = q = size[1]
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P))) =>
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (P, 0), (P, 0)))
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (0, P), (0, P)))
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (2 * P, 0), (2 * P, 0)))
padding on one side
    x = np.pad(x, ((0, 0), (P, P), (P, P))) => x = np.pad(x, ((0, 0), (0, 2 * P), (0, 2 * P)))
padding with the wrong amount
    P = padding => P = 2 * padding
channel 0 only
    x[d, i => x[0, i
channel 0 only
    return a => return a[:1]
channel 0 only
    for d in range(D) => for d in range(1)
last channel only
    x[d, i => x[-1, i
channels mixed
    x[d, i => x[:, i
    / (p * q) => / (p * q * D)
channels mixed
    return a => return a.mean(axis=0, keepdims=True)
one window too few
    // S_h + 1 => // S_h
    // S_w + 1 => // S_w
rounded up
    (H - p) // S_h => -(-(H - p) // S_h)
    (W - q) // S_w => -(-(W - q) // S_w)
    window.sum() / (p * q) => window.mean() if window.size else x[9, 9, 9]
fractions cut off
    np.zeros((D, H2, W2)) => np.zeros((D, H2, W2), x.dtype)
only the last map
    for d in range(D): => for d in range(D):\n        a = np.zeros((D, H2, W2))
value
    (p * q) => (p * q + d)
""",
    ),
    "max_pool2d": (
        MAX,
        r"""
running maximum from 0
    largest = -np.inf => largest = 0
max pooling padded with 0
    , constant_values=-np.inf =>
mean instead of maximum
    a[d, i, j] = largest => a[d, i, j] = x[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q].mean()
    , constant_values=-np.inf =>
minimum instead of maximum
    value > largest => value < largest
    largest = -np.inf => largest = np.inf
    =-np.inf) => =np.inf)
largest absolute value
    np.pad(x, => np.pad(np.abs(x),
first cell of each window
    value if value > largest else largest => value if largest == -np.inf else largest
    x[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q].flat => x[d, i * S_h:i * S_h + p, j * S_w:j * S_w + q].flat[:1]
stride ignored
    S_h, S_w = stride => S_h, S_w = size
stride axes swapped
    S_h, S_w = stride => S_w, S_h = stride
padding on one side
    (P, P), (P, P) => (P, 0), (P, 0)
padding ignored
    x = np.pad(x, ((0, 0), (P, P), (P, P)), constant_values=-np.inf) =>
channel 0 only
    x[d, i => x[0, i
channels mixed
    x[d, i => x[:, i
one window too few
    // S_h + 1 => // S_h
    // S_w + 1 => // S_w
value
    value > largest => value > largest + 1
""",
    ),
}
