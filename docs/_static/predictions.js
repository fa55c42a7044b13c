// "Predict first": what comes out stays folded until the reader has said what it will be. Nothing is stored or sent.
// Without this script everything is open. What is hidden can still be found by the browser's own search.
/* global say */
(() => {
const OPEN = "until-found";
const made = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

/** From a question down to the cell that answers it: what the cells give, the tests that name it and what is said in
 * between, and then the sentences up to the next cell that gives something. What stands above an explorer stays open,
 * since that is there to be tried. */
function answersOf(data) {
  let cells = Number(data.dataset.cells);
  const range = [];
  for (const node of following(data)) {
    if (node.matches("section, h2, h3") || isQuestion(node)) break;
    if (node.matches(".cell")) {
      if (cells <= 0 && node.querySelector(".cell_output")) break;
      cells -= 1;
    }
    range.push(node);
  }
  const folded = range.slice(range.findLastIndex((node) => node.querySelector(".cell_output :is(.cnnx, .explorer-still)")) + 1);
  if (!folded.some((node) => node.matches(".cell"))) return [];
  return folded.flatMap((node) => node.matches(".cell:not(.tag_tests-answer)") ? [...node.querySelectorAll(".cell_output")] : [node]);
}

function following(node) {
  const all = [];
  for (let next = node.nextElementSibling; next; next = next.nextElementSibling) all.push(next);
  return all;
}

const isQuestion = (node) => node.matches("p") && node.firstElementChild?.tagName === "STRONG" && node.firstElementChild.textContent.startsWith(say("Predict first"));

function fieldFor(data, name) {
  const choices = JSON.parse(data.dataset.choices);
  if (!choices.length) {
    const words = { number: say("Your number"), shape: say("Your shape") }[data.dataset.kind] ?? say("Your prediction");
    const input = made("input", { type: "text", name, maxLength: 120, autocomplete: "off" });
    return { field: made("label", {}, `${words} `, input), said: () => input.value.trim() };
  }
  const group = made("fieldset", {}, made("legend", { textContent: say("Your prediction") }));
  for (const choice of choices) group.append(made("label", {}, made("input", { type: "radio", name, value: choice }), ` ${choice}`));
  return { field: group, said: () => group.querySelector(":checked")?.value ?? "" };
}

const waiting = new Set();

function fold(question, number) {
  const data = following(question).find((node) => node.matches(".predict")); // at the end of the cell that asks
  const answers = data ? answersOf(data) : [];
  if (!answers.length) return;
  const { field, said } = fieldFor(data, `prediction-${number}`);
  const form = made("form", { className: "prediction" }, field, made("button", { type: "submit", textContent: say("Show what comes out") }));
  const open = (words) => {
    if (!waiting.delete(open)) return;
    answers.forEach((node) => node.removeAttribute("hidden"));
    form.replaceWith(...(words ? [made("p", { className: "predicted", textContent: say("You said: {words}", { words }) })] : []));
    if (form.dataset.asked) {
      answers[0].tabIndex = -1;
      answers[0].focus({ preventScroll: true });
    }
    if (!waiting.size) everything.remove();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.dataset.asked = "yes";
    open(said());
  });
  waiting.add(open);
  answers.forEach((node) => {
    node.setAttribute("hidden", OPEN);
    node.addEventListener("beforematch", () => open(""));
  });
  answers[0].before(form);
}

const openAll = () => [...waiting].forEach((open) => open(""));
// The button stands in the page, not seen, so that nothing moves when it comes.
const everything = document.querySelector(".all-answers") ?? document.createElement("button");
everything.addEventListener("click", openAll);
addEventListener("beforeprint", openAll);

[...document.querySelectorAll("article p")].filter(isQuestion).forEach(fold);
if (waiting.size) everything.style.visibility = "visible";

/** A link may lead into what is folded. */
function land() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.closest("[hidden]")) openAll();
}
addEventListener("hashchange", land);
land();
})();
