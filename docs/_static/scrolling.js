(() => {
// A formula that is wider than its column is set smaller, down to LEAST; what is wider still scrolls.
const LEAST = 0.62;
const formulas = [...document.querySelectorAll("article div.math")];

function fit(formula) {
  const set = formula.querySelector(".katex-display");
  if (!set) return;
  set.style.fontSize = "";
  const share = set.clientWidth / set.scrollWidth;
  if (share < 1) set.style.fontSize = `${Math.max(LEAST, Math.floor(share * 100 - 1) / 100)}em`;
}

const widths = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
for (const formula of formulas) widths.observe(formula);
document.fonts.ready.then(() => formulas.forEach(fit));
addEventListener("beforeprint", () => formulas.forEach(fit));

// What is wider than its box can be scrolled by keyboard: only then does Tab stop at it. Where more is to come, it is seen.
const BOXES = "article :is(pre, .cell_output, .katex-display, .table-wrapper)";
const boxes = [...document.querySelectorAll(BOXES)];

function look(box) {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
  box.toggleAttribute("data-more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => look(target)));
for (const box of boxes) {
  sizes.observe(box);
  box.addEventListener("scroll", () => look(box), { passive: true });
}
document.fonts.addEventListener("loadingdone", () => boxes.forEach(look)); // the box stays, what is in it grows
})();
