/** What anywidget asks of a module: `render` puts the explorer of a model on the page. */

import { Card } from "./card.js";

/** @import { Kind, Model } from "./types.js" */

/** @param {Record<string, Kind>} kinds */
export function rendered(kinds) {
  return {
    /** @param {{ model: Model, el: HTMLElement }} view */
    render({ model, el }) {
      const card = new Card(model, el, kinds[JSON.parse(model.get("data")).name]);
      return () => card.destroy();
    },
  };
}
