/** Ten probabilities as bars with their numbers; the answer is bold, the true class has an arrow. */

import { largestOf, share } from "./digits.js";
import { put, vector, write } from "./dom.js";
import { between, fill } from "./sentences.js";

/** @import { Box } from "./types.js" */

export class Bars {
  /** @param {Record<string, string>} texts */
  constructor(texts) {
    this.texts = texts;
    this.title = vector("text", { class: "cnnx-title" }, texts.probabilities);
    this.key = vector("text", { class: "cnnx-scale", "text-anchor": "end" }, texts.truth);
    this.rows = Array.from({ length: 10 }, (_, digit) => ({
      name: vector("text", { class: "cnnx-barname", "text-anchor": "end" }, String(digit)),
      bar: vector("rect", { class: "cnnx-bar10" }),
      number: vector("text", { class: "cnnx-barname" }),
    }));
    const all = this.rows.flatMap(({ name, bar, number }) => [bar, name, number]);
    this.node = vector("g", { role: "img" }, this.title, this.key, ...all);
  }

  /** @param {Box} box under the title */
  place(box) {
    this.box = box;
    put(this.title, { x: box.x, y: box.y - 9 });
    const below = box.width < 6.5 * (this.texts.probabilities.length + this.texts.truth.length); // no room beside it
    put(this.key, { x: box.x + box.width, y: below ? box.y + box.height + 8 : box.y - 13 });
    const row = box.height / 10;
    for (const [k, { name, bar, number }] of this.rows.entries()) {
      put(name, { x: box.x + 9, y: box.y + (k + 0.5) * row });
      put(bar, { x: box.x + 14, y: box.y + k * row + 1.5, height: Math.max(2, row - 3) });
      put(number, { y: box.y + (k + 0.5) * row });
    }
  }

  /** @param {number[]} probabilities @param {number} truth */
  draw(probabilities, truth) {
    const { x, width } = this.box ?? { x: 0, width: 100 };
    const best = largestOf(probabilities);
    for (const [k, { name, bar, number }] of this.rows.entries()) {
      const long = Math.max(0.5, probabilities[k] * (width - 68));
      put(bar, { width: long.toFixed(1), class: k === best ? "cnnx-bar10 best" : "cnnx-bar10" });
      for (const node of [name, number]) put(node, { class: k === best ? "cnnx-barname best" : "cnnx-barname" });
      put(number, { x: (x + 18 + long).toFixed(1) });
      write(number, share(probabilities[k]) + (k === truth ? " ◂" : ""));
    }
    const { bar, bars, all_bars, probabilities: first } = this.texts;
    const said = probabilities.map((p, digit) => fill(bar, { digit, p: share(p) }));
    put(this.node, { "aria-label": fill(all_bars, { first, second: between(bars, said) }) });
  }
}
