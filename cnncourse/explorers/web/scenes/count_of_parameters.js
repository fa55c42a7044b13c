/** The scene of the count of parameters, as parameter_calculator.py has it. */

import { axis, general, powerOf, precise, raised, twoBars } from "../numbers.js";
import { program, sceneWith } from "../scene.js";
import { fill, grouped } from "../sentences.js";

/** @import { CodeOf, Plot, ReadingOf, SceneOf, Settings, Texts } from "../types.js" */

export const PLOTS = 1;
export const LOOK = "cnnx-silent";
const LARGEST = 15;

/** @param {Settings} settings */
function countsOf({ size, depth, units, kernel, filters }) {
  return { dense: (size * size * depth + 1) * units, shared: (kernel * kernel * depth + 1) * filters };
}

/** @type {SceneOf} */
export function sceneOf({ texts }, settings) {
  const { size, kernel, filters } = settings;
  const { dense, shared } = countsOf(settings);
  const gaps = {
    ...settings,
    units: grouped(settings.units),
    dense: grouped(dense),
    shared: grouped(shared),
    maps: size - kernel + 1,
  };
  const line_dense = fill(texts.line_dense, gaps);
  if (kernel > size) return sceneWith({ lines: [line_dense], message: fill(texts.misfit, gaps), plots: [] });
  const name = dense === shared ? "same" : dense > shared ? "dense_more" : "shared_more";
  const ratio = times(Math.max(dense, shared) / Math.min(dense, shared));
  return sceneWith({
    lines: [line_dense, fill(texts.line_shared, gaps)],
    sentence: fill(texts[name], { ratio }) + fill(texts[filters === 1 ? "one_map" : "maps"], gaps),
    plots: [plotOf(texts, dense, shared)],
  });
}

/** @param {Texts} texts @param {number} dense @param {number} shared @returns {Plot} */
function plotOf(texts, dense, shared) {
  const said = { dense: grouped(dense), shared: grouped(shared) };
  /** @type {[number, string][]} */
  const ticks = [0, 3, 6, 9, 12, 15].map((k) => [powerOf(k), k ? `10${raised(k)}` : "1"]);
  return {
    title: texts.title,
    said: fill(texts.said, said),
    x: axis(texts.axis, 1, powerOf(LARGEST), ticks, true),
    ...twoBars([dense, shared], [fill(texts.tag_dense, said), fill(texts.tag_shared, said)], 1, ticks),
    items: [],
  };
}

/**
 * A ratio with about three digits.
 *
 * @param {number} ratio
 */
function times(ratio) {
  return ratio < 100 ? general(ratio, 3) : grouped(precise(ratio, 3));
}

/** @type {ReadingOf} */
export function readingOf({ texts }, _, settings) {
  const { dense, shared } = countsOf(settings);
  return fill(texts.reading, { dense: grouped(dense), shared: grouped(shared) });
}

/** A program that counts. @type {CodeOf} */
export function codeOf({ texts }, settings, library) {
  return program(texts, library, { inputs: settings.size ** 2 * settings.depth, ...settings });
}
