/** What leaves the card: code, a link, a picture; and what reaches it from the address or a sentence of the page. */

import { read } from "./settings.js";

/** @import { Changes, Spec } from "./types.js" */

/**
 * @typedef {object} Listed a card, as links know it
 * @property {string} name
 * @property {HTMLElement} node
 * @property {Spec[]} specs
 * @property {(changes: Changes) => void} apply
 */

// One list for all modules of a page: every explorer brings its own copy of this one.
const KEY = Symbol.for("cnncourse.explorers");

/** @returns {Listed[]} */
function cards() {
  const page = /** @type {any} */ (globalThis);
  if (!page[KEY]) {
    page[KEY] = [];
    document.addEventListener("click", follow, { capture: true });
  }
  return page[KEY];
}

/**
 * A link of a sentence, `<a href="#padding_and_stride=W:7">set the size to 7</a>`, sets the explorer of that name; a
 * page without one is left alone.
 *
 * @param {MouseEvent} event
 */
function follow(event) {
  const link = event.target instanceof Element ? event.target.closest("a[href*='#']") : null;
  const found = link && find(link.getAttribute("href") ?? "");
  if (!found || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  event.stopPropagation();
  found.card.apply(read(found.card.specs, found.words));
  found.card.node.scrollIntoView({ block: "nearest", behavior: "auto" });
}

/** @param {string} address */
function find(address) {
  const parts = /#([A-Za-z_]+)(?:-(\d+))?=(.+)$/.exec(decodeURIComponent(address));
  if (!parts) return null;
  const named = cards().filter(({ name, node }) => name === parts[1] && node.isConnected);
  const card = named[Number(parts[2] ?? 1) - 1];
  return card ? { card, words: parts[3] } : null;
}

/**
 * Let links find a card. Returns the key by which addresses call it: its name, with a number from the second on.
 *
 * @param {Listed} card
 */
export function enter(card) {
  const before = cards().filter(({ name }) => name === card.name).length;
  cards().push(card);
  return before ? `${card.name}-${before + 1}` : card.name;
}

/** @param {Listed} card */
export function leave(card) {
  const all = cards();
  all.splice(all.indexOf(card), 1);
}

/**
 * What the address of the page says of the explorer with this key.
 *
 * @param {string} key
 */
export function addressed(key) {
  return new URLSearchParams(location.search).get(key) ?? "";
}

/** Whether the page has an address of its own that a reader could open again. */
export function hasAddress() {
  return /^(https?|file):$/.test(location.protocol) && !document.querySelector("#jupyter-config-data");
}

/**
 * The address of the page with this setting in it, at the section in which the explorer stands.
 *
 * @param {string} key
 * @param {string} words
 * @param {Element} node
 */
export function addressOf(key, words, node) {
  const others = [...new URLSearchParams(location.search)]
    .filter(([name]) => name !== key)
    .map(([name, value]) => `${name}=${value}`);
  const section = node.closest("section[id]")?.id;
  return `${location.href.replace(/[?#].*$/, "")}?${[...others, `${key}=${words}`].join("&")}${section ? `#${section}` : ""}`;
}

/** @param {string} words */
export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    // No permission, or a page that is not secure: the old way.
    const area = document.createElement("textarea");
    area.value = words;
    area.style.cssText = "position: fixed; top: 0; opacity: 0";
    document.body.append(area);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}

const STYLES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "opacity",
  "fill-opacity",
  "stroke-opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "dominant-baseline",
  "vector-effect",
  "paint-order",
  "stroke-linejoin",
  "fill-rule",
];

/**
 * A drawing with its looks written into it, as a file of its own.
 *
 * @param {SVGElement} svg
 * @param {string} title
 */
export function standalone(svg, title) {
  const copied = /** @type {SVGElement} */ (svg.cloneNode(true));
  const from = [svg, ...svg.querySelectorAll("*")],
    to = [copied, ...copied.querySelectorAll("*")];
  const gone = [];
  for (const [k, node] of from.entries()) {
    const style = getComputedStyle(node),
      target = to[k];
    if (style.display === "none" && !node.closest("defs")) {
      gone.push(target);
      continue;
    }
    target.setAttribute("style", STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    for (const { name } of [...target.attributes])
      if (/^(class|role|tabindex|aria-|data-)/.test(name)) target.removeAttribute(name);
  }
  for (const node of gone) node.remove();
  const [, , width, height] = (svg.getAttribute("viewBox") ?? "0 0 1 1").split(" ").map(Number);
  const ground = getComputedStyle(/** @type {Element} */ (svg.closest(".cnnx"))).backgroundColor;
  const pad = 12;
  const sheet = `<rect x="${-pad}" y="${-pad}" width="${width + 2 * pad}" height="${height + 2 * pad}" fill="${ground}"/>`;
  const body = new XMLSerializer()
    .serializeToString(copied)
    .replace(/^<svg[^>]*>/, "")
    .replace(/<\/svg>$/, "");
  const size = `width="${width + 2 * pad}" height="${height + 2 * pad}" viewBox="${-pad} ${-pad} ${width + 2 * pad} ${height + 2 * pad}"`;
  const words = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img"><title>${words}</title>${sheet}${body}</svg>\n`;
}

/** @param {string} svg @returns {Promise<Blob>} */
export async function pixels(svg) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width * 2, image.height * 2];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture")))));
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
