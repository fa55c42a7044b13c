/** The card of an explorer: controls, stage, words and what leaves it, each in a place of fixed height. */

import { Controls } from "./controls.js";
import { button, element, onlyMoved, write, writeFormula, writeWhole } from "./dom.js";
import { Player } from "./player.js";
import { fill } from "./sentences.js";
import { changed, read, written } from "./settings.js";
import { addressed, addressOf, copy, enter, hasAddress, leave, pixels, save, standalone } from "./share.js";

/** @import { Changes, Data, Kind, Model, Pair, Place, Scene, Settings, Spec } from "./types.js" */

// Cards narrower than the first number have the layout of that name. Those narrower than the second one are narrow for
// it: their sentences are given more lines.
const SIZES = /** @type {[number, string, number][]} */ ([
  [340, "small", 340],
  [680, "phone", 374],
  [780, "tablet", 752],
  [Infinity, "laptop", 900],
]);
// JupyterLab and Notebook take these keys for themselves, to go from cell to cell of the notebook.
const KEYS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "PageUp", "PageDown", " "]);
let count = 0;

export class Card {
  /** @param {Model} model @param {HTMLElement} el @param {Kind} kind */
  constructor(model, el, kind) {
    this.model = model;
    this.kind = kind;
    /** @type {Data} */
    this.data = JSON.parse(model.get("data"));
    if (kind.weights) this.data.weights = model.get("weights");
    this.again = () => {
      this.data.weights = model.get("weights"); // a network of the reader's own has learned
      if (this.width) this.draw();
    };
    if (kind.weights) model.on("change:weights", this.again);
    /** @type {Spec[]} */
    this.specs = model.get("controls");
    /** @type {Settings} */
    this.settings = model.get("_settings");
    this.name = this.data.name;
    this.id = `cnnx-${++count}-${Math.random().toString(36).slice(2, 8)}`;
    /** @type {Place | null} */
    this.pointed = null;
    /** @type {Place | null} */
    this.chosen = null;
    /** @type {Pair | null} */
    this.pinned = null;
    /** @type {string} */
    const title = model.get("title");
    const { words } = this.data;
    const place = this.kind.still ? undefined : this.specs.find(({ type }) => type === "position");
    const above = Boolean(this.kind.still || this.kind.above);
    this.room = /** @type {Record<string, number[]>} */ (this.data.room ?? {});
    this.stage = this.kind.stage(this);
    this.stage.node.setAttribute("role", "group");
    this.stage.node.setAttribute("aria-label", title);
    const change = /** @param {Changes} changes */ (changes) => this.change(changes);
    this.controls =
      this.kind.controls?.(this.specs, words, change, this.data) ?? new Controls(this.specs, words, change, above);
    this.player =
      this.stage.player ??
      new Player(
        place?.label ?? "",
        words,
        (position) => this.change({ position }),
        (pinned) => {
          this.pinned = pinned ? this.settings.position : null;
          this.light(false);
        },
      );
    this.reading = element("p", { class: "cnnx-reading" });
    this.lines = Array.from({ length: this.data.formulas ?? kind.lines ?? 3 }, (_, k) =>
      element("p", { class: `cnnx-line${k + 1}` }),
    );
    this.sentence = element("p", { class: "cnnx-sentence" });
    this.message = element("p", { class: "cnnx-message" });
    this.live = element("div", { class: "cnnx-live", role: "status" });
    this.done = element("span", { class: "cnnx-done", "aria-hidden": "true" });
    const told = element(
      "div",
      { class: "cnnx-words" },
      this.reading,
      element("div", { class: "cnnx-panel" }, element("div", { class: "cnnx-formulas" }, ...this.lines), this.sentence),
      this.message,
    );
    const foot = element(
      "div",
      { class: "cnnx-foot" },
      this.controls.others,
      this.copying(),
      this.saving(title),
      this.done,
    );
    this.node = element(
      "div",
      {
        class: `cnnx cnnx-card ${this.kind.look ?? ""} ${this.data.room ? "roomy" : ""}`,
        role: "group",
        "aria-label": title,
        "data-size": "laptop",
        "data-kind": this.name,
        ...(this.data.lang ? { lang: this.data.lang } : {}),
      },
      ...(above && this.data.presets ? [this.choosing(this.data.presets)] : []),
      this.controls.node,
      element(
        "div",
        { class: "cnnx-stagebox" },
        ...(this.stage.under ?? []),
        this.stage.node,
        ...(this.stage.over ?? []),
      ),
      ...(this.kind.still ? [] : [this.player.node]),
      told,
      this.kind.legend?.(this.data) ?? legend(words, this.data.legend),
      foot,
      this.live,
    );
    onlyMoved(this.node);
    for (const one of this.node.querySelectorAll("input, select, button"))
      one.setAttribute("data-lm-suppress-shortcuts", "");
    this.node.addEventListener("keydown", (event) => {
      if (KEYS.has(event.key) && !event.metaKey && !event.altKey) event.stopPropagation();
    });
    this.node.addEventListener("cnnx-say", (event) => this.announce(/** @type {CustomEvent} */ (event).detail));
    el.append(this.node);
    this.key = enter(this);
    const wanted = read(this.specs, addressed(this.key));
    if (Object.keys(wanted).length) this.apply(wanted);
    this.follow = () => {
      const settings = model.get("_settings");
      if (JSON.stringify(settings) !== JSON.stringify(this.settings)) this.take(settings);
    };
    model.on("change:_settings", this.follow);
    this.measure(this.node.clientWidth || 800);
    this.observer = new ResizeObserver(() => this.resize(Object.keys(wanted).length > 0));
    this.observer.observe(this.node);
  }

  /**
   * Buttons that set several settings at once.
   *
   * @param {[string, Settings][]} presets
   */
  choosing(presets) {
    /** @type {[HTMLElement, Settings][]} */
    this.presets = presets.map(([label, values]) => [button(label, () => this.apply(values)), values]);
    const made = group(this.data.words.presets, ...this.presets.map(([node]) => node));
    made.classList.add("cnnx-presets");
    return made;
  }

  copying() {
    const { words } = this.data;
    const give = /** @param {string} text */ async (text) =>
      this.confirm((await copy(text)) ? words.copied : words.not_copied);
    const link = button(words.link, () => {
      if (!hasAddress()) return this.announce(words.no_link);
      return give(addressOf(this.key, written(this.specs, this.settings), this.node));
    });
    if (!hasAddress()) {
      link.setAttribute("aria-disabled", "true");
      link.title = words.no_link;
    }
    const libraries = ["cnnlib", "torch"].filter((library) => `code_${library}` in this.data.texts);
    const code = libraries.map((library) =>
      button(words[library], () => give(this.kind.code(this.data, this.settings, library))),
    );
    return group(words.copy, ...code, link);
  }

  /** @param {string} title */
  saving(title) {
    const { words } = this.data;
    const picture = () => {
      this.stage.keep?.();
      return standalone(
        this.stage.node,
        fill(words.named, { first: title, second: written(this.specs, this.settings) }),
      );
    };
    const svg = button(words.svg, () => {
      save(new Blob([picture()], { type: "image/svg+xml" }), `${this.name}.svg`);
      this.confirm(words.saved);
    });
    const png = button(words.png, async () => {
      save(await pixels(picture()), `${this.name}.png`);
      this.confirm(words.saved);
    });
    return group(words.save, svg, png);
  }

  /** @param {string} words */
  confirm(words) {
    write(this.done, words);
    this.announce(words);
    clearTimeout(this.fading);
    this.fading = setTimeout(() => write(this.done, ""), 2500);
  }

  destroy() {
    this.player.stop();
    this.observer.disconnect();
    this.stage.end?.();
    this.model.off("change:_settings", this.follow);
    if (this.kind.weights) this.model.off("change:weights", this.again);
    clearTimeout(this.saying);
    leave(this);
    this.node.remove();
  }

  /** @param {boolean} wanted whether the address asked for this explorer */
  resize(wanted) {
    const width = this.node.clientWidth;
    if (!width) return;
    if (!this.seen && wanted && !location.hash) this.node.scrollIntoView({ block: "center" });
    this.seen = true;
    if (width !== this.width) this.measure(width);
  }

  /** @param {number} width */
  measure(width) {
    this.width = width;
    const [, size, narrow] = /** @type {[number, string, number]} */ (SIZES.find(([most]) => width < most));
    this.node.dataset.size = size;
    this.node.classList.toggle("narrow", width < narrow);
    const [reading, panel] = this.room[size] ?? [];
    if (panel) this.node.setAttribute("style", `--reading: ${reading}; --panel: ${panel}`);
    const inner = Math.max(240, Math.floor(width - (size === "small" || size === "phone" ? 24 : 36)));
    this.stage.measure(inner, size);
    this.draw();
  }

  /**
   * A control was moved here: draw, then tell Python if there is one.
   *
   * @param {Changes} changes
   */
  change(changes) {
    const after = changed(this.specs, this.settings, changes);
    this.take(this.kind.follow ? this.kind.follow(this.settings, after) : after);
    this.model.set("_settings", this.settings);
    this.model.save_changes();
  }

  /**
   * Set from outside, by an address or a sentence of the page.
   *
   * @param {Changes} changes
   */
  apply(changes) {
    this.player.stop();
    this.change(changes);
  }

  /** @param {Settings} settings */
  take(settings) {
    const rest = /** @param {Settings} one */ (one) => JSON.stringify({ ...one, position: 0, look: 0 });
    const moved = rest(settings) === rest(this.settings);
    this.settings = settings;
    this.chosen = null;
    if (!this.width) return;
    if (!moved || !this.fits) this.draw();
    else this.move();
    this.announce(moved ? (this.reading.textContent ?? "") : this.told());
  }

  /** What is said of new settings: what is seen, after the numbers if there is nothing but these to look at. */
  told() {
    const sentence = this.sentence.textContent || (this.message.textContent ?? "");
    return this.scene?.plots && this.fits ? `${this.reading.textContent} ${sentence}` : sentence;
  }

  /** Only the window has moved. */
  move() {
    this.inside();
    if (!this.kind.still) this.player.set(placesOf(this.scene), this.settings.position, this.scene?.map);
    this.stage.settle(this.settings);
    this.light(true);
  }

  /** The position goes no further than there are places. */
  inside() {
    const places = placesOf(this.scene);
    if (!places || !this.settings.position) return;
    const position = /** @type {number[]} */ (this.settings.position).map((k, a) => Math.min(k, places[a] - 1));
    if (String(position) !== String(this.settings.position)) this.settings = { ...this.settings, position };
  }

  draw() {
    const scene = this.kind.scene(this.data, this.settings);
    this.fits = Boolean(scene.output ?? scene.plots?.length);
    if (this.fits) this.scene = scene;
    if (this.fits) this.inside();
    this.controls.set(this.settings, (name) => this.kind.idle?.(this.data, this.settings, name) ?? "");
    if (!this.kind.still) this.player.set(placesOf(scene), this.settings.position, scene.map);
    for (const [node, values] of this.presets ?? []) {
      const set = Object.entries(values).every(([name, value]) => this.settings[name] === value);
      node.setAttribute("aria-pressed", String(set));
    }
    this.node.classList.toggle("misfit", !this.fits);
    this.node.dataset.output = scene.output?.join(" × ") ?? "";
    write(this.message, scene.message);
    for (const [k, line] of this.lines.entries()) writeFormula(line, scene.lines[k] ?? "");
    writeWhole(this.sentence, scene.sentence);
    if (this.fits) {
      this.stage.draw(scene, this.settings);
      // The products of a window have as many cells as it only when they are shown: then it is known which there are.
      if (this.pointed) this.stage.show(this.home(), this.pinned, false);
      this.light(false);
    } else {
      this.stage.misfit(this.settings);
      writeFormula(this.reading, "");
    }
  }

  /** The cell that is shown while none is pointed at. @returns {Place} */
  home() {
    return this.stage.home?.(this.settings) ?? { role: "output", cell: this.settings.position };
  }

  /** @param {boolean} glide */
  light(glide) {
    if (!this.fits) return;
    const where = [this.pointed, this.chosen].find((one) => one && this.stage.holds(one)) ?? this.home();
    writeFormula(this.reading, this.stage.show(where, this.pinned, glide));
  }

  /** @param {Place | null} where */
  point(where) {
    if (!this.fits || JSON.stringify(where) === JSON.stringify(this.pointed)) return;
    this.pointed = where;
    this.light(true);
  }

  /** @param {Place} where */
  choose(where) {
    if (!this.fits) return;
    this.pointed = null;
    this.player.stop();
    const changes = this.stage.meant?.(where);
    if (changes) return this.change(changes);
    const output = where.role === "output" ? where.cell : null;
    const position = this.stage.positionOf ? this.stage.positionOf(where) : output;
    if (position) {
      if (this.chosen || String(position) !== String(this.settings.position)) this.change({ position });
      return;
    }
    this.chosen = where;
    this.light(true);
    this.announce(this.reading.textContent ?? "");
  }

  /**
   * Say something to those who hear the page, once the hand rests.
   *
   * @param {string} words
   */
  announce(words) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => write(this.live, words), 350);
  }
}

/** @param {string} label @param {...HTMLElement} parts */
function group(label, ...parts) {
  return element(
    "div",
    { class: "cnnx-group", role: "group", "aria-label": label },
    element("span", { "aria-hidden": "true" }, label),
    ...parts,
  );
}

/** @param {Scene | undefined} scene */
function placesOf(scene) {
  return scene?.places ?? scene?.output ?? null;
}

const LEGEND = /** @type {[string, string][]} */ ([
  ["window", "window"],
  ["signs", "signs"],
  ["pad", "padding"],
  ["lost", "never"],
  ["gaps", "gaps"],
]);

/**
 * @param {Record<string, string>} words
 * @param {[string, string][]} [entries] looks with what they mean, where they are not those of padding and stride
 */
function legend(words, entries) {
  const entry = /** @param {string} look @param {string} said */ (look, said) =>
    element("span", {}, element("span", { class: `cnnx-swatch ${look}` }), said);
  return element(
    "p",
    { class: "cnnx-legend", "aria-hidden": "true" },
    ...(entries ?? LEGEND.map(([look, name]) => [look, words[name]])).map(([look, said]) => entry(look, said)),
  );
}
