// What is wider than its box can be scrolled by keyboard: only then does Tab stop at it.
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const BOXES = "article :is(pre, .cell_output, .katex-display, .table-wrapper)";
for (const box of document.querySelectorAll(BOXES)) sizes.observe(box);
