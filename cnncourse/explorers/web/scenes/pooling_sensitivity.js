/** The setting of δ through pooling as code. */

import { fill } from "../sentences.js";
import { gridOf, stored } from "../stages/grids.js";
import { listed } from "./convolution_steps.js";

/** @import { CodeOf } from "../types.js" */

/** @type {CodeOf} */
export function codeOf(data, settings, library) {
  const scene = stored(data, settings);
  return fill(data.texts[`code_${library}`], {
    x: listed(gridOf(scene, "input").values),
    delta: listed(gridOf(scene, "source").values),
    operation: settings.operation === "max" ? "max" : "avg",
    size: settings.size,
    stride: settings.stride,
  });
}
