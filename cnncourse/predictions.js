// Asks for a prediction where `here` stands. What comes out is folded by predictions.css as long as a form is there.
// What was said is known to the page while its notebook is open, and to nobody else.
(here, asked) => {
  const notebook = here.closest(".jp-Notebook");
  const cell = here.closest(".jp-OutputArea")?.closest(".jp-Cell");
  if (!notebook || !cell || performance.timeOrigin > asked.at) return;
  const pages = (window.cnncoursePredictions ??= new WeakMap());
  if (!pages.has(notebook)) pages.set(notebook, { said: new Map(), waiting: new Map() });
  const { said, waiting } = pages.get(notebook);

  const made = (tag, properties, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.setAttribute("data-lm-suppress-shortcuts", ""); // JupyterLab looks for it on what has the focus
    node.append(...children);
    return node;
  };
  const words = () => asked.said.replace("{words}", () => said.get(asked.question));
  const rest = () => (said.get(asked.question) ? [made("p", { className: "cnn-predicted", tabIndex: -1, textContent: words() })] : []);
  if (said.has(asked.question) || said.has("*")) return here.append(...rest());

  const name = `cnn-${Math.random()}`;
  const radios = asked.choices.map((value) => made("label", {}, made("input", { type: "radio", name, value }), value));
  const input = made("input", { type: "text", maxLength: 120, autocomplete: "off" });
  const field = radios.length
    ? made("fieldset", {}, made("legend", { textContent: asked.field }), ...radios)
    : made("label", {}, asked.field, input);
  const all = made("button", { type: "button", textContent: asked.all });
  const form = made("form", { className: "cnn-prediction" }, field, made("button", { type: "submit", textContent: asked.show }), all);

  /** The sentences about it: those of the next cell, up to a heading or another question. */
  const sentences = [];
  const next = cell.nextElementSibling?.matches(".jp-MarkdownCell") ? cell.nextElementSibling : null;
  for (const node of next?.querySelector(".jp-MarkdownOutput")?.children ?? []) {
    const asks = node.firstElementChild?.tagName === "STRONG" && node.textContent.startsWith(asked.first);
    if (asks || node.matches("h1, h2, h3, h4, h5")) break;
    node.classList.add("cnn-about");
    sentences.push(node);
  }

  /** Open all that waits for this question, or everything; the focus goes on from where it was. */
  const answer = (question, text) => {
    said.set(question, text);
    for (const [other, open] of [...waiting]) if (question === "*" || other.question === question) open();
    (here.querySelector(".cnn-predicted") ?? cell).focus({ preventScroll: true });
  };
  waiting.set(asked, () => {
    waiting.delete(asked);
    sentences.forEach((node) => node.classList.remove("cnn-about"));
    form.replaceWith(...rest());
  });
  const submit = (event) => {
    event.preventDefault();
    answer(asked.question, (radios.length ? form.querySelector(":checked")?.value : input.value.trim()) ?? "");
  };
  form.addEventListener("submit", submit);
  field.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && submit(event));
  all.addEventListener("click", () => answer("*", ""));
  here.append(form);
}
