/** All explorers by name, for the tests: their scenes and their code. */

import { PICTURES } from "./pictures.js";
import { WINDOWS } from "./windows.js";

/** @import { Data, Settings } from "./types.js" */

const KINDS = { ...WINDOWS, ...PICTURES };

/**
 * The scene of these settings, as Python's `Scene.to_json` gives it.
 *
 * @param {Data} data
 * @param {Settings} settings
 */
export function sceneOf(data, settings) {
  return KINDS[data.name].scene(data, settings);
}

/**
 * The setting as code.
 *
 * @param {Data} data
 * @param {Settings} settings
 * @param {string} library
 * @param {string} library "cnnlib" or "torch"
 */
export function codeOf(data, settings, library) {
  return KINDS[data.name].code(data, settings, library);
}
