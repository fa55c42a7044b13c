// What the scripts of a page say, in its language: an edition in another language has its own table in this place.
(() => {
const WORDS = {};
globalThis.say = (text, fields = {}) => (WORDS[text] ?? text).replace(/\{(\w+)\}/g, (gap, name) => fields[name] ?? gap);
})();
