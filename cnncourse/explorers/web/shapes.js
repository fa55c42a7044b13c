/** Shapes and words of a drawing: boxes and what joins them, paths, and fields that keys reach. */

import { put, vector } from "./dom.js";

/** @import { Box } from "./types.js" */

export const STAR =
  [...Array(10).keys()]
    .map((k) => {
      const angle = (k * Math.PI) / 5 - Math.PI / 2,
        r = k % 2 ? 3.4 : 8.5;
      return `${k ? "L" : "M"}${f(r * Math.cos(angle))} ${f(r * Math.sin(angle))}`;
    })
    .join("") + "z";

/** @param {number} value */
export function f(value) {
  return Math.round(value * 100) / 100;
}

/** @param {Box} box */
export function rectangle({ x, y, width, height }) {
  return `M${f(x)} ${f(y)}h${f(width)}v${f(height)}h${f(-width)}z`;
}

/**
 * A cross whose middle is left free for the number.
 *
 * @param {Box} box
 */
export function corners({ x, y, width, height }) {
  const [e, l] = [0.06 * width, 0.2 * width];
  const [right, bottom] = [x + width - e, y + height - e];
  return [
    `M${f(x + e)} ${f(y + e)}l${f(l)} ${f(l)}`,
    `M${f(right)} ${f(y + e)}l${f(-l)} ${f(l)}`,
    `M${f(x + e)} ${f(bottom)}l${f(l)} ${f(-l)}`,
    `M${f(right)} ${f(bottom)}l${f(-l)} ${f(-l)}`,
  ].join("");
}

/** @param {Box} box @param {number} by */
export function inset({ x, y, width, height }, by) {
  return { x: x + by, y: y + by, width: Math.max(1, width - 2 * by), height: Math.max(1, height - 2 * by) };
}

/** @param {Box} box @param {number} by */
export function grown(box, by) {
  const { x, y, width, height } = inset(box, -by);
  return { x: f(x), y: f(y), width: f(width), height: f(height) };
}

/**
 * What joins two boxes: from the right side of one to the left side of the other, or from below to above.
 *
 * @param {Box} from
 * @param {Box} to
 * @param {boolean} down
 */
export function wedge(from, to, down) {
  const points = down
    ? [
        [from.x, from.y + from.height],
        [to.x, to.y],
        [to.x + to.width, to.y],
        [from.x + from.width, from.y + from.height],
      ]
    : [
        [from.x + from.width, from.y],
        [to.x, to.y],
        [to.x, to.y + to.height],
        [from.x + from.width, from.y + from.height],
      ];
  const [a, b, c, d] = points.map(([x, y]) => `${f(x)} ${f(y)}`);
  return { fillPath: `M${a}L${b}L${c}L${d}z`, edgePath: `M${a}L${b}M${d}L${c}` };
}

/** @param {string} id */
export function patterns(id) {
  const pattern = /** @param {string} name @param {number} side @param {SVGElement} mark @param {string} [turn] */ (
    name,
    side,
    mark,
    turn = "",
  ) =>
    vector(
      "pattern",
      { id: `${id}-${name}`, width: side, height: side, patternUnits: "userSpaceOnUse", patternTransform: turn },
      mark,
    );
  return vector(
    "defs",
    {},
    pattern("hatch", 7, vector("path", { class: "cnnx-hatching", d: "M0 0V7" }), "rotate(45)"),
    pattern("gaps", 6, vector("circle", { class: "cnnx-dots", cx: 3, cy: 3, r: 1 })),
  );
}

/** Whether parts stand below each other. @param {string} size */
export function onPhone(size) {
  return size === "phone" || size === "small";
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} [height]
 * @returns {Box}
 */
export function box(x, y, width, height = width) {
  return { x, y, width, height };
}

/** @param {string} look */
export function path(look) {
  return vector("path", { class: `cnnx-${look}` });
}

/** @param {string} look @param {string} [said] @param {string} [anchor] */
export function word(look, said = "", anchor = "start") {
  return vector("text", { class: `cnnx-${look}`, "text-anchor": anchor }, said);
}

/**
 * What lies over a drawing and takes no pointer.
 *
 * @param {...SVGElement} nodes
 */
export function over(...nodes) {
  return vector("g", { class: "cnnx-over", "aria-hidden": "true" }, ...nodes);
}

/** A frame around what is looked at. @param {string} more another look @param {number} [rx] */
export function frame(more, rx = 2) {
  return vector("rect", { class: `cnnx-frame ${more}`.trim(), rx });
}

/**
 * A field of the stage that keys reach like a slider.
 *
 * @param {string} name
 * @param {number} [last]
 */
export function field(name, last) {
  const attributes = { class: "cnnx-area", tabindex: 0, role: "slider", "aria-label": name, "aria-valuemin": 0 };
  const node = vector("rect", { ...attributes, "data-lm-suppress-shortcuts": "" });
  if (last !== undefined) put(node, { "aria-valuemax": last });
  return node;
}
