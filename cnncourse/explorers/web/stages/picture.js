/** What the stages with pictures made of pixels share: the canvas under the drawing, and what a card asks of a stage. */

import { Backdrop } from "../backdrop.js";
import { Bars } from "../bars.js";
import { put, vector } from "../dom.js";
import { f, path } from "../shapes.js";

/** @import { Box, Host, Scene, Settings, Stage } from "../types.js" */

/** @template {{height: number}} Places where everything stands */
export class PictureStage {
  /**
   * @param {Host} host
   * @param {(width: number, size: string) => Places} layout for a stage so many px wide
   */
  constructor(host, layout) {
    this.host = host;
    this.texts = host.data.texts;
    this.layout = layout;
    this.places = layout(800, "laptop"); // until the card is measured
    this.backdrop = new Backdrop(() => this.pictures());
    this.under = [this.backdrop.node];
    this.end = this.backdrop.end;
    this.rims = path("rules");
    this.node = vector("svg", { class: "cnnx-svg" }, this.backdrop.image, this.rims);
    /** @type {Scene | undefined} */
    this.scene = undefined;
    /** @type {Settings | undefined} */
    this.settings = undefined;
  }

  /** @type {Stage["measure"]} */
  measure(width, size) {
    this.places = this.layout(Math.max(width, 240), size);
    const height = f(this.places.height);
    put(this.node, { width, height, viewBox: `0 0 ${width} ${height}` });
    this.backdrop.measure(width, this.places.height);
    this.stand(this.places, width, size);
  }

  /**
   * Put everything in its place: each stage has its own.
   *
   * @param {Places} _places
   * @param {number} _width
   * @param {string} _size
   */
  stand(_places, _width, _size) {}

  /** @type {Stage["draw"]} */
  draw(scene, settings) {
    this.scene = scene;
    this.settings = settings;
    this.change(scene, settings);
    this.pictures();
  }

  /**
   * Draw what is not painted: each stage has its own.
   *
   * @param {Scene} _scene
   * @param {Settings} _settings
   */
  change(_scene, _settings) {}

  /** Paint what lies on the canvas. */
  pictures() {
    if (!this.scene) return;
    this.backdrop.clear();
    this.paint(this.scene.numbers);
  }

  /** @param {any} _numbers of the scene */
  paint(_numbers) {}

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

/**
 * A stage with the ten bars of an answer.
 *
 * @template {{height: number, bars: Box}} Places
 * @extends {PictureStage<Places>}
 */
export class AnswerStage extends PictureStage {
  /** @param {Host} host @param {(width: number, size: string) => Places} layout */
  constructor(host, layout) {
    super(host, layout);
    this.bars = new Bars(this.texts);
    this.node.append(this.bars.node);
  }

  /** @type {Stage["measure"]} */
  measure(width, size) {
    super.measure(width, size);
    this.bars.place(this.places.bars);
  }
}
