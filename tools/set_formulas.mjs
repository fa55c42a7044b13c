// Sets the formulas of the built pages with KaTeX, so that pages need no script for them.
// Usage: node set_formulas.mjs FOLDER_OF_KATEX PAGE.html ...   (a formula that KaTeX cannot set is an error)

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, ...pages] = process.argv.slice(2);
const katex = createRequire(import.meta.url)(resolve(folder, "katex.min.js"));

// What docs/conf.py writes, with the mark that opens before it and the one that ends what is said behind it.
const FORMULA = /(?<=([([“‘（《]?))<(span|div) class="formula">([\s\S]*?)<\/\2>(?=([.,;:!?)\]”’。，；：！？）]?))/g;
const WHOLE = 24; // letters of TeX up to which a formula in a sentence is never split
const JOINER = "\u2060"; // no line ends between a formula and its marks
const LETTERS = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "&amp;": "&" };

const plain = (html) => html.replace(/&(?:lt|gt|quot|#39|#x27|amp);/g, (found) => LETTERS[found]);

// Formulas that stand beside each other in a notebook, with \\qquad between, stand one a line: none has to be broken.
function apart(tex) {
  const parts = tex.split(/(?:\\q?quad\s*)*\\qquad(?:\s*\\q?quad)*/).map((part) => part.trim()).filter(Boolean);
  const count = (part, word) => part.split(word).length;
  const pairs = [["{", "}"], ["\\begin", "\\end"], [/\\left(?![a-z])/, /\\right(?![a-z])/]];
  const whole = (part) => pairs.every(([opens, closes]) => count(part, opens) === count(part, closes));
  return parts.every(whole) ? parts : [tex];
}

for (const page of pages) {
  const html = readFileSync(page, "utf8");
  const set = html.replace(FORMULA, (_, opens, tag, tex, ends) => {
    const displayMode = tag === "div";
    try {
      const options = { displayMode, throwOnError: true, strict: false };
      const all = displayMode ? apart(plain(tex).trim()) : [plain(tex).trim()];
      const name = displayMode || tex.trim().length > WHOLE ? "math" : "math whole";
      const [before, behind] = [opens, ends].map((mark) => (mark && !displayMode ? JOINER : ""));
      const marked = all.map((one) => `<${tag} class="${name}">${katex.renderToString(one, options)}</${tag}>`);
      return before + marked.join("") + behind;
    } catch (error) {
      console.error(`${page}: ${tex.trim()}\n  ${error.message}`);
      process.exitCode = 1;
      return "";
    }
  });
  if (set !== html) writeFileSync(page, set);
}
