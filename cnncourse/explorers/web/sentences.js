/** Sentences with gaps, and numbers as they are written. */

/**
 * @param {string} template
 * @param {Record<string, string | number>} gaps
 */
export function fill(template, gaps) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in gaps ? String(gaps[name]) : whole));
}

/**
 * A number as it stands in a cell: a true minus sign, at most two decimals, halves away from 0.
 *
 * @param {number | null | undefined} value
 */
export function text(value) {
  if (value === null || value === undefined) return "−∞";
  const rounded = Math.round(Math.abs(value) * 100) / 100;
  return (value < 0 && rounded ? "−" : "") + rounded;
}

/** @param {number[]} values */
export function signed(values) {
  return values.map((v, k) => (k === 0 ? text(v) : v < 0 ? ` − ${text(-v)}` : ` + ${text(v)}`)).join("");
}

/** @param {number} value */
export function bracketed(value) {
  return value < 0 ? `(${text(value)})` : text(value);
}

/**
 * A letter with its indices below: x₂₃, or x₁₀,₂ where two digits would run together.
 *
 * @param {string} letter
 * @param {...number} at
 */
export function indexed(letter, ...at) {
  const low = /** @param {number} n */ (n) => String(n).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);
  return letter + at.map(low).join(at.some((n) => n > 9) ? "," : "");
}

/**
 * A number with at most so many decimals, halves away from 0, and commas between thousands.
 *
 * @param {number} value
 * @param {number} [decimals]
 */
export function number(value, decimals = 1) {
  const scale = 10 ** decimals;
  const rounded = Math.floor(Math.abs(value) * scale + 0.5) / scale;
  const shown = rounded.toLocaleString("en-US", { maximumFractionDigits: decimals });
  return (value < 0 && rounded ? "−" : "") + shown;
}
