/** The controls of explorers whose settings are numbers on stops and choices: each in its place, presets below. */

import { chosen, stepped } from "./controls.js";
import { button, element } from "./dom.js";
import { fill } from "./sentences.js";
import { allowed, onStops, valuesOf } from "./stops.js";

/**
 * @import { Changes, Data, Settings, Spec } from "./types.js"
 *
 * @typedef {(changes: Changes) => void} Change
 */

export class Knobs {
  /**
   * @param {Spec[]} specs
   * @param {Record<string, string>} words
   * @param {Change} change
   * @param {Data} data
   */
  constructor(specs, words, change, { presets = [] }) {
    this.words = words;
    this.node = element("div", { class: "cnnx-controls cnnx-knobs", "data-count": specs.length });
    this.others = element("div", { class: "cnnx-options" });
    /** @type {((settings: Settings, idle: (name: string) => string) => void)[]} */
    this.sets = [];
    /** @type {Settings} */
    this.now = {};
    for (const spec of specs) this.node.append(onStops(spec) ? this.slider(spec, change) : this.choice(spec, change));
    if (presets.length) this.node.append(this.buttons(presets, change));
  }

  /** @param {Spec} spec @param {Change} change */
  slider(spec, change) {
    const values = valuesOf(spec);
    const exact = spec.type === "stops" && values.length <= (values.at(-1) ?? 0) - values[0];
    const { node, set } = stepped(spec, change, exact ? this.field(spec, change) : null);
    this.sets.push(set);
    return node;
  }

  /**
   * Any whole number, where the slider goes over most of them.
   *
   * @param {Spec} spec
   * @param {Change} change
   */
  field(spec, change) {
    const values = valuesOf(spec),
      seen = `${spec.label} ${spec.symbol}`.trim(),
      low = values[0],
      high = values[values.length - 1];
    const name = fill(this.words.listed, { first: seen, second: this.words.exact });
    const field = /** @type {HTMLInputElement} */ (
      element("input", { type: "number", min: low, max: high, step: 1, "aria-label": name })
    );
    field.addEventListener("change", () => {
      const number = Math.min(high, Math.max(low, Math.round(Number(field.value))));
      if (field.value && allowed(spec, number) !== null) change({ [spec.name]: number });
      field.value = String(this.now[spec.name]);
    });
    return field;
  }

  /** @param {Spec} spec @param {Change} change */
  choice({ name, label, options = [] }, change) {
    const { select, set } = chosen(name, options, change);
    select.setAttribute("aria-label", label);
    this.sets.push(set);
    const title = element("span", { class: "cnnx-label", "aria-hidden": "true" }, label);
    return element("div", { class: "cnnx-control" }, title, element("div", { class: "cnnx-line" }, select));
  }

  /** @param {[string, Changes][]} presets @param {Change} change */
  buttons(presets, change) {
    const row = element("div", { class: "cnnx-presets", role: "group", "aria-label": this.words.presets });
    for (const [label, settings] of presets) {
      const node = button(label, () => change(settings));
      this.sets.push((now) => {
        const same = Object.entries(settings).every(([name, value]) => now[name] === value);
        node.setAttribute("aria-pressed", String(same));
      });
      row.append(node);
    }
    return row;
  }

  /** @param {Settings} settings @param {(name: string) => string} idle */
  set(settings, idle) {
    this.now = settings;
    for (const one of this.sets) one(settings, idle);
  }
}
