/** Fields for the weights of a kernel: dragged up and down, stepped by keys, or typed in. */

import { element } from "./dom.js";
import { drags } from "./keys.js";
import { indexed, number } from "./sentences.js";

const STEP = 6; // px of a drag for one step
const FREE = 4; // px: a shorter way is no drag

/** @import { Changes, Settings, Spec } from "./types.js" */

export class Weights {
  /**
   * @param {Spec[]} specs a weight each, row by row
   * @param {(changes: Changes) => void} change
   * @param {(k: number | null) => void} look which weight is pointed at
   */
  constructor(specs, change, look) {
    this.change = change;
    this.fields = specs.map((spec, k) => this.field(spec, k, look));
    this.node = element("div", { class: "cnnx-weightgrid" }, ...this.fields.map(({ input }) => input));
  }

  /** @param {Spec} spec @param {number} k @param {(k: number | null) => void} look */
  field(spec, k, look) {
    const input = /** @type {HTMLInputElement} */ (
      element("input", {
        type: "text",
        role: "spinbutton",
        autocomplete: "off",
        spellcheck: "false",
        "aria-label": spec.label,
        "aria-valuemin": spec.low ?? 0,
        "aria-valuemax": spec.high ?? 0,
        "data-name": spec.name,
      })
    );
    const field = { input, spec, value: 0 };
    input.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 4, PageDown: -4 }[event.key];
      if (event.key === "Enter") this.typed(field, true);
      if (!by) return;
      event.preventDefault();
      this.go(field, field.value + by * (spec.step ?? 1));
      input.select();
    });
    input.addEventListener("input", () => this.typed(field, false));
    input.addEventListener("blur", () => {
      this.typed(field, true);
      look(null);
    });
    input.addEventListener("focus", () => {
      input.select();
      look(k);
    });
    input.addEventListener("pointerenter", () => look(k));
    input.addEventListener("pointerleave", () => look(null));
    this.drag(field);
    return field;
  }

  /** @param {{input: HTMLInputElement, spec: Spec, value: number}} field */
  drag(field) {
    const { input, spec } = field;
    drags(
      input,
      (event) => ({ y: event.clientY, value: field.value, moved: false }),
      (event, from) => {
        const up = from.y - event.clientY;
        if (this.letters || (!from.moved && Math.abs(up) < FREE)) return;
        from.moved = true;
        event.preventDefault();
        getSelection()?.removeAllRanges();
        this.go(field, from.value + Math.round(up / STEP) * (spec.step ?? 1));
      },
    );
  }

  /**
   * @param {{input: HTMLInputElement, spec: Spec, value: number}} field
   * @param {boolean} done whether no more is typed
   */
  typed(field, done) {
    const words = field.input.value.trim().replace("−", "-").replace(",", ".");
    const meant = words === "" || this.letters ? Number.NaN : Number(words);
    if (Number.isFinite(meant)) this.go(field, meant, done);
    else if (done) this.write(field);
  }

  /**
   * @param {{input: HTMLInputElement, spec: Spec, value: number}} field
   * @param {number} wanted
   * @param {boolean} [rewrite] whether the field may write what is in it another way
   */
  go(field, wanted, rewrite = true) {
    const { low = 0, high = 0, step = 1, name } = field.spec;
    const value = Math.min(high, Math.max(low, Math.round(wanted / step) * step)) + 0;
    this.typing = rewrite ? null : field;
    if (value !== field.value) this.change({ [name]: value });
    this.typing = null;
    if (rewrite) this.write(field);
  }

  /** @param {{input: HTMLInputElement, spec: Spec, value: number}} field */
  write(field) {
    const { input, spec, value } = field;
    const words = this.letters ? indexed("w", Number(spec.name[1]), Number(spec.name[2])) : number(value);
    if (input.value !== words) input.value = words;
  }

  /** @param {Settings} settings */
  set(settings) {
    this.letters = Boolean(settings.letters);
    for (const field of this.fields) {
      field.value = settings[field.spec.name];
      field.input.setAttribute("aria-valuenow", String(field.value));
      field.input.setAttribute("aria-valuetext", number(field.value));
      field.input.readOnly = this.letters;
      if (this.typing !== field) this.write(field);
    }
  }
}
