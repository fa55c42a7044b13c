/** The setting as code, for one channel and for three. */

import { program } from "../scene.js";
import { stored } from "../stages/grids.js";

/** @import { CodeOf } from "../types.js" */

/**
 * A list of lists as Python writes it, a row a line.
 *
 * @param {any} values
 * @param {string} [before] what the line begins with
 * @returns {string}
 */
export function listed(values, before = "") {
  if (!Array.isArray(values[0])) return `[${values.join(", ")}]`;
  const deeper = `${before}    `;
  return `[\n${values.map((/** @type {any} */ one) => `${deeper}${listed(one, deeper)},\n`).join("")}${before}]`;
}

/** @type {CodeOf} */
export function codeOf(data, settings, library) {
  const { texts } = data;
  const scene = stored(data, settings);
  const { padding = 0, stride = 1, f } = settings;
  const of = /** @param {string} role */ (role) =>
    scene.grids
      .filter((grid) => grid.role === role)
      .map(({ values }) =>
        values.slice(padding, values.length - padding).map((row) => row.slice(padding, row.length - padding)),
      );
  const kernel = scene.grids.filter(({ role }) => role === "kernel").map(({ values }) => values);
  return program(texts, library, {
    x: listed(of("input")),
    w: listed(kernel),
    bias: scene.bias ?? 0,
    padding,
    stride,
    a: texts[f === "relu" ? `relu_${library}` : "identity"],
  });
}
