/** The module that anywidget loads for explorers of pictures and whole networks: a bundle of its own, so that each stays small. */

import { Controls } from "./controls.js";
import { rendered } from "./rendered.js";
import * as architecture from "./scenes/architecture.js";
import * as canvas from "./scenes/canvas.js";
import * as corrupted from "./scenes/corrupted.js";
import * as film from "./scenes/film.js";
import * as kernel from "./scenes/kernel.js";
import * as layers from "./scenes/layers.js";
import * as pixels from "./scenes/pixels.js";
import * as training from "./scenes/training_step.js";
import { ArchitectureStage } from "./stages/architecture.js";
import { CanvasStage } from "./stages/canvas.js";
import { CorruptedStage } from "./stages/corrupted.js";
import { FilmStage } from "./stages/film.js";
import { KernelStage } from "./stages/kernel.js";
import { LayersStage } from "./stages/layers.js";
import { PixelsStage } from "./stages/pixels.js";
import { StepStage } from "./stages/training_step.js";

/** @import { CodeOf, Host, Kind, SceneOf, Stage } from "./types.js" */

/**
 * An explorer of pictures.
 *
 * @param {{sceneOf: SceneOf, codeOf: CodeOf}} module
 * @param {new (host: Host) => Stage} Drawn
 * @param {Partial<Kind>} more
 * @returns {Kind}
 */
function of(module, Drawn, more) {
  return { scene: module.sceneOf, stage: (host) => new Drawn(host), code: module.codeOf, ...more };
}

/** @type {Record<string, Kind>} */
export const PICTURES = {
  kernel_on_a_photograph: of(kernel, KernelStage, { still: true }),
  network_architecture: of(architecture, ArchitectureStage, { still: true, lines: 3 }),
  corrupted_digit: of(corrupted, CorruptedStage, { follow: corrupted.follow, still: true, weights: true }),
  pixels_of_a_digit: of(pixels, PixelsStage, {
    controls: (specs, words, change) =>
      new Controls(
        specs.filter(({ name }) => name !== "tool"), // its tools are buttons
        words,
        change,
        true,
      ),
    follow: pixels.follow,
    weights: true,
  }),
  canvas_of_digits: of(canvas, CanvasStage, { above: true, weights: true }),
  layers_of_lenet: of(layers, LayersStage, { still: true, weights: true }),
  training_film: of(film, FilmStage, {
    controls: (_, words, change) => new Controls([], words, change), // its films are buttons
    above: true,
  }),
  training_step: of(training, StepStage, { still: true }),
};

export default rendered(PICTURES);
