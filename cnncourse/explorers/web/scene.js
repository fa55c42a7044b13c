/** What the scenes of all explorers are made of. */

import { fill } from "./sentences.js";

/** @import { Scene, Settings, Texts } from "./types.js" */

/**
 * A scene of some parts, nothing in the others.
 *
 * @param {Partial<Scene>} parts
 * @returns {Scene}
 */
export function sceneWith(parts) {
  return { output: null, grids: [], rows: [], columns: [], lines: [], sentence: "", message: "", ...parts };
}

/**
 * The setting as code.
 *
 * @param {Texts} texts
 * @param {string} library "cnnlib" or "torch"
 * @param {Settings} gaps
 */
export function program(texts, library, gaps) {
  return fill(texts[`code_${library}`], gaps).replaceAll("{{", "{").replaceAll("}}", "}");
}

/** The bytes of a text in base64. @param {string} [packed] */
export function bytesOf(packed = "") {
  return Uint8Array.from(atob(packed), (one) => one.charCodeAt(0));
}
