/** What the stages with pictures made of pixels share: the canvas under the drawing, and what a card asks of a stage. */

import { Backdrop } from "../backdrop.js";
import { put, vector } from "../dom.js";

/** @import { Box, Host, Scene, Settings, Stage } from "../types.js" */

export class PictureStage {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    this.texts = host.data.texts;
    this.backdrop = new Backdrop(() => this.pictures());
    this.under = [this.backdrop.node];
    this.end = this.backdrop.end;
    /** @type {Scene | undefined} */
    this.scene = undefined;
    /** @type {Settings | undefined} */
    this.settings = undefined;
  }

  /** Paint what lies on the canvas: each stage has its own. */
  pictures() {}

  /** @type {Stage["settle"]} */
  settle(settings) {
    this.settings = settings;
  }

  misfit() {}

  /** @type {Stage["holds"]} */
  holds(_where) {
    return true;
  }

  keep() {
    this.backdrop.keep();
  }
}

/** Whether parts stand below each other. @param {string} size */
export function onPhone(size) {
  return size === "phone" || size === "small";
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} [height]
 * @returns {Box}
 */
export function box(x, y, width, height = width) {
  return { x, y, width, height };
}

/** @param {string} look */
export function path(look) {
  return vector("path", { class: `cnnx-${look}` });
}

/**
 * @param {string} look
 * @param {string} [said]
 * @param {string} [anchor]
 */
export function word(look, said = "", anchor = "start") {
  return vector("text", { class: `cnnx-${look}`, "text-anchor": anchor }, said);
}

/**
 * A field of the stage that keys reach like a slider.
 *
 * @param {string} name
 * @param {number} [last]
 */
export function field(name, last) {
  const attributes = { class: "cnnx-area", tabindex: 0, role: "slider", "aria-label": name, "aria-valuemin": 0 };
  const node = vector("rect", { ...attributes, "data-lm-suppress-shortcuts": "" });
  if (last !== undefined) put(node, { "aria-valuemax": last });
  return node;
}
