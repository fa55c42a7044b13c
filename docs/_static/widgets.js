(() => {
// Draws the explorers of a page from the state that is stored in it: no kernel, no server, no library.
// Each is an anywidget: a module with `render({ model, el })`. See https://anywidget.dev/en/afm/ for the contract.

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

const sources = globalThis.explorerSources ?? {}; // scripts and style sheets that pages share, by the names in the states
const modules = new Map(); // the same source is loaded once, however many explorers a page has

function load(source) {
  if (!modules.has(source)) {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    modules.set(source, import(address));
  }
  return modules.get(source);
}

function addStyle(css) {
  for (const style of document.head.querySelectorAll("style")) if (style.textContent === css) return;
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
}

function bytes({ data, encoding }) {
  if (encoding !== "base64") throw new Error(`widget state: encoding ${encoding}, expected base64`);
  return new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
}

// The values of a model, those that were stored as bytes in their places.
function values({ state, buffers = [] }) {
  const all = structuredClone(state);
  for (const buffer of buffers) {
    const last = buffer.path.at(-1);
    buffer.path.slice(0, -1).reduce((at, name) => at[name], all)[last] = bytes(buffer);
  }
  return all;
}

class Model {
  hasNoKernel = true;

  constructor(state) {
    this.state = state;
    this.heard = new Map();
  }
  get(name) {
    return this.state[name];
  }
  set(name, value) {
    this.state[name] = value;
    for (const act of this.heard.get(`change:${name}`) ?? []) act();
    for (const act of this.heard.get("change") ?? []) act();
  }
  on(event, act) {
    this.heard.set(event, [...(this.heard.get(event) ?? []), act]);
  }
  off(event, act) {
    this.heard.set(event, act ? (this.heard.get(event) ?? []).filter((one) => one !== act) : []);
  }
  save_changes() {}
  send() {}
}

async function draw(view, models) {
  const { model_id } = JSON.parse(view.textContent);
  const stored = models[model_id];
  if (!stored) throw new Error(`widget ${model_id}: its state is not on the page`);
  const { _esm, _css, ...state } = values(stored);
  if (_css) addStyle(sources[_css] ?? _css);
  const definition = (await load(sources[_esm] ?? _esm)).default;
  const { initialize, render } = typeof definition === "function" ? await definition() : definition;
  const model = new Model(state);
  const el = document.createElement("div");
  await initialize?.({ model });
  // In its place from the start, so that it is drawn for the width that it has; seen when it is whole.
  el.className = "explorer-to-come";
  view.replaceWith(el);
  await render({ model, el });
  if (el.previousElementSibling?.classList.contains("explorer-place")) el.previousElementSibling.remove();
  el.removeAttribute("class");
  for (const stage of el.querySelectorAll(".cnnx-stagebox")) papers.observe(stage);
}

// What is drawn in pixels of the screen is printed as it stands: how far it has to shrink for the width of a sheet.
const SHEET = 650; // pixels between the margins of A4, less the rim of a card
const papers = new ResizeObserver((stages) => {
  if (matchMedia("print").matches) return;
  for (const { target } of stages)
    target.style.setProperty("--on-paper", Math.min(1, SHEET / target.clientWidth).toFixed(3));
});

// The button for light and dark sets the theme of `body`; explorers follow that of the whole page.
function followTheme() {
  const { theme } = document.body.dataset;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme; // as the system has it
}

followTheme();
new MutationObserver(followTheme).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });

// Paper is white, whatever the screen is.
addEventListener("beforeprint", () => {
  document.body.dataset.screen = document.body.dataset.theme;
  document.body.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  document.body.dataset.theme = document.body.dataset.screen;
});

const stored = document.querySelector(STATE);
const models = stored ? JSON.parse(stored.textContent).state : {};
const drawn = [...document.querySelectorAll(VIEW)].map((view) =>
  draw(view, models).catch((error) => console.error("explorer:", error)),
);

// A link to a section was followed before the explorers above it had their heights: land there once more, unless the
// reader has gone elsewhere meanwhile.
let gone = false;
for (const act of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(act, () => (gone = true), { once: true, passive: true });

Promise.all([...drawn, document.fonts.ready]).then(() => {
  const heading = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const land = () => heading && !gone && heading.scrollIntoView({ behavior: "instant" });
  land();
  // Formulas and cards take their last heights in the next frames.
  const heights = new ResizeObserver(land);
  heights.observe(document.querySelector("article") ?? document.body);
  setTimeout(() => heights.disconnect(), 3000);
  performance.mark("explorers drawn");
});
})();
