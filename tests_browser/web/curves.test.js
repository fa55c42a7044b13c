/** The explorers of curves: numbers as words, places of plots, and scenes against a table that Python wrote. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sceneOf } from "../../cnncourse/explorers/web/index.js";
import { digits, fixed, percent, powers, precise, rough, text, ticks } from "../../cnncourse/explorers/web/numbers.js";
import * as activation_function from "../../cnncourse/explorers/web/scenes/activation_function.js";
import * as chain_of_units from "../../cnncourse/explorers/web/scenes/chain_of_units.js";
import * as count_of_parameters from "../../cnncourse/explorers/web/scenes/count_of_parameters.js";
import * as depth_of_a_stack from "../../cnncourse/explorers/web/scenes/depth_of_a_stack.js";
import * as learning_rate from "../../cnncourse/explorers/web/scenes/learning_rate.js";
import * as stacked_kernels from "../../cnncourse/explorers/web/scenes/stacked_kernels.js";
import { read, written } from "../../cnncourse/explorers/web/settings.js";
import { layout } from "../../cnncourse/explorers/web/stages/curves.js";
import { allowed, nearest, said, valuesOf } from "../../cnncourse/explorers/web/stops.js";

const MODULES = {
  activation_function,
  chain_of_units,
  count_of_parameters,
  depth_of_a_stack,
  learning_rate,
  stacked_kernels,
};
const path = process.env.CURVES;
const skip = path ? false : "no table of cases: CURVES names a file that tests_browser/test_web.py writes";
const tables = () => JSON.parse(readFileSync(path ?? "", "utf8"));

/** Words are equal, numbers as nearly as two libraries for e^x agree. */
function alike(found, expected, where) {
  if (typeof expected === "number") {
    const size = Math.max(Math.abs(expected), Math.abs(found));
    assert.ok(found === expected || Math.abs(found - expected) <= 1e-5 * size, `${where}: ${found}, not ${expected}`);
  } else if (expected === null || typeof expected !== "object") {
    assert.equal(found, expected, where);
  } else {
    assert.deepEqual(Object.keys(found), Object.keys(expected), where);
    for (const key of Object.keys(expected)) alike(found[key], expected[key], `${where}.${key}`);
  }
}

test("every scene is the one that Python computes", { skip }, () => {
  for (const { data, cases } of tables()) {
    assert.ok(cases.length >= (data.lang ? 30 : 360), data.name); // in other languages a few will do
    for (const [settings, scene] of cases)
      alike(sceneOf(data, settings), scene, `${data.name} ${JSON.stringify(settings)}`);
  }
});

test("the setting as code is the one that Python writes", { skip }, () => {
  for (const { data, codes } of tables())
    for (const [settings, library, code] of codes)
      assert.equal(MODULES[data.name].codeOf(data, settings, library), code);
});

test("every point has its reading, with no gap left", { skip }, () => {
  for (const { data, cases } of tables()) {
    for (const [settings, scene] of cases.filter((_, k) => k % 7 === 0)) {
      const count = scene.plots[0]?.items.length ?? 0;
      for (const k of [0, count - 1]) {
        if (scene.message || k < 0) continue;
        const words = MODULES[data.name].readingOf(data, scene, settings, k);
        assert.match(words, /\d.*[.。]$/);
        assert.doesNotMatch(words, /[{}]|NaN|undefined|Infinity|null/);
      }
    }
  }
});

test("numbers are written as Python writes them", () => {
  assert.deepEqual([-0.25, 1.234e-5, 0.99999, 0, 0.03125, 1.5e7].map(text), [
    "−0.25",
    "1.23·10⁻⁵",
    "0.99999",
    "0",
    "0.0312",
    "1.50·10⁷",
  ]);
  assert.deepEqual([0.123, 6.48e-49, 20].map(rough), ["0.12", "6.5·10⁻⁴⁹", "20"]);
  assert.deepEqual([0.000123456, 97.66, 2, 1.5e13, 12345.6].map(digits), [
    "0.000123",
    "97.7",
    "2",
    "1.5·10¹³",
    "12,346",
  ]);
  assert.deepEqual([fixed(2.5, 0), fixed(3.5, 0), fixed(-0.5, 0), fixed(0.125, 2)], ["2", "4", "-0", "0.12"]);
  assert.deepEqual(
    [precise(708500, 3), precise(709500, 3), precise(0.03125, 3), precise(2, 3)],
    [708000, 710000, 0.0312, 2],
  );
  assert.deepEqual([percent(0.791), percent(0.0025), percent(0.000025)], ["79 %", "0.25 %", "0.0025 %"]);
});

test("ticks are round numbers", () => {
  assert.deepEqual(
    ticks(-0.17, 1.17).map(([, words]) => words),
    ["0", "0.5", "1"],
  );
  assert.deepEqual(
    powers(-4, 1).map(([, words]) => words),
    ["10⁻⁴", "10⁻³", "0.01", "0.1", "1", "10"],
  );
});

const Z = { type: "real", name: "z", label: "Weighted input", symbol: "z", low: -6, high: 6, step: 0.1, decimals: 1 };
const SIZE = { type: "stops", name: "size", label: "Image size", symbol: "W = H", stops: [3, 100, 1000] };
const RATE = { type: "levels", name: "rate", label: "Learning rate", symbol: "η", stops: [0.0001, 0.5, 10] };

test("a slider has its stops, and other values where they are allowed", () => {
  assert.equal(valuesOf(Z).length, 121);
  assert.equal(valuesOf(Z)[60], 0);
  assert.equal(nearest(SIZE.stops, 300), 1);
  assert.deepEqual(
    [0.3, 0.25, 7, Number.NaN].map((value) => allowed(Z, value)),
    [0.3, null, null, null],
  );
  assert.deepEqual(
    [301, 2, 3.5].map((value) => allowed(SIZE, value)),
    [301, null, null],
  );
  assert.deepEqual([said(Z, -2), said(SIZE, 1000), said(RATE, 0.0001)], ["−2.0", "1,000", "0.0001"]);
});

test("an address says what these settings are, and is read back", () => {
  const specs = [Z, SIZE, RATE],
    settings = { z: -2.5, size: 301, rate: 0.0123 };
  assert.equal(written(specs, settings), "z:-2.5,size:301,rate:0.0123");
  assert.deepEqual(read(specs, written(specs, settings)), settings);
  assert.deepEqual(read(specs, "z:7,size:2,rate:x,η:1"), { rate: 1 });
});

test("plots stand beside each other on the stage, above each other on a phone", () => {
  for (let width = 290; width < 940; width += 13) {
    const size = width < 316 ? "small" : width < 576 ? "phone" : width < 744 ? "tablet" : "laptop";
    for (const count of [1, 2]) {
      const { height, places } = layout(width, size, count);
      assert.equal(places.length, count);
      for (const { x, y, width: w, height: h } of places) {
        assert.ok(x >= 0 && y >= 0 && x + w <= width + 1e-9 && y + h <= height && w > 250);
      }
      const [a, b] = places;
      if (b) assert.ok(a.x + a.width <= b.x || a.y + a.height <= b.y);
    }
  }
});
