// What the search weighs: a chapter that is about the words comes before a function that has them in its name.
// Sphinx reads this variable.
var Scorer = {
  score: ([name, , , , score]) => score + (name.startsWith("notebooks/") ? 12 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 5, 1: 2, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
