/** The scene of the learning rate, as learning_rate.py has it. */

import { axis, digits, dots, fixed, general, label, line, powerOf, powers, ticks } from "../numbers.js";
import { program, sceneWith } from "../scene.js";
import { fill } from "../sentences.js";
import { asFloat } from "./activation_function.js";

/**
 * @import { CodeOf, Data, Plot, ReadingOf, SceneOf, Settings, Texts } from "../types.js"
 *
 * @typedef {object} Bowl
 * @property {number[][]} hessian
 * @property {number[]} minimum
 * @property {number} lowest
 * @property {number[]} curvatures the smaller first
 * @property {number[][]} directions in columns
 *
 * @typedef {object} Descent
 * @property {Bowl} bowl
 * @property {number[][]} path
 * @property {number[]} losses
 * @property {number} limit
 * @property {number} down
 * @property {number | null} arrived
 * @property {string} state
 */

export const FIRST = 0;
export const LOOK = "cnnx-many";
const FROM = [0, 1],
  THERE = 0.01,
  GONE = 1e12,
  ENDS = [5, 10, 20, 30, 50, 100, 200],
  LEVELS = 14,
  CORNERS = 64;

/** @param {Bowl} bowl @param {number[]} place */
function gradientOf({ hessian: [[p, q], [, r]], minimum }, [w, w_b]) {
  const a = w - minimum[0],
    b = w_b - minimum[1];
  return [p * a + q * b, q * a + r * b];
}

/** @param {Bowl} bowl @param {number[]} place */
function lossOf(bowl, place) {
  const [da, db] = gradientOf(bowl, place);
  return bowl.lowest + 0.5 * ((place[0] - bowl.minimum[0]) * da + (place[1] - bowl.minimum[1]) * db);
}

/** @param {Data} data @param {Settings} settings @returns {Descent} */
function descentOf({ known }, { inputs, rate, momentum, steps }) {
  /** @type {Bowl} */
  const bowl = known.bowls[inputs];
  let place = FROM,
    speed = [0, 0];
  const path = [place],
    losses = [lossOf(bowl, place)];
  for (let k = 0; k < steps && losses[k] <= GONE; k++) {
    const gradient = gradientOf(bowl, place);
    speed = speed.map((v, a) => momentum * v + gradient[a]);
    place = place.map((p, a) => p - rate * speed[a]);
    path.push(place);
    losses.push(lossOf(bowl, place));
  }
  const limit = (2 * (1 + momentum)) / bowl.curvatures[1];
  const downs = losses.map((loss) => 1 - (loss - bowl.lowest) / (losses[0] - bowl.lowest));
  const outside = downs.findLastIndex((one) => one < 1 - THERE);
  const arrived = outside < losses.length - 1 ? outside + 1 : null;
  let state = rate > limit ? "diverges" : arrived === null ? "slow" : "arrives";
  if (Math.abs(rate - limit) <= 1e-9 * Math.max(rate, limit)) state = "limit";
  return { bowl, path, losses, limit, down: downs[losses.length - 1], arrived, state };
}

/** @type {SceneOf} */
export function sceneOf(data, settings) {
  const { texts, known } = data;
  const descent = descentOf(data, settings);
  return sceneWith({
    lines: linesOf(texts, descent, settings),
    sentence: sentenceOf(texts, descent, settings),
    plots: [pathOf(texts, known.views[settings.inputs], descent), lossesOf(texts, descent, settings.steps)],
  });
}

/**
 * A number with three digits that count, and a true minus sign.
 *
 * @param {number} value
 */
function signed(value) {
  return Math.abs(value) >= 1e-9 ? (value < 0 ? "−" : "") + digits(Math.abs(value)) : "0";
}

/** @param {Texts} texts @param {number} n */
function stepsOf(texts, n) {
  return fill(texts.steps[n === 1 ? 0 : 1], { n });
}

/** @param {Texts} texts @param {Descent} descent @param {Settings} settings */
function linesOf(texts, { bowl, losses, limit }, { rate, momentum }) {
  const gaps = {
    rate: digits(rate),
    momentum: general(momentum, 6),
    flat: digits(bowl.curvatures[0]),
    steep: digits(bowl.curvatures[1]),
    limit: digits(limit),
    first: digits(losses[0]),
    last: digits(losses[losses.length - 1]),
    lowest: digits(bowl.lowest),
    steps: stepsOf(texts, losses.length - 1),
  };
  const names = momentum ? ["line_momentum", "line_limit_momentum"] : ["line_plain", "line_limit"];
  return [...names, "line_loss"].map((name) => fill(texts[name], gaps));
}

/** @param {Texts} texts @param {Descent} descent @param {Settings} settings */
function sentenceOf(texts, descent, { rate, momentum }) {
  const { bowl, losses, state, limit } = descent;
  const last = losses[losses.length - 1],
    steps = stepsOf(texts, losses.length - 1),
    [flat, steep] = bowl.curvatures;
  if (state === "limit") return texts.limit;
  if (state === "diverges") {
    const grown = last / losses[0];
    return fill(texts[last > GONE ? "gone" : grown > 1 ? "diverges" : "will_diverge"], { steps, grown: digits(grown) });
  }
  let toAndFro = momentum >= 0.8 ? texts.rolls : "";
  if (momentum === 0 && rate > (1 + 1e-9) / steep) toAndFro = texts.valley;
  if (state === "arrives") return fill(texts.arrives, { steps: stepsOf(texts, descent.arrived ?? 0) }) + toAndFro;
  const share = 100 * descent.down;
  const way = fill(texts.way[share < -0.5 ? 2 : share >= 0.5 ? 0 : 1], { share: fixed(share, 0) });
  const [inFlat, inSteep] = leftOf(descent);
  if (toAndFro && inSteep > inFlat && momentum === 0)
    return fill(texts.large, { way, steps }) + toAndFro + texts.quicker;
  const near = rate > 0.3 * limit;
  const crawls = near && flat < 0.2 * steep && inFlat > inSteep;
  return fill(texts[near || momentum ? "slow" : "small"], { way, steps }) + (crawls ? texts.crawls : toAndFro);
}

/** How much of the way is left in the flat, and in the steep direction. @param {Descent} descent */
function leftOf({ bowl, path }) {
  const [w, w_b] = path[path.length - 1];
  const a = w - bowl.minimum[0],
    b = w_b - bowl.minimum[1];
  return bowl.curvatures.map((c, k) => c * (bowl.directions[0][k] * a + bowl.directions[1][k] * b) ** 2);
}

/**
 * @param {Texts} texts
 * @param {[number, number][]} view
 * @param {Descent} descent
 * @returns {Plot}
 */
function pathOf(texts, [[wLow, wHigh], [bLow, bHigh]], { bowl, path }) {
  const away = path.map(([w, w_b]) =>
    Math.max(
      Math.abs((w - (wHigh + wLow) / 2) / (wHigh - wLow)),
      Math.abs((w_b - (bHigh + bLow) / 2) / (bHigh - bLow)),
    ),
  );
  const end = away.findIndex((one) => one > 50);
  const seen = end < 0 ? path : path.slice(0, end);
  const low = bowl.minimum,
    [w, w_b] = path[path.length - 1];
  const marks = [
    ...levelsOf(bowl).map((ellipse) => line(ellipse, "level")),
    line(seen, "thin"),
    dots(seen.slice(1)),
    dots([FROM], "start"),
    dots([low], "goal"),
    label(texts.start, FROM[0], FROM[1], "start", "above"),
    label(texts.minimum, low[0], low[1], "start", "right"),
  ];
  const gaps = { w: signed(w), w_b: signed(w_b), low_w: signed(low[0]), low_w_b: signed(low[1]) };
  return {
    title: texts.path,
    said: fill(texts.said_path, gaps),
    x: axis(texts.weight, wLow, wHigh, ticks(wLow, wHigh)),
    y: axis(texts.bias, bLow, bHigh, ticks(bLow, bHigh)),
    marks,
    items: path,
  };
}

/** @type {WeakMap<Bowl, number[][][]>} */
const known = new WeakMap();

/** Lines of equal loss: ellipses. @param {Bowl} bowl */
function levelsOf(bowl) {
  const before = known.get(bowl);
  if (before) return before;
  const { minimum, curvatures, directions } = bowl;
  const found = Array.from({ length: LEVELS }, (_, level) => {
    const size = Math.sqrt(2 * 0.01 * 2 ** level);
    return Array.from({ length: CORNERS + 1 }, (_, k) => {
      const turn = (2 * Math.PI * k) / CORNERS;
      const along = [Math.cos(turn) / Math.sqrt(curvatures[0]), Math.sin(turn) / Math.sqrt(curvatures[1])];
      return [0, 1].map((a) => minimum[a] + size * (directions[a][0] * along[0] + directions[a][1] * along[1]));
    });
  });
  known.set(bowl, found);
  return found;
}

/** @param {Texts} texts @param {Descent} descent @param {number} steps @returns {Plot} */
function lossesOf(texts, { bowl: { lowest }, losses }, steps) {
  const last = /** @type {number} */ (ENDS.find((end) => steps <= end));
  const at = [0, 1, 2, 3, 4, 5].map((k) => Math.floor((k * last) / 5));
  const x = axis(
    texts.step,
    -0.02 * last,
    1.02 * last,
    at.map((k) => [k, String(k)]),
  );
  const points = losses.map((loss, k) => [k, Math.min(loss, 1e6)]);
  const level = [
    [x.low, lowest],
    [x.high, lowest],
  ];
  return {
    title: texts.losses,
    said: fill(texts.said_losses, {
      first: digits(losses[0]),
      last: digits(losses[losses.length - 1]),
      lowest: digits(lowest),
    }),
    x,
    y: axis("", powerOf(-2), powerOf(2), powers(-2, 2), true),
    marks: [
      line(level, "soft"),
      line(points, "thin"),
      dots(points),
      label(fill(texts.lowest, { lowest: digits(lowest) }), x.high, lowest, "end", "below"),
    ],
    items: points,
  };
}

/** @type {ReadingOf} */
export function readingOf(data, _, settings, k) {
  const { bowl, path, losses } = descentOf(data, settings);
  const [w, w_b] = path[k],
    [dw, db] = gradientOf(bowl, path[k]);
  const gaps = { k, w: signed(w), w_b: signed(w_b), loss: digits(losses[k]), dw: signed(dw), db: signed(db) };
  return fill(data.texts[k ? "reading" : "reading_start"], gaps);
}

/** A program that goes the steps. @type {CodeOf} */
export function codeOf({ texts }, { inputs, rate, momentum, steps }, library) {
  const gaps = { rate: asFloat(rate), momentum: asFloat(momentum), steps, scaled: texts.scaled[inputs] };
  return program(texts, library, gaps);
}
