/** The setting of δ through pooling as code. */

import { program } from "../scene.js";
import { gridOf, stored } from "../stages/grids.js";
import { listed } from "./convolution_steps.js";

/** @import { CodeOf } from "../types.js" */

/** @type {CodeOf} */
export function codeOf(data, settings, library) {
  const scene = stored(data, settings);
  return program(data.texts, library, {
    x: listed(gridOf(scene, "input").values),
    delta: listed(gridOf(scene, "source").values),
    operation: settings.operation === "max" ? "max" : "avg",
    size: settings.size,
    stride: settings.stride,
  });
}
