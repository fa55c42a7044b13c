/** The stage of the corruption explorer: the digit, what the net reads, and how many digits it reads at such a change. */

import { article } from "../digits.js";
import { put, vector, write } from "../dom.js";
import { nearest } from "../scenes/corrupted.js";
import { fill } from "../sentences.js";
import { box, f, grown, onPhone, over, path, rectangle, word } from "../shapes.js";
import { AnswerStage } from "./picture.js";

/** @import { Host, Scene, Settings, Stage } from "../types.js" */

/**
 * Where everything stands, for a stage so many px wide.
 *
 * @param {number} width
 * @param {string} size
 */
export function layout(width, size) {
  if (onPhone(size)) {
    const side = size === "phone" ? 148 : 120;
    return {
      height: 494,
      image: box(1, 24, side, side),
      before: box(1, side + 44, 62, 62),
      bars: box(side + 18, 24, width - side - 19, side),
      plot: box(30, side + 142, width - 44, 494 - side - 142 - 42),
    };
  }
  const side = size === "laptop" ? 196 : 168;
  const bars = size === "laptop" ? 170 : 150;
  return {
    height: 316,
    image: box(1, 24, side, side),
    before: box(1, side + 44, 62, 62),
    bars: box(side + 22, 24, bars, side),
    plot: box(side + bars + 66, 28, width - side - bars - 80, 244),
  };
}

/**
 * @typedef {ReturnType<typeof layout>} Places
 * @extends {AnswerStage<Places>}
 */
export class CorruptedStage extends AnswerStage {
  /** @param {Host} host */
  constructor(host) {
    super(host, layout);
    const { texts } = this;
    this.titles = [word("title", texts.image), word("scale", texts.before)];
    this.verdict = word("verdict");
    this.head = word("title", texts.title, "end");
    this.axis = word("scale", "", "middle");
    this.guess = word("scale", texts.guessing, "end");
    this.percents = [0, 50, 100].map((n) => word("scale", String(n), "end"));
    this.ticks = [0, 1, 2, 3, 4].map(() => word("scale", "", "middle"));
    this.chance = path("zero");
    this.line = path("curve");
    this.points = path("points");
    this.stem = path("mark");
    this.mark = path("diamond");
    this.area = vector("rect", { class: "cnnx-area" });
    this.area.addEventListener("click", (event) => this.go(event));
    const words = [...this.titles, this.verdict, this.head, this.axis, this.guess, ...this.percents, ...this.ticks];
    const marks = [this.chance, this.line, this.points, this.stem, this.mark];
    this.node.append(over(...marks, ...words), this.area);
  }

  /**
   * A place on the curve is a change of that size.
   *
   * @param {MouseEvent} event
   */
  go(event) {
    const { values } = /** @type {Scene} */ (this.scene).numbers;
    const box = this.area.getBoundingClientRect(),
      part = (event.clientX - box.left) / box.width;
    const { curve } = /** @type {Settings} */ (this.settings);
    this.host.change({ [curve]: values[nearest(values, values[0] + part * (values.at(-1) - values[0]))] });
  }

  /** @type {AnswerStage<Places>["stand"]} */
  stand({ image, before, plot }, _width, size) {
    put(this.titles[0], { x: image.x, y: image.y - 9 });
    put(this.titles[1], { x: before.x, y: before.y - 8 });
    put(this.verdict, { x: before.x + before.width + (size === "small" ? 8 : 12), y: before.y + before.height / 2 });
    put(this.head, { x: plot.x + plot.width, y: plot.y - 13 });
    const part = size === "small" ? 1 : 0.5; // long words begin as far left as they can
    put(this.axis, {
      x: plot.x + part * plot.width,
      y: plot.y + plot.height + 34,
      "text-anchor": size === "small" ? "end" : "middle",
    });
    const at = /** @param {number} percent */ (percent) => f(plot.y + plot.height * (1 - percent / 100));
    put(this.guess, { x: plot.x + plot.width, y: at(4.5) });
    this.percents.forEach((node, k) => {
      put(node, { x: plot.x - 6, y: at(50 * k) });
    });
    const lines = [0, 50, 100].map((n) => `M${plot.x} ${at(n)}h${plot.width}`);
    put(this.rims, { d: rectangle(image) + rectangle(before) + lines.join("") });
    put(this.chance, { d: `M${plot.x} ${at(10)}h${plot.width}` });
    put(this.area, grown(plot, 0));
  }

  /** @type {Stage["draw"]} */
  change({ numbers }, settings) {
    const { probabilities, truth, predicted, values, right, place } = numbers;
    const {
      texts,
      places: { plot },
    } = this;
    this.bars.draw(probabilities, truth);
    write(
      this.verdict,
      fill(texts[predicted === truth ? "right" : "wrong"], { truth: article(texts, truth), read: predicted }),
    );
    write(this.axis, texts.axes[settings.curve]);
    const span = values.at(-1) - values[0];
    const x = /** @param {number} value */ (value) => f(plot.x + (plot.width * (value - values[0])) / span);
    const y = /** @param {number} percent */ (percent) => f(plot.y + plot.height * (1 - percent / 100));
    const all = /** @type {number[]} */ (values).map((value, k) => [x(value), y(right[k])]);
    put(this.line, { d: all.map(([a, b], k) => `${k ? "L" : "M"}${a} ${b}`).join("") });
    put(this.points, { d: all.map(([a, b]) => `M${a} ${b}h0`).join("") });
    const [a, b] = all[place];
    put(this.stem, { d: `M${a} ${plot.y + plot.height}V${b}` });
    put(this.mark, { d: `M${a} ${b - 7}l7 7l-7 7l-7 -7z` });
    this.ticks.forEach((node, k) => {
      const value = values[0] + (span * k) / 4;
      put(node, { x: x(value), y: plot.y + plot.height + 14 });
      write(node, String(value).replace("-", "−"));
    });
  }

  /** @param {any} numbers */
  paint({ image, before }) {
    this.backdrop.tinted(image, 0, 28, 28, this.places.image, 1, false);
    this.backdrop.tinted(before, 0, 28, 28, this.places.before, 1, false);
  }

  show() {
    return "";
  }
}
