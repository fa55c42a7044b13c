// What is wider than its box can be scrolled by keyboard: only then does Tab stop at it.
const BOXES = "article :is(pre, .cell_output, .katex-display, .table-wrapper)";
const boxes = [...document.querySelectorAll(BOXES)];

function look(box) {
  if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => look(target)));
for (const box of boxes) sizes.observe(box);
document.fonts.addEventListener("loadingdone", () => boxes.forEach(look)); // the box stays, what is in it grows
