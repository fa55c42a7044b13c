/** Changed pixels as a short text, as edits.py has it: "e5.0-11_p20.13" is row 5 rubbed out, and one pixel drawn. */

export const ERASED = "e";
export const DRAWN = "p";
const RUN = /^([ep])(\d+)\.(\d+)(?:-(\d+))?$/;

/**
 * What became of each pixel, row by row: ERASED, DRAWN or ""; null if the words name no pixels.
 *
 * @param {string} words
 * @param {number} side
 * @returns {string[] | null}
 */
export function marksOf(words, side) {
  const marks = new Array(side * side).fill("");
  for (const run of words ? words.split("_") : []) {
    const found = RUN.exec(run);
    if (!found) return null;
    const [row, first, last] = [found[2], found[3], found[4] ?? found[3]].map(Number);
    if (!(row < side && first <= last && last < side)) return null;
    marks.fill(found[1], row * side + first, row * side + last + 1);
  }
  return marks;
}

/**
 * Marks as words, run by run from the top.
 *
 * @param {string[]} marks
 * @param {number} side
 */
export function marksWritten(marks, side) {
  const runs = [];
  for (let k = 0; k < marks.length; ) {
    const mark = marks[k],
      row = Math.floor(k / side),
      first = k % side;
    let last = first;
    while (last + 1 < side && marks[row * side + last + 1] === mark) last++;
    if (mark) runs.push(`${mark}${row}.${first}${last > first ? `-${last}` : ""}`);
    k = row * side + last + 1;
  }
  return runs.join("_");
}
