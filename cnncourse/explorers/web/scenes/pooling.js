/** The setting of pooling as code. */

import { program } from "../scene.js";
import { stored } from "../stages/grids.js";
import { listed } from "./convolution_steps.js";

/** @import { CodeOf } from "../types.js" */

/** @type {CodeOf} */
export function codeOf(data, settings, library) {
  const { operation, size, stride, padding } = settings;
  const whole = data.start ? stored(data, { ...data.start, map: settings.map }).grids[0].values : [];
  return program(data.texts, library, {
    x: listed(whole),
    operation: data.texts.operations[library][operation],
    size,
    stride,
    padding,
  });
}
