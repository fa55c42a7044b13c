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

/** @import { Kind } from "./types.js" */

/** @type {Record<string, Kind>} */
export const PICTURES = {
  kernel_on_a_photograph: {
    scene: kernel.sceneOf,
    stage: (host) => new KernelStage(host),
    code: kernel.codeOf,
    idle: () => "",
    still: true,
  },
  network_architecture: {
    scene: architecture.sceneOf,
    stage: (host) => new ArchitectureStage(host),
    code: architecture.codeOf,
    idle: () => "",
    still: true,
    lines: 3,
  },
  corrupted_digit: {
    scene: corrupted.sceneOf,
    stage: (host) => new CorruptedStage(host),
    code: corrupted.codeOf,
    idle: () => "",
    follow: corrupted.follow,
    still: true,
    weights: true,
  },
  pixels_of_a_digit: {
    scene: pixels.sceneOf,
    stage: (host) => new PixelsStage(host),
    code: pixels.codeOf,
    idle: () => "",
    controls: (specs, words, change) =>
      new Controls(
        specs.filter(({ name }) => name !== "tool"), // its tools are buttons
        words,
        change,
        true,
      ),
    follow: pixels.follow,
    weights: true,
  },
  canvas_of_digits: {
    scene: canvas.sceneOf,
    stage: (host) => new CanvasStage(host),
    code: canvas.codeOf,
    idle: () => "",
    above: true,
    weights: true,
  },
  layers_of_lenet: {
    scene: layers.sceneOf,
    stage: (host) => new LayersStage(host),
    code: layers.codeOf,
    idle: () => "",
    still: true,
    weights: true,
  },
  training_film: {
    scene: film.sceneOf,
    stage: (host) => new FilmStage(host),
    code: film.codeOf,
    idle: () => "",
    controls: (_, words, change) => new Controls([], words, change), // its films are buttons
    above: true,
  },
  training_step: {
    scene: training.sceneOf,
    stage: (host) => new StepStage(host),
    code: training.codeOf,
    idle: () => "",
    still: true,
  },
};

export default rendered(PICTURES);
