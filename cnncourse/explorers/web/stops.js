/** Settings that are numbers on the stops of a slider, as stops.py has them. */

import { precise } from "./numbers.js";
import { grouped } from "./sentences.js";

/** @import { Spec } from "./types.js" */

/** Whether a setting is one of these. @param {Spec} spec */
export function onStops({ type }) {
  return type === "real" || type === "stops" || type === "levels";
}

/**
 * All values of the slider.
 *
 * @param {Spec} spec
 * @returns {number[]}
 */
export function valuesOf({ low = 0, high = 0, step = 1, decimals = 0, stops }) {
  if (stops) return stops;
  return Array.from(
    { length: Math.round((high - low) / step) + 1 },
    (_, k) => Number((low + k * step).toFixed(decimals)) + 0,
  );
}

/**
 * The stop nearest to a value.
 *
 * @param {number[]} values
 * @param {number} value
 */
export function nearest(values, value) {
  let best = 0;
  for (const [k, one] of values.entries()) if (Math.abs(one - value) < Math.abs(values[best] - value)) best = k;
  return best;
}

/**
 * A value as the setting may have it, or null: real numbers lie on a stop, the others between the first and the last.
 *
 * @param {Spec} spec
 * @param {number} value
 */
export function allowed(spec, value) {
  const values = valuesOf(spec);
  if (!(value >= values[0] && value <= values[values.length - 1])) return null;
  if (spec.type === "levels") return value;
  if (spec.type === "stops") return Number.isInteger(value) ? value : null;
  const stop = values[nearest(values, value)];
  return Math.abs(stop - value) < 1e-3 * (spec.step ?? 1) ? stop : null;
}

/**
 * A value in words.
 *
 * @param {Spec} spec
 * @param {number} value
 */
export function said({ type, decimals = 0 }, value) {
  if (type === "real") return value.toFixed(decimals).replace("-", "−");
  if (type === "stops") return grouped(value);
  return precise(value, 3)
    .toFixed(9)
    .replace(/\.?0+$/, "");
}
