/** What anywidget asks of a module: `render` puts the explorer of a model on the page. */

import { Card } from "./card.js";

/** @param {Record<string, import("./types.js").Kind>} kinds */
export function rendered(kinds) {
  return {
    /** @param {{ model: import("./types.js").Model, el: HTMLElement }} view */
    render({ model, el }) {
      const card = new Card(model, el, kinds[JSON.parse(model.get("data")).name]);
      return () => card.destroy();
    },
  };
}
