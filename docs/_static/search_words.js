// The lines that the search shows of a page are its sentences: formulas, numbers and code would come out as letter salad.
/* global Search */
(() => {
const plain = Search.htmlToText;
Search.htmlToText = (text, anchor) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  page.querySelectorAll(".katex, .cell_input, .cell_output, .prediction, p.run").forEach((node) => node.remove());
  const words = page.documentElement.outerHTML;
  return plain(words, anchor).trim() || plain(words, null).trim() || " "; // an entry of the index is a place, no text
};
})();
