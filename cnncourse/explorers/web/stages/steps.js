/** The stage of one convolution step by step: the window of padding and stride, and f after the sum. */

import { fill, indexed, signed, text } from "../sentences.js";
import { ConvolutionStage } from "./convolution.js";

/** @import { GridData, Pair, Scene, Stage } from "../types.js" */

const PLAIN = { padding: [0, 0], stride: [1, 1], dilation: 1, counts: false };

export class StepsStage extends ConvolutionStage {
  /** @type {Stage["draw"]} */
  draw(scene, settings) {
    super.draw(scene, { ...PLAIN, ...settings });
  }

  /** @type {Stage["settle"]} */
  settle(settings) {
    super.settle({ ...PLAIN, ...settings });
  }

  /** @param {GridData} grid @param {string} letter */
  texts(grid, letter) {
    return super.texts(grid, letter === "net" ? "a" : letter);
  }

  get relu() {
    return this.settings?.f === "relu";
  }

  /** @param {number} sum @param {number} bias */
  equationOf(sum, bias) {
    if (!this.relu) return super.equationOf(sum, bias);
    const given = this.places?.narrow ? `f(${text(sum + bias)})` : `ReLU(${signed([sum, bias])})`;
    return `${given} = ${text(Math.max(0, sum + bias))}`;
  }

  /** @param {Pair} cell */
  equationInLetters([r, c]) {
    return this.places?.narrow ? indexed("a", r, c) : `f(Σ + w_b) = ${indexed("a", r, c)}`;
  }

  /** @param {Pair} cell */
  reading(cell) {
    const said = super.reading(cell);
    const net = this.netOf(cell);
    if (!this.relu || this.settings?.letters) return said;
    return said + fill(this.host.data.texts.then, { net: text(net), a: text(Math.max(0, net)) });
  }

  /** @param {Pair} cell */
  netOf([r, c]) {
    const { rows, columns, bias = 0 } = /** @type {Scene} */ (this.scene);
    const { values } = this.data("input"),
      weights = this.data("kernel").values;
    return rows[r].reduce(
      (sum, i, m) => columns[c].reduce((all, j, n) => all + (values[i][j] ?? 0) * (weights[m][n] ?? 0), sum),
      bias,
    );
  }
}
