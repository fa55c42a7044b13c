/** Two views in one, for an explorer that is looked at in two ways: the scene says in which. */

/**
 * @import { Scene } from "../types.js"
 * @import { View } from "../stages/grids.js"
 */

/** @param {View} stamps @param {View} expanded @returns {View} */
export function either(stamps, expanded) {
  const of = /** @param {Scene} scene */ ({ stage }) => (stage === "stamps" ? stamps : expanded);
  return {
    roles: [...new Set([...stamps.roles, ...expanded.roles])],
    height: stamps.height,
    arrange: (width, size, scene, settings) => of(scene).arrange(width, size, scene, settings),
    draw: (scene, settings, texts) => of(scene).draw(scene, settings, texts),
    show: (where, scene, settings, texts) => of(scene).show(where, scene, settings, texts),
    home: (settings, scene) => of(scene).home?.(settings, scene) ?? { role: "output", cell: settings.position },
    positionOf: (where, scene, settings) => of(scene).positionOf?.(where, scene, settings) ?? null,
  };
}
