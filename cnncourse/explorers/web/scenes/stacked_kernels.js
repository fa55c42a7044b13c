/** The scene of small kernels stacked against a large one, as stacked_kernels.py has it. */

import { axis, bars, label, line, shown, ticks } from "../numbers.js";
import { fill } from "../sentences.js";
import { grouped } from "../stops.js";

/** @import { CodeOf, Plot, ReadingOf, SceneOf, Settings, Texts } from "../types.js" */

export const PLOTS = 2;
export const LOOK = "cnnx-silent";
const TOP = 2.2,
  MOST = { weights: 125, kept: 6 },
  LEVELS = [
    [1.1, 1.55],
    [0, 0.45],
  ];

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
  return shown({
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
  const levels = across.map(([place]) =>
    line(
      [
        [place, 0],
        [place, TOP],
      ],
      "level",
    ),
  );
  const made = counts.flatMap((count, k) => {
    const [low, high] = LEVELS[k];
    const tag = fill(texts[`tag_${name}_${k ? "one" : "stack"}`], gaps);
    return [bars([[0, low, count, high]], k ? "striped" : "main"), label(tag, 0, high, "start", "above", "strong")];
  });
  return {
    title: texts[name],
    said: fill(texts[`${name}_said`], gaps),
    x: axis(texts[`${name}_axis`], 0, MOST[name], across),
    y: axis("", 0, TOP, []),
    marks: [...levels, ...made],
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
  return fill(texts[`code_${library}`], { L: layers, F: 2 * layers + 1, N: channels });
}
