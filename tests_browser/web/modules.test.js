/** The small parts: sentences, settings, addresses, tints, places. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { tints } from "../../cnncourse/explorers/web/grid.js";
import { bracketed, fill, grouped, indexed, number, signed, text } from "../../cnncourse/explorers/web/sentences.js";
import { changed, read, written } from "../../cnncourse/explorers/web/settings.js";
import { layout } from "../../cnncourse/explorers/web/stages/convolution.js";

const SPECS = [
  { type: "range", name: "size", label: "Input", symbol: "W", low: 4, high: 12, pair: true },
  { type: "range", name: "kernel", label: "Kernel", symbol: "F", low: 1, high: 5, pair: true },
  { type: "range", name: "dilation", label: "Dilation", symbol: "d", low: 1, high: 3 },
  { type: "switch", name: "apart", label: "Apart" },
  {
    type: "choice",
    name: "view",
    label: "View",
    options: [
      ["near", "Near"],
      ["far", "Far"],
    ],
  },
  { type: "position", name: "position", label: "Position" },
];
const START = { size: [7, 7], kernel: [3, 3], dilation: 1, apart: false, view: "near", position: [1, 1] };

test("numbers are written as Python writes them", () => {
  assert.deepEqual([-2.5, 0.125, -0.125, 3, -0.001, null].map(text), ["−2.5", "0.13", "−0.13", "3", "0", "−∞"]);
  assert.equal(signed([1, -2, 0]), "1 − 2 + 0");
  assert.equal(bracketed(-1), "(−1)");
  assert.equal(indexed("x", 2, 3), "x₂₃");
  assert.equal(indexed("x", 10, 2), "x₁₀,₂");
});

test("thousands have commas, decimals have none", () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
  assert.deepEqual(
    [-1234.25, 1234.5678, -0.01, 0.0625].map((value) => number(value, 3)),
    ["−1,234.25", "1,234.568", "−0.01", "0.063"],
  );
  assert.equal(number(-0.01), "0");
});

test("gaps are filled, and what has no filling stays", () => {
  assert.equal(fill("{a} of {b}", { a: 0 }), "0 of {b}");
  assert.equal(fill("net_{{r},{c}}", { r: 1, c: 2 }), "net_{1,2}");
});

test("rows and columns go together or apart", () => {
  assert.deepEqual(changed(SPECS, START, { size: [5, 5] }), { ...START, size: [5, 5] });
  const apart = changed(SPECS, START, { size: [5, 6] });
  assert.equal(apart.apart, true);
  assert.deepEqual(changed(SPECS, apart, { apart: false }).size, [5, 5]);
});

test("an address says what the settings are, and is read back", () => {
  const settings = { ...START, size: [12, 12], kernel: [3, 5], apart: true, view: "far", position: [0, 2] };
  const words = written(SPECS, settings);
  assert.equal(words, "W:12,F:3x5,d:1,apart:1,view:far,at:0x2");
  assert.deepEqual(changed(SPECS, START, read(SPECS, words)), settings);
});

test("what an address may not say is left out", () => {
  for (const words of [
    "W:13",
    "W:3",
    "W:x",
    "W:",
    "Q:5",
    "d:1x2",
    "F:1x2x3",
    "view:no",
    "at:1",
    "at:-1x0",
    "",
    ",,",
    "W:1e1x",
    "apart:maybe",
  ]) {
    assert.deepEqual(read(SPECS, words), {}, words);
  }
  assert.deepEqual(read(SPECS, "W=12; kernel = 5 , nonsense:1"), { size: [12, 12], kernel: [5, 5] });
});

test("a tint grows with the number, by sign", () => {
  assert.deepEqual(tints([[0, 5, -5, 1]]), [["z", "p5", "n5", "p1"]]);
  assert.deepEqual(tints([[1]]), [["p2"]]); // a lone small number is not the strongest
});

test("grids stand beside each other, in the stage, whatever its width", () => {
  for (let width = 270; width < 940; width += 7) {
    const size = width < 316 ? "small" : width < 576 ? "phone" : width < 744 ? "tablet" : "laptop";
    const { height, narrow, ...places } = layout(width, size);
    const boxes = [places.input, places.kernel, places.products, places.output];
    for (const { x, y, width: w, height: h } of boxes) {
      assert.ok(x >= 0 && y >= 0 && x + w <= width && y + h <= height, `${width} ${size}`);
      assert.ok(w > 60);
    }
    for (const [k, a] of boxes.entries()) {
      for (const b of boxes.slice(k + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        assert.ok(apart, `${width} ${size} ${JSON.stringify([a, b])}`);
      }
    }
  }
});
