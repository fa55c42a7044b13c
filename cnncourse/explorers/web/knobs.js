/** The controls of explorers whose settings are numbers on stops and choices: each in its place, presets below. */

import { Slider } from "./controls.js";
import { element } from "./dom.js";
import { allowed, nearest, onStops, said, valuesOf } from "./stops.js";

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

  /**
   * @param {Spec} spec
   * @param {Change} change
   */
  slider(spec, change) {
    const { name, label, symbol, type } = spec;
    const values = valuesOf(spec);
    const slider = new Slider(name, 0, values.length - 1, (k) => change({ [name]: values[k] }));
    const seen = `${label} ${symbol}`.trim();
    slider.name(seen);
    const title = element("span", { class: "cnnx-label", "aria-hidden": "true" }, symbol ? `${label} ` : label);
    if (symbol) title.append(element("i", {}, symbol));
    const exact = type === "stops" && values.length <= (values.at(-1) ?? 0) - values[0];
    const field = exact ? this.field(spec, seen, change) : null;
    this.sets.push((settings, idle) => {
      slider.set(nearest(values, settings[name]), said(spec, settings[name]));
      slider.rest(idle(name));
      if (field) field.value = String(settings[name]);
    });
    const line = element("div", { class: "cnnx-line" }, slider.input, field ?? slider.output);
    return element("div", { class: "cnnx-control" }, title, line);
  }

  /**
   * Any whole number, where the slider goes over most of them.
   *
   * @param {Spec} spec
   * @param {string} seen
   * @param {Change} change
   */
  field(spec, seen, change) {
    const values = valuesOf(spec),
      low = values[0],
      high = values[values.length - 1];
    const field = /** @type {HTMLInputElement} */ (
      element("input", { type: "number", min: low, max: high, step: 1, "aria-label": `${seen}, ${this.words.exact}` })
    );
    field.addEventListener("change", () => {
      const number = Math.min(high, Math.max(low, Math.round(Number(field.value))));
      if (field.value && allowed(spec, number) !== null) change({ [spec.name]: number });
      field.value = String(this.now[spec.name]);
    });
    return field;
  }

  /**
   * @param {Spec} spec
   * @param {Change} change
   */
  choice({ name, label, options = [] }, change) {
    const select = /** @type {HTMLSelectElement} */ (element("select", { "data-name": name, "aria-label": label }));
    for (const [value, seen] of options) select.append(element("option", { value }, seen));
    select.addEventListener("change", () => change({ [name]: select.value }));
    this.sets.push((settings) => {
      select.value = settings[name];
    });
    const title = element("span", { class: "cnnx-label", "aria-hidden": "true" }, label);
    return element("div", { class: "cnnx-control" }, title, element("div", { class: "cnnx-line" }, select));
  }

  /**
   * @param {[string, Changes][]} presets
   * @param {Change} change
   */
  buttons(presets, change) {
    const row = element("div", { class: "cnnx-presets", role: "group", "aria-label": this.words.presets });
    for (const [label, settings] of presets) {
      const button = element("button", { type: "button", "aria-pressed": "false" }, label);
      button.addEventListener("click", () => change(settings));
      this.sets.push((now) => {
        const same = Object.entries(settings).every(([name, value]) => now[name] === value);
        button.setAttribute("aria-pressed", String(same));
      });
      row.append(button);
    }
    return row;
  }

  /**
   * @param {Settings} settings
   * @param {(name: string) => string} idle
   */
  set(settings, idle) {
    this.now = settings;
    for (const one of this.sets) one(settings, idle);
  }
}
