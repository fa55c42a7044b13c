/** Where keys and pointers lead on a stage. */

/** @import { Pair } from "./types.js" */

/**
 * A number from 0 to one less than so many.
 *
 * @param {number} k
 * @param {number} count
 */
export function within(k, count) {
  return Math.min(Math.max(k, 0), count - 1);
}

/**
 * The cell that a key leads to from another one, of so many rows and columns; null for a key that leads nowhere.
 *
 * @param {string} key
 * @param {ArrayLike<number>} from row and column
 * @param {number[]} size rows and columns
 * @param {number} [step]
 * @returns {Pair | null}
 */
export function led(key, { 0: r, 1: c }, [rows, columns], step = 1) {
  /** @type {Record<string, Pair>} */
  const ways = {
    ArrowUp: [r - step, c],
    ArrowDown: [r + step, c],
    ArrowLeft: [r, c - step],
    ArrowRight: [r, c + step],
    Home: [r, 0],
    End: [r, columns - 1],
  };
  const to = ways[key];
  return to ? [within(to[0], rows), within(to[1], columns)] : null;
}

/**
 * The cell under the pointer, or the one nearest to it.
 *
 * @param {MouseEvent} event
 * @param {Element} node that is divided into so many rows and columns
 * @param {number[]} size
 * @returns {Pair}
 */
export function cellUnder(event, node, [rows, columns]) {
  const { left, top, width, height } = node.getBoundingClientRect();
  const [r, c] = [((event.clientY - top) / height) * rows, ((event.clientX - left) / width) * columns];
  return [within(Math.floor(r), rows), within(Math.floor(c), columns)];
}

/**
 * Let a node be dragged: what `begin` gives goes to `move` with every event until the hand lets go.
 *
 * @template T
 * @param {SVGElement | HTMLElement} node
 * @param {(event: PointerEvent) => T | null} begin null where it cannot be dragged
 * @param {(event: PointerEvent, from: T) => void} move
 */
export function drags(node, begin, move) {
  /** @type {T | null} */
  let from = null;
  const on = /** @param {string} name @param {(event: PointerEvent) => void} act */ (name, act) =>
    node.addEventListener(name, /** @type {EventListener} */ (act));
  on("pointerdown", (event) => {
    from = begin(event);
    if (from !== null) node.setPointerCapture(event.pointerId);
  });
  on("pointermove", (event) => from !== null && move(event, from));
  for (const end of ["pointerup", "pointercancel"])
    on(end, () => {
      from = null;
    });
}
