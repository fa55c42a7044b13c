/** Settings: what follows from a change, and how they stand in an address. */

import { marksOf, marksWritten } from "./edits.js";
import { allowed, onStops } from "./stops.js";

/** @import { Changes, Settings, Spec } from "./types.js" */

/**
 * The settings after some changes, as Python's `Explorer.changed` has it: pairs of one number unless rows and columns
 * go apart, and apart as soon as two numbers differ.
 *
 * @param {Spec[]} specs
 * @param {Settings} before
 * @param {Changes} changes
 * @returns {Settings}
 */
export function changed(specs, before, changes) {
  const settings = { ...before, ...changes };
  if (!("apart" in settings)) return settings;
  const pairs = specs.filter(({ pair }) => pair).map(({ name }) => name);
  if (changes.apart === false) for (const name of pairs) settings[name] = [settings[name][0], settings[name][0]];
  else if (pairs.some((name) => settings[name][0] !== settings[name][1])) settings.apart = true;
  return settings;
}

/**
 * The settings as a text for an address: "W:12,F:3x5,at:0x1". Rows come before columns.
 *
 * @param {Spec[]} specs
 * @param {Settings} settings
 */
export function written(specs, settings) {
  const parts = [];
  for (const spec of specs) {
    const { type, name, symbol, pair } = spec;
    const value = settings[name];
    if (onStops(spec)) parts.push(`${name}:${value}`);
    const alone = symbol && specs.filter((one) => one.symbol === symbol).length === 1;
    if (type === "range")
      parts.push(`${alone ? symbol : name}:${pair && value[0] !== value[1] ? value.join("x") : [value].flat()[0]}`);
    if (type === "choice" || type === "cell") parts.push(`${name}:${value}`);
    if (type === "edits" && value) parts.push(`${name}:${value}`);
    if (type === "switch" && value) parts.push(`${name}:1`);
    if (type === "position") parts.push(`at:${value.join("x")}`);
  }
  return parts.join(",");
}

/**
 * What a text of an address changes. Settings go by their letter or their name, with ":" or "=" before the value; what
 * is not understood or not allowed is left out.
 *
 * @param {Spec[]} specs
 * @param {string} words
 * @returns {Changes}
 */
export function read(specs, words) {
  /** @type {Changes} */
  const changes = {};
  for (const part of words.split(/[,;]/)) {
    const [key, value] = part.split(/[:=]/).map((one) => one.trim());
    const spec = specs.find(
      ({ type, name, symbol }) => key === name || key === symbol || (type === "position" && key === "at"),
    );
    const meant = spec && value ? meaning(spec, value) : null;
    if (spec && meant !== null) changes[spec.name] = meant;
  }
  return changes;
}

/** @param {Spec} spec @param {string} value */
function meaning(spec, value) {
  const { type, low = 0, high = 0, pair, options = [], names = "" } = spec;
  if (onStops(spec)) return allowed(spec, Number(value));
  if (type === "choice") return options.some(([name]) => name === value) ? value : null;
  if (type === "edits") {
    const marks = marksOf(value, high + 1);
    return marks && marksWritten(marks, high + 1);
  }
  if (type === "cell") return names.split(" ").includes(value) ? value : null;
  if (type === "switch") return { 1: true, yes: true, true: true, 0: false, no: false, false: false }[value] ?? null;
  const numbers = value.split("x").map(Number);
  if (numbers.some((n) => !Number.isInteger(n))) return null;
  if (type === "position") return numbers.length > 1 && numbers.every((n) => n >= 0) ? numbers : null;
  if (numbers.length > (pair ? 2 : 1) || numbers.some((n) => n < low || n > high)) return null;
  return pair ? [numbers[0], numbers.at(-1)] : numbers[0];
}
