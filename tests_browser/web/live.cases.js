/** Scenes and code of the explorers without grids against cases that Python wrote (tests_browser/test_live_web.py). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { codeOf, sceneOf } from "../../cnncourse/explorers/web/index.js";

const tables = JSON.parse(readFileSync(process.env.CASES ?? "", "utf8"));
const near = (a, b, slack) => Math.abs(a - b) <= slack * (1 + Math.abs(b));

for (const { data, cases, codes, slack, weights } of tables) {
  if (weights) data.weights = new DataView(Uint8Array.from(Buffer.from(weights, "base64")).buffer);
  test(`${data.name}: every scene is the one that Python computes`, () => {
    assert.ok(cases.length >= 100);
    for (const { settings, scene, numbers, arrays } of cases) {
      const found = sceneOf(data, settings);
      const where = JSON.stringify(settings);
      for (const name of ["output", "lines", "sentence", "message"]) assert.deepEqual(found[name], scene[name], where);
      for (const [name, value] of Object.entries(numbers)) {
        if (typeof value !== "number") assert.deepEqual(found.numbers[name], value, `${name} ${where}`);
        else assert.ok(near(found.numbers[name], value, slack), `${name}: ${found.numbers[name]}, ${value} ${where}`);
      }
      for (const [name, [total, moment]] of Object.entries(arrays)) {
        const values = Array.from(found.numbers[name]);
        const sum = values.reduce((a, b) => a + b, 0),
          by = values.reduce((a, b, k) => a + b * (k % 97), 0);
        assert.ok(
          near(sum, total, slack) && near(by, moment, slack),
          `${name}: ${sum} ${by}, ${total} ${moment} ${where}`,
        );
      }
    }
  });

  test(`${data.name}: the setting as code is the one that Python writes`, () => {
    for (const { settings, library, code } of codes) assert.equal(codeOf(data, settings, library), code);
  });
}
