/** Pictures of digits, read here and in Python: the same image, or the same reason why it is none. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { NoDigit, readDigit } from "../../cnncourse/explorers/web/read_digit.js";

const KINDS = { uint8: Uint8Array, uint16: Uint16Array, float64: Float64Array };

/** Python writes the table and says where: tests_browser/test_web.py. */
function table() {
  const path = process.env.PICTURES;
  return path ? JSON.parse(readFileSync(path, "utf8")) : [];
}

for (const { name, kind, height, width, channels, numbers, image, reason } of table()) {
  test(name, () => {
    const bytes = Uint8Array.from(Buffer.from(numbers, "base64"));
    const picture = { values: new KINDS[kind](bytes.buffer), height, width, channels };
    if (reason) {
      assert.throws(
        () => readDigit(picture),
        (error) => error instanceof NoDigit && error.message === reason,
      );
      return;
    }
    const read = readDigit(picture).image;
    const away = Math.max(...image.map((ink, k) => Math.abs(ink - read[k])));
    assert.ok(away <= 1e-3, `${away} away`);
  });
}

test("a picture of less than five pixels a side is too small", () => {
  assert.throws(() => readDigit({ values: new Uint8Array(16), height: 4, width: 4, channels: 1 }), {
    message: "got 4 by 4 pixels, expected at least 5 by 5",
  });
});
