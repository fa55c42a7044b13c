/** Pictures made of pixels, on one canvas under the drawing of a stage: fine ones would be too many nodes for SVG. */

import { put, vector } from "./dom.js";

/** @import { Box } from "./types.js" */
/** @typedef {[number, number, number]} Rgb */

const LIGHT = { paper: "#ffffff", ink: "#1b1f24", pos: "#c8451b", neg: "#1f68b3" }; // also in contrast mode: pictures stay

export class Backdrop {
  /** @param {() => void} again draws everything, when the theme of the page has changed */
  constructor(again) {
    this.node = document.createElement("canvas");
    this.node.setAttribute("aria-hidden", "true");
    this.node.className = "cnnx-backdrop";
    // Not seen on the page, but in a saved picture: there the canvas is not to be had.
    this.image = vector("image", { class: "cnnx-saved", x: 0, y: 0, preserveAspectRatio: "none" });
    this.small = document.createElement("canvas");
    /** @type {Record<string, Rgb>} */
    this.colours = {};
    this.dots = 1;
    const changed = () => this.theme() && again();
    this.observer = new MutationObserver(changed);
    for (const node of [document.documentElement, document.body]) {
      this.observer.observe(node, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] });
    }
    this.media = matchMedia("(prefers-color-scheme: dark)");
    this.media.addEventListener("change", changed);
    this.end = () => {
      this.observer.disconnect();
      this.media.removeEventListener("change", changed);
    };
  }

  /** @param {number} width @param {number} height */
  measure(width, height) {
    this.dots = Math.min(3, Math.max(1, window.devicePixelRatio || 1));
    const { node } = this;
    [node.width, node.height] = [Math.round(width * this.dots), Math.round(height * this.dots)];
    [node.style.width, node.style.height] = [`${width}px`, `${height}px`];
    put(this.image, { width, height });
    this.theme();
  }

  /** Read the colours of the page; says whether they are other ones. */
  theme() {
    const before = JSON.stringify(this.colours);
    const style = getComputedStyle(this.node);
    const forced = matchMedia("(forced-colors: active)").matches;
    for (const [name, light] of Object.entries(LIGHT)) {
      const found = style.getPropertyValue(`--c-${name}`).trim();
      const hex = !forced && /^#[0-9a-f]{6}$/i.test(found) ? found : light;
      this.colours[name] = /** @type {Rgb} */ ([1, 3, 5].map((k) => Number.parseInt(hex.slice(k, k + 2), 16)));
    }
    return JSON.stringify(this.colours) !== before;
  }

  clear() {
    this.node.getContext("2d")?.clearRect(0, 0, this.node.width, this.node.height);
  }

  /**
   * Grey levels from 0 to 255.
   *
   * @param {ArrayLike<number>} levels
   * @param {number} rows
   * @param {number} columns
   * @param {Box} box
   */
  grey(levels, rows, columns, box) {
    this.paint(rows, columns, box, true, (bytes) => {
      const words = new Uint32Array(bytes.buffer);
      for (let k = 0; k < rows * columns; k++) words[k] = 0xff000000 | (levels[k] * 0x10101);
    });
  }

  /**
   * Numbers from paper at 0 to ink at `limit`; with a sign, to red above zero and to blue below.
   *
   * @param {ArrayLike<number>} values
   * @param {number} from where the numbers of this picture begin
   * @param {number} rows
   * @param {number} columns
   * @param {Box} box
   * @param {number} limit
   * @param {boolean} signed
   */
  tinted(values, from, rows, columns, box, limit, signed) {
    const { paper, ink, pos, neg } = this.colours;
    this.paint(rows, columns, box, false, (bytes) => {
      for (let k = 0; k < rows * columns; k++) {
        const value = values[from + k];
        const share = limit ? Math.min(1, Math.abs(value) / limit) : 0;
        const full = signed ? (value < 0 ? neg : pos) : ink;
        for (let c = 0; c < 3; c++) bytes[4 * k + c] = paper[c] + share * (full[c] - paper[c]);
        bytes[4 * k + 3] = 255;
      }
    });
  }

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {Box} box
   * @param {boolean} smooth
   * @param {(bytes: Uint8ClampedArray) => void} fill
   */
  paint(rows, columns, { x, y, width, height }, smooth, fill) {
    const { small, dots } = this;
    const context = this.node.getContext("2d"),
      from = small.getContext("2d", { willReadFrequently: true });
    if (!context || !from) return;
    if (small.width !== columns || small.height !== rows) [small.width, small.height] = [columns, rows];
    const data = new ImageData(columns, rows);
    fill(data.data);
    from.putImageData(data, 0, 0);
    context.imageSmoothingEnabled = smooth;
    const [left, top] = [Math.round(x * dots), Math.round(y * dots)];
    context.drawImage(small, left, top, Math.round((x + width) * dots) - left, Math.round((y + height) * dots) - top);
  }

  /** Put what is seen into the drawing, for a picture that is saved. */
  keep() {
    this.image.setAttribute("href", this.node.toDataURL());
  }
}
