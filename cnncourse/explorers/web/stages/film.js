/** The stage of the training film: curves up to an epoch, kernels, and what is read of twelve digits. */

import { put, write } from "../dom.js";
import { drags, within } from "../keys.js";
import { Walk } from "../player.js";
import { EPOCHS, GUESSING, KERNELS, SHOWN } from "../scenes/film.js";
import { fill } from "../sentences.js";
import { box, f, field, grown, inset, onPhone, over, path, rectangle, word } from "../shapes.js";
import { AnswerStage } from "./picture.js";

/** @import { Box, Host, Stage } from "../types.js" */

const TITLE = 22; // px over each part
const TINY = 290; // px: on narrower stages captions are shorter
const LEVELS = [0, 1, 2, 3, 4];
const TICKS = [0, 5, 10, 15, 20];

/**
 * Where everything stands, for a stage so many px wide.
 *
 * @param {number} width
 * @param {string} size
 */
export function layout(width, size) {
  const row =
    /** @type {(n: number, across: number, x: number, y: number, side: number, step: number, down: number) => Box[]} */ (
      n,
      across,
      x,
      y,
      side,
      step,
      down,
    ) =>
      Array.from({ length: n }, (_, k) => box(x + (k % across) * step, y + Math.floor(k / across) * down, side, side));
  if (onPhone(size)) {
    const wide = Math.min(width, 520);
    const pitch = (wide - 2) / 6,
      side = Math.min(44, pitch - 8);
    const small = Math.min(34, (wide - 2) / 8 - 4);
    return {
      height: 592,
      plot: box(24, TITLE, wide - 64, 130),
      kernels: row(KERNELS, 8, 1, 202, small, (wide - 2) / 8, 0),
      begin: row(KERNELS, 8, 1, 258, small, (wide - 2) / 8, 0),
      digits: row(SHOWN, 6, 1 + (pitch - side) / 2, 318, side, pitch, 66),
      bars: box(1, 478, wide - 2, 112),
    };
  }
  const laptop = size === "laptop",
    side = laptop ? 38 : 36,
    step = side + 5;
  const bars = laptop ? 170 : 146;
  const left = width - bars - 2,
    middle = left - 4 * step - 22;
  const pitch = (width - 2) / SHOWN,
    tile = laptop ? 48 : 42;
  return {
    height: 316,
    plot: box(24, TITLE, middle - 24 - 56, 176),
    kernels: row(KERNELS, 4, middle, TITLE, side, step, step),
    begin: row(KERNELS, 4, middle, 2 * TITLE + 2 * step, side, step, step),
    digits: row(SHOWN, SHOWN, 1 + (pitch - tile) / 2, 246, tile, pitch, 0),
    bars: box(left, TITLE, bars, 190),
  };
}

/**
 * @typedef {ReturnType<typeof layout>} Places
 * @extends {AnswerStage<Places>}
 */
export class FilmStage extends AnswerStage {
  /** @param {Host} host */
  constructor(host) {
    super(host, layout);
    const { texts, words } = host.data;
    this.player = new Walk(texts.walk, words, (epoch) => host.change({ epoch }));
    this.titles = [texts.curves, texts.kernels, texts.begin, texts.digits].map((said) => word("title", said));
    this.levels = LEVELS.map((loss) => word("scale", String(loss), "end"));
    this.ticks = TICKS.map((epoch) => word("scale", String(epoch), "middle"));
    this.guess = word("scale", texts.guessing);
    this.captions = Array.from({ length: SHOWN }, () => word("caption10", "", "middle"));
    this.lines = path("rules");
    this.chance = path("zero");
    this.curves = [path("curve"), path("curve validated")];
    this.points = [path("points"), path("points validated")];
    this.stem = path("mark");
    this.same = path("same");
    this.scrub = this.area(texts.scrub, EPOCHS, "epoch", (event) => this.epochAt(event));
    this.look = this.area(texts.look, SHOWN - 1, "digit", (event) => this.digitAt(event));
    const drawn = [this.lines, this.chance, ...this.curves, ...this.points, this.stem, this.same];
    const written = [...this.titles, ...this.levels, ...this.ticks, this.guess, ...this.captions];
    this.node.append(over(...drawn, ...written), this.scrub, this.look);
  }

  /**
   * A field that sets a number: pressed and dragged, or by the arrow keys.
   *
   * @param {string} name
   * @param {number} last
   * @param {string} setting
   * @param {(event: PointerEvent) => number} meant
   */
  area(name, last, setting, meant) {
    const area = field(name, last);
    put(area, { "data-role": setting });
    const go = /** @param {number} k */ (k) => {
      const to = within(k, last + 1);
      if (!this.settings || this.settings[setting] === to) return;
      if (setting === "epoch") this.player.stop();
      this.host.change({ [setting]: to });
    };
    drags(
      area,
      (event) => {
        go(meant(event));
        return true;
      },
      (event) => go(meant(event)),
    );
    area.addEventListener("keydown", (event) => {
      const now = this.settings?.[setting] ?? 0;
      const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: last }[
        event.key
      ];
      if (to === undefined) return;
      event.preventDefault();
      go(to);
    });
    return area;
  }

  /** @param {PointerEvent} event */
  epochAt(event) {
    const { left, width } = this.scrub.getBoundingClientRect();
    return Math.round(((event.clientX - left) / width) * EPOCHS);
  }

  /** @param {PointerEvent} event */
  digitAt(event) {
    const frame = this.node.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    const far = this.places.digits.map((box) => Math.hypot(x - box.x - box.width / 2, y - box.y - box.height / 2));
    return far.indexOf(Math.min(...far));
  }

  /** @type {AnswerStage<Places>["stand"]} */
  stand({ plot, kernels, begin, digits }, width) {
    this.tiny = width < TINY;
    [plot, kernels[0], begin[0], { ...digits[0], x: 1 }].forEach((box, k) => {
      put(this.titles[k], { x: f(k ? box.x : 1), y: f(box.y - 8) });
    });
    put(this.rims, { d: [...kernels, ...begin, ...digits].map(rectangle).join("") });
    this.ticks.forEach((node, k) => {
      put(node, { x: f(plot.x + (plot.width * TICKS[k]) / EPOCHS), y: plot.y + plot.height + 12 });
    });
    this.captions.forEach((node, k) => {
      put(node, { x: f(digits[k].x + digits[k].width / 2), y: f(digits[k].y + digits[k].height + 11) });
    });
    put(this.scrub, grown(plot, 0));
    const [first, last] = [digits[0], /** @type {Box} */ (digits.at(-1))];
    const low = last.y + last.height + 18 - first.y;
    put(this.look, grown({ x: first.x, y: first.y, width: last.x + last.width - first.x, height: low }, 0));
  }

  /** @type {Stage["draw"]} */
  change(scene) {
    const { texts, known } = this.host.data,
      { plot, digits } = this.places;
    const { loss, top, epoch, digit, ten, truth, reads, reading } = scene.numbers;
    const x = /** @param {number} k */ (k) => f(plot.x + (plot.width * k) / EPOCHS);
    const y = /** @param {number} value */ (value) => f(plot.y + plot.height * (1 - value / top));
    const seen = LEVELS.filter((level) => level <= top);
    this.levels.forEach((node, k) => {
      node.style.display = k < seen.length ? "" : "none";
      put(node, { x: plot.x - 6, y: y(k) });
    });
    put(this.lines, { d: seen.map((level) => `M${plot.x} ${y(level)}h${f(plot.width)}`).join("") });
    put(this.chance, { d: `M${plot.x} ${y(GUESSING)}h${f(plot.width)}` });
    put(this.guess, { x: f(plot.x + plot.width + 5), y: y(GUESSING) });
    for (const k of [0, 1]) {
      const points = Array.from({ length: epoch + 1 }, (_, n) => `${x(n)} ${y(loss[2 * n + k])}`);
      put(this.curves[k], { d: `M${points.join("L")}` });
      put(this.points[k], { d: `M${points[epoch]}h0` });
    }
    put(this.stem, { d: `M${x(epoch)} ${plot.y}v${plot.height}` });
    this.captions.forEach((node, k) => {
      const right = reads[k] === known.labels[k];
      write(
        node,
        fill(texts[right ? "right" : this.tiny ? "wrong_short" : "wrong"], { read: reads[k], truth: known.labels[k] }),
      );
      put(node, { class: right ? "cnnx-caption10" : "cnnx-caption10 wrong" });
    });
    put(this.same, { d: rectangle(inset(digits[digit], -1)) });
    this.bars.draw(ten, truth);
    const stop = fill(texts.epoch, { epoch }),
      heard = fill(this.host.data.words.then, { first: stop, second: scene.lines[0] });
    put(this.scrub, { "aria-valuenow": epoch, "aria-valuetext": heard });
    put(this.look, { "aria-valuenow": digit, "aria-valuetext": reading });
    this.player.stand(EPOCHS + 1, epoch, stop, heard);
  }

  /** @param {any} numbers */
  paint({ kernels, begin, reach }) {
    const { places, backdrop } = this;
    for (let k = 0; k < KERNELS; k++) {
      backdrop.tinted(kernels, 9 * k, 3, 3, places.kernels[k], reach, true);
      backdrop.tinted(begin, 9 * k, 3, 3, places.begin[k], reach, true);
    }
    places.digits.forEach((box, k) => {
      backdrop.tinted(this.host.data.known.images[k], 0, 8, 8, box, 16, false);
    });
  }

  show() {
    return this.scene?.numbers.reading ?? "";
  }
}
