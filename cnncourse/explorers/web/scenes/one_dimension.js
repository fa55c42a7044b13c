/** The setting of a convolution in one dimension as code. */

import { program } from "../scene.js";
import { gridOf, stored } from "../stages/grids.js";

/** @import { CodeOf } from "../types.js" */

/** @type {CodeOf} */
export function codeOf(data, settings, library) {
  const scene = stored(data, settings),
    turn = settings.way === "convolution";
  const input = gridOf(scene, "input"),
    kinds = input.kinds[0];
  return program(data.texts, library, {
    A: input.values[0].filter((_, k) => kinds[k] === "i").join(", "),
    B: gridOf(scene, "kernel").values[0].join(", "),
    function: turn ? "convolve2d" : "cross_correlate2d",
    extent: settings.extent,
    before: kinds.indexOf("i"),
    after: kinds.length - 1 - kinds.lastIndexOf("i"),
    turn: turn ? ".flip(-1)" : "",
  });
}
