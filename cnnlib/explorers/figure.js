// Sliders in the browser, the picture from Python: this module sends settings and shows what comes back. Nothing is
// computed here.

const NO_KERNEL =
  "The picture belongs to the settings shown here. To move them, open this notebook in Jupyter and run its cells: " +
  "Python draws each picture.";
const NO_ANSWER =
  "Python has not answered yet: it is busy, or it was stopped. The picture still belongs to the settings shown. " +
  "It will follow when Python is free; if Python was stopped, run the cell again.";
const PATIENCE = 2500; // milliseconds until a missing answer is told

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function minus(text) {
  return text.replace("-", "−");
}

// ---- controls: each has a node, get() and set(value), and calls `change` when the reader has moved it ----------------

function words({ label, symbol }) {
  const node = element("span", { class: "cnnx-label" }, label);
  if (symbol) node.append(" ", element("i", {}, symbol));
  return node;
}

function range(form, low, high, step) {
  return element("input", { type: "range", min: low, max: high, step, "aria-label": form.label, "data-name": form.name });
}

function place(input, value, said) {
  input.value = value;
  input.setAttribute("aria-valuetext", said);
  input.style.setProperty("--part", `${(100 * (input.value - input.min)) / (input.max - input.min)}%`);
}

/** A number in steps. */
function real(form, change) {
  const input = range(form, form.low, form.high, form.step);
  const output = element("output");
  const set = (value) => {
    output.textContent = minus(Number(value).toFixed(form.decimals));
    place(input, value, output.textContent);
  };
  input.addEventListener("input", () => {
    set(input.value);
    change();
  });
  const node = element("label", { class: "cnnx-slider" }, words(form), input, output);
  return { node, set, get: () => Number(input.value) };
}

/** A whole number: the slider goes through the stops, the field beside it takes any between the first and the last. */
function stops(form, change) {
  const [low, high] = [form.stops[0], form.stops.at(-1)];
  const input = range(form, 0, form.stops.length - 1, 1);
  const exact = { type: "number", min: low, max: high, "aria-label": `${form.label}, exact`, "data-name": `${form.name}-exact` };
  const field = element("input", exact);
  let now = low;
  const set = (value) => {
    now = value;
    const away = form.stops.map((stop) => Math.abs(Math.log(stop / value)));
    place(input, away.indexOf(Math.min(...away)), value.toLocaleString("en"));
    if (field.value !== String(value)) field.value = value;
  };
  input.addEventListener("input", () => {
    set(form.stops[Number(input.value)]);
    change();
  });
  field.addEventListener("change", () => {
    const typed = Math.round(Number(field.value));
    set(field.value === "" ? now : Math.min(high, Math.max(low, typed)));
    change();
  });
  const label = element("label", { class: "cnnx-slider" }, words(form), input);
  label.style.flex = "1";
  const node = element("div", { class: "cnnx-slider" }, label, element("span", { class: "cnnx-exact" }, field));
  return { node, set, get: () => now };
}

/** A number of any size: the slider goes through the stops, Python may have set one between them. */
function levels(form, change) {
  const input = range(form, 0, form.stops.length - 1, 1);
  const output = element("output");
  let now = form.stops[0];
  const set = (value) => {
    now = value;
    const away = form.stops.map((stop) => Math.abs(Math.log(stop / value)));
    output.textContent = String(Number(Number(value).toPrecision(3)));
    place(input, away.indexOf(Math.min(...away)), output.textContent);
  };
  input.addEventListener("input", () => {
    set(form.stops[Number(input.value)]);
    change();
  });
  const node = element("label", { class: "cnnx-slider cnnx-levels" }, words(form), input, output);
  return { node, set, get: () => now };
}

function choice(form, change) {
  const select = element("select", { "aria-label": form.label, "data-name": form.name });
  for (const [value, text] of form.options) select.append(element("option", { value }, text));
  select.addEventListener("change", change);
  const node = element("label", { class: "cnnx-choice" }, words(form), select);
  return { node, get: () => select.value, set: (value) => (select.value = value) };
}

const KINDS = { real, stops, levels, choice };

// ---- the whole explorer ---------------------------------------------------------------------------------------------

class View {
  constructor(model, el) {
    this.model = model;
    const { title, controls, presets, size } = model.get("form");
    this.client = Math.random().toString(36).slice(2); // several views of one explorer ask the same Python
    this.sent = 0;
    this.waiting = false; // for the answer to what was sent last
    this.alive = false; // has Python ever said anything?
    this.presets = presets;
    this.controls = Object.fromEntries(controls.map((form) => [form.name, KINDS[form.type](form, () => this.ask())]));
    this.buttons = presets.map(([label, values]) => {
      const button = element("button", { type: "button" }, label);
      button.addEventListener("click", () => {
        this.set(values);
        this.ask();
      });
      return button;
    });
    this.note = element("p", { class: "cnnx-note", role: "status" });
    this.note.hidden = true;
    this.lines = element("div", { class: "cnnx-lines" });
    this.message = element("p", { class: "cnnx-message", role: "status" });
    this.image = element("img", { class: "cnnx-picture", width: size[0], height: size[1] });
    this.sentence = element("p", { class: "cnnx-sentence", "aria-live": "polite" });
    this.node = element(
      "div",
      { class: "cnnx cnnx-figure", role: "group", "aria-label": title },
      ...(presets.length ? [element("div", { class: "cnnx-presets", role: "group", "aria-label": "Presets" }, ...this.buttons)] : []),
      ...this.squares(controls),
      this.plain(controls),
      this.note, this.lines, this.message, this.image, this.sentence,
    );
    // JupyterLab and Notebook take arrow keys for themselves unless the very element that has the focus says this.
    for (const part of this.node.querySelectorAll("input, select, button")) part.dataset.lmSuppressShortcuts = "true";
    el.append(this.node);
    this.follow = () => this.hear();
    this.draw = () => this.show();
    model.on("change:answer", this.follow);
    model.on("change:png", this.draw);
    this.show();
    this.tell();
    this.send({}); // is there a Python?
  }

  squares(forms) {
    const groups = [...new Set(forms.map((form) => form.group).filter(Boolean))];
    return groups.map((group) => {
      const nodes = forms.filter((form) => form.group === group).map((form) => this.controls[form.name].node);
      return element("fieldset", { class: "cnnx-square" }, element("legend", {}, group), element("div", {}, ...nodes));
    });
  }

  plain(forms) {
    const nodes = forms.filter((form) => !form.group).map((form) => this.controls[form.name].node);
    return element("div", { class: "cnnx-controls" }, ...nodes);
  }

  destroy() {
    clearTimeout(this.timer);
    this.model.off("change:answer", this.follow);
    this.model.off("change:png", this.draw);
    if (this.address) URL.revokeObjectURL(this.address);
    this.node.remove();
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.controls[name].set(value);
    this.press();
  }

  press() {
    this.presets.forEach(([, values], k) => {
      const same = Object.entries(values).every(([name, value]) => this.controls[name].get() === value);
      this.buttons[k].setAttribute("aria-pressed", String(same));
    });
  }

  enable(on) {
    for (const part of this.node.querySelectorAll("input, select, button")) part.disabled = !on;
  }

  /** The reader has moved something. */
  ask() {
    this.press();
    const settings = Object.entries(this.controls).map(([name, control]) => [name, control.get()]);
    this.send({ settings: Object.fromEntries(settings) });
  }

  send(what) {
    this.sent += 1;
    this.waiting = true;
    this.node.dataset.waiting = "true";
    this.model.set("request", { client: this.client, serial: this.sent, ...what });
    this.model.save_changes();
    clearTimeout(this.timer);
    // The page of a site says so itself: there is nobody to wait for.
    this.timer = setTimeout(() => this.lose(), this.model.hasNoKernel ? 0 : PATIENCE);
  }

  /** No answer: the controls go back to what the picture shows, so that the two never disagree. */
  lose() {
    this.waiting = false;
    this.note.textContent = this.alive ? NO_ANSWER : NO_KERNEL;
    this.note.hidden = false;
    this.set(this.model.get("answer").settings);
    if (!this.alive) this.enable(false);
  }

  hear() {
    this.alive = true;
    this.enable(true);
    this.note.hidden = true;
    this.tell();
  }

  show() {
    const png = this.model.get("png");
    const before = this.address;
    this.address = URL.createObjectURL(new Blob([png], { type: "image/png" }));
    this.image.src = this.address;
    if (before) setTimeout(() => URL.revokeObjectURL(before), 1000);
  }

  tell() {
    const answer = this.model.get("answer");
    this.image.alt = answer.alt;
    this.lines.replaceChildren(...answer.lines.map((line) => element("div", {}, line)));
    this.message.textContent = answer.message;
    this.sentence.textContent = answer.sentence;
    if (answer.client === this.client && answer.serial === this.sent) {
      this.waiting = false;
      clearTimeout(this.timer);
    }
    // Unless the reader is ahead of Python, the controls show what the picture shows, whoever has changed it.
    if (!this.waiting) this.set(answer.settings);
    this.node.dataset.waiting = String(this.waiting);
  }
}

export default {
  render({ model, el }) {
    const view = new View(model, el);
    return () => view.destroy();
  },
};
