/** The scene of small kernels stacked against a large one, as stacked_kernels.py has it. */

import { axis, ticks, twoBars } from "../numbers.js";
import { program, sceneWith } from "../scene.js";
import { fill, grouped } from "../sentences.js";

/** @import { CodeOf, Plot, ReadingOf, SceneOf, Settings, Texts } from "../types.js" */

export const PLOTS = 2;
export const LOOK = "cnnx-silent";
const MOST = { weights: 125, kept: 6 };

/** @param {Settings} settings */
function countsOf({ layers, channels, size }) {
  const F = 2 * layers + 1,
    parts = [9 * layers, F * F];
  const weights = parts.map((part) => part * channels ** 2);
  return { F, parts, weights, work: weights.map((count) => count * size * size) };
}

/** @type {SceneOf} */
export function sceneOf({ texts }, settings) {
  const { layers, channels, size } = settings;
  const { F, parts, weights, work } = countsOf(settings);
  const kept = channels * size * size;
  const gaps = {
    ...{ L: layers, F, N: channels, share: Math.round((900 * layers) / (F * F)) },
    ...{ kept: grouped(layers * kept), kept_one: grouped(kept) },
  };
  const counts = {
    ...{ stack: grouped(weights[0]), one: grouped(weights[1]) },
    ...{ stack_work: grouped(work[0]), one_work: grouped(work[1]) },
  };
  const tags = { ...gaps, stack: parts[0], one: parts[1] };
  return sceneWith({
    lines: [texts.line_stack, texts.line_one].map((one) => fill(one, { ...gaps, ...counts })),
    sentence: fill(texts[layers === 1 ? "alone" : "sentence"], gaps),
    plots: [plotOf(texts, "weights", parts, tags), plotOf(texts, "kept", [layers, 1], tags)],
  });
}

/**
 * Two counts, the stack's above that of the one layer.
 *
 * @param {Texts} texts
 * @param {"weights" | "kept"} name
 * @param {number[]} counts
 * @param {Record<string, string | number>} gaps
 * @returns {Plot}
 */
function plotOf(texts, name, counts, gaps) {
  const across = ticks(0, MOST[name]).slice(1); // the axis begins at 0
  const tags = ["stack", "one"].map((which) => fill(texts[`tag_${name}_${which}`], gaps));
  return {
    title: texts[name],
    said: fill(texts[`${name}_said`], gaps),
    x: axis(texts[`${name}_axis`], 0, MOST[name], across),
    ...twoBars(counts, tags, 0, across),
    items: [],
  };
}

/** @type {ReadingOf} */
export function readingOf({ texts }, _, settings) {
  const [stack, one] = countsOf(settings).weights;
  return fill(texts.reading, { stack: grouped(stack), one: grouped(one) });
}

/** A program that counts. @type {CodeOf} */
export function codeOf({ texts }, { layers, channels }, library) {
  return program(texts, library, { L: layers, F: 2 * layers + 1, N: channels });
}
