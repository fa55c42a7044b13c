// Sets the formulas of the built pages with KaTeX, so that pages need no script for them.
// Usage: node set_formulas.mjs FOLDER_OF_KATEX PAGE.html ...   (a formula that KaTeX cannot set is an error)

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, ...pages] = process.argv.slice(2);
const katex = createRequire(import.meta.url)(resolve(folder, "katex.min.js"));

// What docs/conf.py writes.
const FORMULA = /<(span|div) class="formula">([\s\S]*?)<\/\1>/g;
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
  const set = html.replace(FORMULA, (_, tag, tex) => {
    const displayMode = tag === "div";
    try {
      const options = { displayMode, throwOnError: true, strict: false };
      const all = displayMode ? apart(plain(tex).trim()) : [plain(tex).trim()];
      return all.map((one) => `<${tag} class="math">${katex.renderToString(one, options)}</${tag}>`).join("");
    } catch (error) {
      console.error(`${page}: ${tex.trim()}\n  ${error.message}`);
      process.exitCode = 1;
      return "";
    }
  });
  if (set !== html) writeFileSync(page, set);
}
