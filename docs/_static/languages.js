// A link to another language leads to the section that is being read, and takes along what the address says of explorers.
(() => {
const sections = [...document.querySelectorAll("article section[id]")];

/** The anchor of the section at the top of the window, "" above the first. */
function reading() {
  const above = sections.slice(1).filter((section) => section.getBoundingClientRect().top < 120 && section.checkVisibility());
  return scrollY > 80 && above.length ? `#${above.at(-1).id}` : "";
}

for (const link of document.querySelectorAll(".languages a[hreflang]")) {
  const aim = () => {
    link.hash = reading();
    link.search = location.search;
  };
  for (const event of ["pointerenter", "pointerdown", "focus", "click"]) link.addEventListener(event, aim);
}
})();
