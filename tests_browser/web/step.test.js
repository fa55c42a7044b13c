/** Where the numbers of the training step stand: inside the stage, none on another, at every width. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { read, written } from "../../cnncourse/explorers/web/settings.js";
import { boxOf, layoutOf, typeOf } from "../../cnncourse/explorers/web/stages/training_step_layout.js";

const SHAPES = {
  x: [4, 4],
  ...Object.fromEntries(
    [0, 1].flatMap((k) =>
      [
        ["w", 2],
        ["net", 3],
        ["a", 3],
        ["y", 2],
      ].map(([n, m]) => [n + k, [m, m]]),
    ),
  ),
  ...{ wb0: [1, 1], wb1: [1, 1], W00: [2, 2], W01: [2, 2], W10: [2, 2], W11: [2, 2] },
  ...{ b: [2, 1], out: [2, 1], p: [2, 1], E: [1, 1] },
};

/** Every cell of a layout: its name and box. */
function cellsOf(layout) {
  const backward = Object.entries(SHAPES).filter(([name]) => !["x", "p", "E"].includes(name));
  const all = [...Object.entries(SHAPES), ...backward.map(([name, shape]) => [`d_${name}`, shape])];
  assert.deepEqual(new Set(all.map(([name]) => name)), new Set(Object.keys(layout.places)));
  return all.flatMap(([name, [rows, columns]]) =>
    Array.from({ length: rows * columns }, (_, k) => {
      const [r, c] = [Math.floor(k / columns), k % columns];
      return { name: `${name} ${r} ${c}`, ...boxOf(layout, name, r, c) };
    }),
  );
}

test("every number has a cell of its own inside the stage", () => {
  for (let width = 240; width <= 930; width += 3) {
    const layout = layoutOf(width),
      cells = cellsOf(layout);
    assert.equal(cells.length, 167);
    for (const [k, a] of cells.entries()) {
      const inside = a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= layout.height;
      assert.ok(inside, `${a.name} at ${width}`);
      for (const b of cells.slice(k + 1)) {
        const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
        const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
        assert.ok(across < 0.01 || down < 0.01, `${a.name} on ${b.name} at ${width}`);
      }
    }
    const { curve } = layout;
    const meets = cells.filter(({ x, y, ...one }) => {
      const across = Math.min(x + one.width, curve.x + curve.width) - Math.max(x, curve.x);
      return across > 0 && Math.min(y + one.height, curve.y + curve.height) - Math.max(y, curve.y) > 0;
    });
    assert.deepEqual(meets, [], `the curve at ${width}`);
    assert.ok(curve.width >= 40 && curve.height >= 40);
  }
});

test("the height is one for all wide cards, one for all others, and one for the narrowest", () => {
  const heights = (from, to) => new Set(Array.from({ length: to - from }, (_, k) => layoutOf(from + k).height));
  assert.equal(heights(740, 930).size, 1);
  assert.equal(heights(318, 740).size, 1);
  assert.equal(heights(280, 318).size, 1);
});

test("type is large enough to read, and five characters find room", () => {
  for (let wide = 33; wide <= 60; wide++) {
    assert.ok(typeOf(wide, false) >= 11);
    assert.ok(wide < 37 || typeOf(wide, false) * 0.6 * 5 <= wide, `${wide}`);
  }
  for (let room = 280; room < 740; room++) {
    const { places, paired } = layoutOf(room);
    assert.ok(paired);
    for (const [name, { w }] of Object.entries(places))
      assert.ok(name === "x" || typeOf(w, paired) * 0.6 * 5 <= w, `${name} at ${room}: ${w}`);
  }
});

test("a number that is looked at stands in an address, and what is no name is left out", () => {
  const specs = [{ type: "cell", name: "look", label: "Number", names: "x_00 d_w0_01" }];
  assert.equal(written(specs, { look: "d_w0_01" }), "look:d_w0_01");
  assert.deepEqual(read(specs, "look:d_w0_01"), { look: "d_w0_01" });
  assert.deepEqual(read(specs, "look:d_w0_02"), {});
});
