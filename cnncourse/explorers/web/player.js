/** Buttons and a range that move the window through all its places, at a speed, and a pin. */

import { Slider } from "./controls.js";
import { element, write } from "./dom.js";
import { fill } from "./sentences.js";

const PAUSE = 800; // ms at a place, at speed 1
const SPEEDS = [
  ["0.5", "0.5×"],
  ["1", "1×"],
  ["2", "2×"],
  ["4", "4×"],
];
const PLAY = "M3 1.5v11l9-5.5z",
  STOP = "M3 2h3v10H3zM8 2h3v10H8z",
  BACK = "M9 2 4 7l5 5",
  ON = "M5 2l5 5-5 5";

export class Player {
  /**
   * @param {string} label
   * @param {Record<string, string>} words
   * @param {(position: number[]) => void} go
   * @param {(pinned: boolean) => void} pin
   */
  constructor(label, words, go, pin) {
    this.words = words;
    this.go = go;
    this.timer = 0;
    this.at = 0;
    /** @type {number[]} */
    this.places = [1, 1];
    this.back = button(words.back, BACK, "line", () => this.step(-1));
    this.play = button(words.play, PLAY, "full", () => (this.timer ? this.stop() : this.start()));
    this.next = button(words.on, ON, "line", () => this.step(1));
    this.slider = new Slider("position", 0, 1, (value) => this.move(value));
    this.slider.name(label);
    this.speed = /** @type {HTMLSelectElement} */ (element("select", { "data-name": "speed" }));
    for (const [value, seen] of SPEEDS)
      this.speed.append(element("option", { value, ...(value === "1" ? { selected: "" } : {}) }, seen));
    this.speed.addEventListener("change", () => this.timer && this.start());
    this.pin = element(
      "button",
      { type: "button", "aria-pressed": "false", title: words.pin_why, "data-name": "pin" },
      words.pin,
    );
    this.pin.addEventListener("click", () => {
      const pinned = this.pin.getAttribute("aria-pressed") === "false";
      this.pin.setAttribute("aria-pressed", String(pinned));
      pin(pinned);
    });
    this.node = element(
      "div",
      { class: "cnnx-bar" },
      this.back,
      this.play,
      this.next,
      element(
        "label",
        { class: "cnnx-at" },
        element("span", { class: "cnnx-label" }, label),
        this.slider.input,
        this.slider.output,
      ),
      element("label", { class: "cnnx-choice" }, element("span", {}, words.speed), this.speed),
      this.pin,
    );
  }

  /**
   * @param {number[] | null} places
   * @param {number[]} position
   * @param {string} [map] what the first of three numbers counts
   */
  set(places, position, map = "") {
    if (!places) {
      this.stop();
      return this.rest("", true);
    }
    this.places = places;
    const count = this.count();
    this.at = position.reduce((k, index, axis) => k * places[axis] + index, 0);
    this.slider.input.max = String(count - 1);
    const [r, c] = position.slice(-2);
    this.node.classList.toggle("long", map !== "");
    this.slider.set(this.at, fill(this.words[map ? "place_of_map" : "place"], { r, c, map, k: position[0] }));
    this.rest(count === 1 ? this.words.one_place : "", count === 1);
  }

  count() {
    return this.places.reduce((product, n) => product * n, 1);
  }

  /** @param {string} reason @param {boolean} off */
  rest(reason, off) {
    this.slider.rest(off ? reason || this.words.one_place : "");
    this.back.setAttribute("aria-disabled", String(off || this.at === 0));
    this.next.setAttribute("aria-disabled", String(off || this.at === this.count() - 1));
    this.play.setAttribute("aria-disabled", String(off));
    this.off = off;
  }

  /**
   * The position of place k, counted row by row.
   *
   * @param {number} k
   */
  place(k) {
    const position = [];
    for (const n of [...this.places].reverse()) {
      position.unshift(k % n);
      k = Math.floor(k / n);
    }
    return position;
  }

  /** @param {number} k */
  move(k) {
    this.stop();
    this.go(this.place(k));
  }

  /** @param {number} by */
  step(by) {
    const k = this.at + by;
    if (!this.off && k >= 0 && k < this.count()) this.move(k);
  }

  start() {
    if (this.off) return;
    if (this.at === this.count() - 1) this.move(0);
    this.stop();
    this.show(STOP, this.words.pause);
    this.timer = window.setInterval(() => {
      const k = this.at + 1;
      if (k < this.count()) this.go(this.place(k));
      if (k >= this.count() - 1) this.stop();
    }, PAUSE / Number(this.speed.value));
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = 0;
    this.show(PLAY, this.words.play);
  }

  /** @param {string} sign @param {string} name */
  show(sign, name) {
    this.play.querySelector("path")?.setAttribute("d", sign);
    this.play.setAttribute("aria-label", name);
    this.play.title = name;
  }
}

/** The bar under a stage that says itself how many places there are: points of a curve, pictures of a film. */
export class Walk extends Player {
  /** @param {string} label @param {Record<string, string>} words @param {(k: number) => void} go */
  constructor(label, words, go) {
    super(
      label,
      words,
      ([k]) => go(k),
      () => {},
    );
    this.pin.remove();
  }

  /** The stage says how many places there are, not the card. */
  set() {}

  /** @param {number} count @param {number} k @param {string} seen @param {string} heard */
  stand(count, k, seen, heard) {
    const { input, output } = this.slider;
    this.places = [count];
    this.at = k;
    input.max = String(Math.max(count - 1, 0));
    this.slider.set(k, heard);
    write(output, seen);
    this.rest(count < 2 ? this.words.one_place : "", count < 2);
  }
}

/** @param {string} name @param {string} sign @param {string} look @param {() => void} act */
function button(name, sign, look, act) {
  const node = element("button", { type: "button", "aria-label": name, title: name, class: "cnnx-icon" });
  node.innerHTML = `<svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true"><path class="${look}" d="${sign}"/></svg>`;
  node.addEventListener("click", act);
  return node;
}
