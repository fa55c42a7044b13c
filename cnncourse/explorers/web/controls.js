/** Native ranges, switches and choices, made once; they are only ever given other values. */

import { element, write, writeFormula } from "./dom.js";
import { fill, text } from "./sentences.js";
import { nearest, onStops, said, valuesOf } from "./stops.js";

/**
 * @import { Changes, Settings, Spec } from "./types.js"
 *
 * @typedef {(changes: Changes) => void} Change
 */

export class Slider {
  /**
   * @param {string} name
   * @param {number} low
   * @param {number} high
   * @param {(value: number) => void} change
   */
  constructor(name, low, high, change) {
    const input = /** @type {HTMLInputElement} */ (
      element("input", { type: "range", min: low, max: high, step: 1, "data-name": name })
    );
    this.input = input;
    this.output = element("output", { "aria-hidden": "true" });
    this.reason = "";
    this.value = low;
    input.addEventListener("input", () => {
      if (!this.reason) return change(Number(input.value));
      input.value = String(this.value); // it does not apply: it stays where it is, and says why
      input.dispatchEvent(new CustomEvent("cnnx-say", { bubbles: true, detail: this.reason }));
    });
  }

  /** @param {string} name */
  name(name) {
    if (this.input.getAttribute("aria-label") !== name) this.input.setAttribute("aria-label", name);
  }

  /** @param {number} value @param {string} [said] */
  set(value, said = text(value)) {
    const { input, output } = this;
    this.value = value;
    if (input.value !== String(value)) input.value = String(value);
    write(output, said);
    if (input.getAttribute("aria-valuetext") !== said) input.setAttribute("aria-valuetext", said);
    input.style.setProperty(
      "--part",
      String((value - Number(input.min)) / (Number(input.max) - Number(input.min) || 1)),
    );
  }

  /**
   * A range that does not apply can still be reached, and says why.
   *
   * @param {string} reason
   */
  rest(reason) {
    if (reason === this.reason) return;
    this.reason = reason;
    for (const [name, value] of [
      ["aria-disabled", reason && "true"],
      ["aria-description", reason],
      ["title", reason],
    ]) {
      if (value) this.input.setAttribute(name, value);
      else this.input.removeAttribute(name);
    }
  }
}

export class Controls {
  /**
   * @param {Spec[]} specs
   * @param {Record<string, string>} words
   * @param {Change} change
   * @param {boolean} [above] whether choices stand among the ranges
   */
  constructor(specs, words, change, above = false) {
    this.words = words;
    this.node = element("div", { class: "cnnx-controls" });
    /** @type {((settings: Settings, idle: (name: string) => string) => void)[]} */
    this.sets = [];
    const apart = specs.find(({ name }) => name === "apart");
    for (const spec of specs) {
      if (spec.type === "range") this.range(spec, change, apart?.label ?? "");
      if (onStops(spec) && !spec.group) {
        const { node, set } = stepped(spec, change);
        this.node.append(node);
        this.sets.push(set);
      }
      if (spec.type === "choice" && above) this.node.append(this.choice(spec, change, false));
    }
    if (apart) this.node.append(this.flip(apart, change));
    this.others = element(
      "div",
      { class: "cnnx-options" },
      ...specs.filter((spec) => spec.type === "switch" && spec !== apart).map((spec) => this.flip(spec, change)),
    );
    const plain = !above && !specs.some(({ pair }) => pair); // a single row of lines: there is room for choices beside
    this.node.classList.toggle("plain", plain);
    this.node.classList.toggle(
      "many",
      plain && specs.filter(({ type }) => type === "range" || type === "choice").length > 6,
    );
    this.node.classList.toggle("grouped", !above && specs.some(({ group }) => Boolean(group)));
    const choices = specs
      .filter(({ type }) => type === "choice" && !above)
      .map((spec) => this.choice(spec, change, plain));
    if (plain) this.node.prepend(...choices);
    else this.others.append(...choices);
  }

  /**
   * @param {Spec} spec
   * @param {Change} change
   * @param {string} apart what the switch is called that lets rows and columns go apart
   */
  range({ name, label, symbol = "", low = 0, high = 0, pair }, change, apart) {
    const { words } = this;
    const seen = `${label} ${symbol}`.trim();
    /** @type {number[]} */
    let now = [low, low];
    let free = false;
    const first = new Slider(name, low, high, (value) =>
      change({ [name]: pair ? [value, free ? now[1] : value] : value }),
    );
    const way = /** @param {string} sign */ (sign) =>
      element("span", { class: "cnnx-way", "aria-hidden": "true" }, sign);
    const title = element("span", { class: "cnnx-label", "aria-hidden": "true" }, `${label} `, element("i", {}));
    writeFormula(/** @type {Element} */ (title.lastElementChild), symbol);
    const box = element(
      "div",
      { class: `cnnx-control ${pair ? "pair" : ""}` },
      title,
      element("div", { class: "cnnx-line" }, way("↕"), first.input, first.output),
    );
    this.node.append(box);
    if (!pair) {
      first.name(seen);
      this.sets.push((settings, idle) => {
        first.set(settings[name]);
        first.rest(idle(name));
      });
      return;
    }
    const second = new Slider(`${name}-columns`, low, high, (value) => change({ [name]: [now[0], value] }));
    box.append(element("div", { class: "cnnx-line second" }, way("↔"), second.input, second.output));
    second.name(fill(words.listed, { first: seen, second: words.columns }));
    this.sets.push((settings) => {
      now = settings[name];
      free = Boolean(settings.apart);
      first.input.dataset.name = free ? `${name}-rows` : name;
      first.name(free ? fill(words.listed, { first: seen, second: words.rows }) : seen);
      first.set(now[0]);
      second.set(now[1]);
      second.rest(free ? "" : fill(words.together, { apart }));
      second.input.tabIndex = free ? 0 : -1;
    });
  }

  /** @param {Spec} spec @param {Change} change */
  flip({ name, label }, change) {
    const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", "data-name": name }));
    box.addEventListener("change", () => change({ [name]: box.checked }));
    this.sets.push((settings) => {
      box.checked = settings[name];
    });
    return element("label", { class: "cnnx-switch" }, box, element("span", {}, label));
  }

  /**
   * @param {Spec} spec
   * @param {Change} change
   * @param {boolean} above among the ranges, not below the stage
   */
  choice({ name, label, options = [] }, change, above) {
    const { select, set } = chosen(name, options, change);
    this.sets.push(set);
    const [look, seen] = above ? ["cnnx-control cnnx-chosen", "cnnx-label"] : ["cnnx-choice", ""];
    return element("label", { class: look }, element("span", { class: seen }, label), select);
  }

  /** @param {Settings} settings @param {(name: string) => string} idle */
  set(settings, idle) {
    this.node.classList.toggle("apart", Boolean(settings.apart));
    for (const one of this.sets) one(settings, idle);
  }
}

/**
 * A range that goes from stop to stop, under its name, and what sets it.
 *
 * @param {Spec} spec
 * @param {Change} change
 * @param {HTMLInputElement | null} [field] that stands in the place of the number
 */
export function stepped(spec, change, field = null) {
  const { name, label, symbol = "" } = spec;
  const values = valuesOf(spec);
  const slider = new Slider(name, 0, values.length - 1, (k) => change({ [name]: values[k] }));
  slider.name(`${label} ${symbol}`.trim());
  const title = element("span", { class: "cnnx-label", "aria-hidden": "true" }, symbol ? `${label} ` : label);
  if (symbol) title.append(element("i", {}, symbol));
  const line = element("div", { class: "cnnx-line" }, slider.input, field ?? slider.output);
  const set = /** @param {Settings} settings @param {(name: string) => string} idle */ (settings, idle) => {
    slider.set(nearest(values, settings[name]), said(spec, settings[name]));
    slider.rest(idle(name));
    if (field) field.value = String(settings[name]);
  };
  return { node: element("div", { class: "cnnx-control" }, title, line), set };
}

/**
 * One of some options, and what sets it.
 *
 * @param {string} name
 * @param {[string, string][]} options
 * @param {Change} change
 */
export function chosen(name, options, change) {
  const select = /** @type {HTMLSelectElement} */ (element("select", { "data-name": name }));
  for (const [value, seen] of options) select.append(element("option", { value }, seen));
  select.addEventListener("change", () => change({ [name]: select.value }));
  const set = /** @param {Settings} settings */ (settings) => {
    select.value = settings[name];
  };
  return { select, set };
}
