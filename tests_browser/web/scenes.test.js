/** Scenes and code computed here against a table of cases that Python wrote (tests_browser/test_web.py). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sceneOf } from "../../cnncourse/explorers/web/index.js";
import { codeOf, idleOf } from "../../cnncourse/explorers/web/scenes/padding_stride.js";

const path = process.env.CASES;
const skip = path ? false : "no table of cases: CASES names a file that tests_browser/test_web.py writes";

test("every scene is the one that Python computes", { skip }, () => {
  for (const { data, cases } of JSON.parse(readFileSync(path ?? "", "utf8"))) {
    assert.ok(cases.length > 20);
    for (const { settings, scene } of cases) assert.deepEqual(sceneOf(data, settings), scene);
  }
});

test("the setting as code is the one that Python writes", { skip }, () => {
  const [{ data, codes }] = JSON.parse(readFileSync(path ?? "", "utf8"));
  for (const { settings, library, code } of codes) assert.equal(codeOf(data, settings, library), code);
});

test("a kernel of one cell has no gaps", () => {
  const texts = { no_gaps: "none" };
  assert.equal(idleOf({ texts }, { kernel: [1, 1] }, "dilation"), "none");
  assert.equal(idleOf({ texts }, { kernel: [1, 2] }, "dilation"), "");
  assert.equal(idleOf({ texts }, { kernel: [1, 1] }, "stride"), "");
});
