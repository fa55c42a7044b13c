/** Sentences with gaps, and numbers as they are written. */

/**
 * A template with its gaps filled. One of Chinese writes a space between a character and a gap; it goes where Chinese
 * comes into the gap too, as `cnncourse.language` has it.
 *
 * @param {string} template
 * @param {Record<string, string | number>} gaps
 */
export function fill(template, gaps) {
  const parts = template.split(/(\{\w+\})/);
  const filled = parts.map((part, k) => (k % 2 && part.slice(1, -1) in gaps ? String(gaps[part.slice(1, -1)]) : part));
  return filled.reduce(met);
}

const WIDE = /[\u3000-\u9fff\uff00-\uffef“”]/;
const MARK = /[\u3001-\u303f\uff00-\uffef]/;

/**
 * Two texts, without a space between Chinese characters or beside a full-width mark.
 *
 * @param {string} left
 * @param {string} right
 */
function met(left, right) {
  if (!left.endsWith(" ") && !right.startsWith(" ")) return left + right;
  const [before, after] = [left.replace(/ +$/, ""), right.replace(/^ +/, "")];
  const ends = [before.slice(-1), after.slice(0, 1)];
  const close = ends.every((one) => WIDE.test(one)) || ends.some((one) => MARK.test(one));
  return close ? before + after : left + right;
}

/**
 * Sentences one after the other: with a space between them, but behind a full-width mark.
 *
 * @param {string[]} sentences
 */
export function joined(sentences) {
  return sentences.reduce((said, one) => said + (/[\u3000-\u303f\uff00-\uffef]$/.test(said) ? "" : " ") + one);
}

/**
 * Phrases one after the other, with what stands between the two gaps of "{first} and {second}".
 *
 * @param {string} template
 * @param {string[]} phrases
 */
export function between(template, phrases) {
  return phrases.filter(Boolean).join(template.replace(/^\{first\}|\{second\}$/g, ""));
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
  return (value < 0 && rounded ? "−" : "") + grouped(rounded);
}

/** A number with commas between thousands: without Intl, which takes ten times as long. @param {number} value */
export function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
