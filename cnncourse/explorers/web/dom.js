/** Making nodes, and changing only what is different. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function vector(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {string} label @param {() => void} act */
export function button(label, act) {
  const node = element("button", { type: "button" }, label);
  node.addEventListener("click", act);
  return node;
}

/** @param {Element} node @param {Record<string, string | number>} attributes */
export function put(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** @param {Element} node @param {string} words */
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

// What stays on one line: sizes, and what an equation ends with, with two short terms before it: a phone has room for them.
const WHOLE = /(\d+(?: × \d+)+|(?<!\S)\S{1,9} [+−] \S{1,9} = \S+$| = \S+$)/;

/**
 * The parts of a text, those that stay on one line in a span.
 *
 * @param {string} words
 */
function unbroken(words) {
  return words.split(WHOLE).map((part, k) => (k % 2 ? element("span", { class: "cnnx-whole" }, part) : part));
}

/** @param {Element} node @param {string} words */
export function writeWhole(node, words) {
  if (node.textContent !== words) node.replaceChildren(...unbroken(words));
}

/**
 * Writes a formula: what follows _ stands lower.
 *
 * @param {Element} node
 * @param {string} words
 */
export function writeFormula(node, words) {
  if (node.getAttribute("data-words") === words) return;
  node.setAttribute("data-words", words);
  const parts = words.split(/_(\{[^}]*\}|\w)/);
  const low = (/** @type {string} */ part) => element("sub", {}, part.replace(/[{}]/g, ""));
  const lowInSvg = (/** @type {string} */ part) =>
    vector("tspan", { class: "cnnx-low", dy: 3 }, part.replace(/[{}]/g, ""));
  const back = (/** @type {string} */ part) => (part ? [vector("tspan", { dy: -3 }, part)] : []);
  if (!(node instanceof SVGElement))
    return node.replaceChildren(...parts.flatMap((part, k) => (k % 2 ? low(part) : unbroken(part))));
  /** @type {(string | SVGElement)[]} */
  const pieces = [];
  for (const [k, part] of parts.entries()) pieces.push(...(k % 2 ? [lowInSvg(part)] : k ? back(part) : [part]));
  node.replaceChildren(...pieces);
}

/** Where the mouse last moved to, in the window. @type {{x: number, y: number} | null} */
let resting = null;

/** @param {PointerEvent} event */
function rest(event) {
  resting = { x: event.clientX, y: event.clientY };
}

/**
 * Keep from a node's parts that a page was scrolled under a mouse that rests: what is shown would change by itself.
 *
 * @param {HTMLElement} node
 */
export function onlyMoved(node) {
  window.addEventListener("pointermove", rest, { capture: true, passive: true });
  for (const type of /** @type {const} */ (["pointerover", "pointerenter"])) {
    node.addEventListener(
      type,
      (event) => {
        const still = event.clientX === resting?.x && event.clientY === resting.y;
        if (still && event.pointerType === "mouse") event.stopPropagation();
      },
      { capture: true },
    );
  }
}
