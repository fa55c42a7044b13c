/** The module that anywidget loads for explorers of windows, grids and curves. */

import { rendered } from "./rendered.js";
import * as activation_function from "./scenes/activation_function.js";
import * as chain_of_units from "./scenes/chain_of_units.js";
import * as steps from "./scenes/convolution_steps.js";
import * as count_of_parameters from "./scenes/count_of_parameters.js";
import * as depth_of_a_stack from "./scenes/depth_of_a_stack.js";
import * as learning_rate from "./scenes/learning_rate.js";
import * as oneDimension from "./scenes/one_dimension.js";
import * as padding_stride from "./scenes/padding_stride.js";
import * as pooling from "./scenes/pooling.js";
import * as poolingSensitivity from "./scenes/pooling_sensitivity.js";
import * as field from "./scenes/receptive_field.js";
import * as stacked_kernels from "./scenes/stacked_kernels.js";
import * as stamps from "./scenes/stamps.js";
import { ConvolutionStage } from "./stages/convolution.js";
import { ofCurves } from "./stages/curves.js";
import { GridsStage, stored } from "./stages/grids.js";
import { StepsStage } from "./stages/steps.js";
import * as channelsView from "./views/channels.js";
import * as expandedView from "./views/expanded.js";
import * as matrixView from "./views/matrix.js";
import * as oneDimensionView from "./views/one_dimension.js";
import * as poolingView from "./views/pooling.js";
import * as poolingSensitivityView from "./views/pooling_sensitivity.js";
import * as stackView from "./views/stack.js";
import { either } from "./views/stamped.js";
import * as stampsView from "./views/stamps.js";

/**
 * @import { CodeOf, Kind, SceneOf } from "./types.js"
 * @import { View } from "./stages/grids.js"
 */

/**
 * An explorer of grids.
 *
 * @param {View} view
 * @param {CodeOf} code
 * @param {SceneOf} [scene]
 * @returns {Kind}
 */
function ofGrids(view, code, scene = stored) {
  return { scene, stage: (host) => new GridsStage(host, view, scene), code };
}

/** @type {Record<string, Kind>} */
export const WINDOWS = {
  padding_and_stride: {
    scene: padding_stride.sceneOf,
    stage: (host) => new ConvolutionStage(host),
    code: padding_stride.codeOf,
    idle: padding_stride.idleOf,
  },
  activation_function: ofCurves(activation_function),
  chain_of_units: ofCurves(chain_of_units),
  count_of_parameters: ofCurves(count_of_parameters),
  learning_rate: ofCurves(learning_rate),
  depth_of_a_stack: ofCurves(depth_of_a_stack),
  stacked_kernels: ofCurves(stacked_kernels),
  convolution_step_by_step: { scene: stored, stage: (host) => new StepsStage(host), code: steps.codeOf },
  convolution_over_channels: ofGrids(channelsView, steps.codeOf),
  pooling_step_by_step: ofGrids(poolingView, pooling.codeOf),
  matrix_of_a_convolution: ofGrids(matrixView, steps.codeOf),
  convolution_in_one_dimension: ofGrids(oneDimensionView, oneDimension.codeOf),
  pooling_sensitivity: ofGrids(poolingSensitivityView, poolingSensitivity.codeOf),
  sensitivity_stepper: ofGrids(stampsView, stamps.coded(stamps.stepperScene), stamps.stepperScene),
  sensitivity_through_stride: ofGrids(expandedView, stamps.coded(stamps.strideScene), stamps.strideScene),
  stacked_receptive_field: { ...ofGrids(stackView, field.codeOf, field.sceneOf), idle: field.idleOf },
  transposed_convolution: ofGrids(
    either(stampsView, expandedView),
    stamps.coded(stamps.transposedScene),
    stamps.transposedScene,
  ),
};

export default rendered(WINDOWS);
