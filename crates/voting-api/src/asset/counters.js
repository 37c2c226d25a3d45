// @ts-check
/** Follows the counters of an election. */

import { ownPath } from "./dom.js";

for (const place of document.querySelectorAll("[data-counters]")) {
  const source = place instanceof HTMLElement ? ownPath(place.dataset.counters) : undefined;
  if (source) follow(place, source);
}

/**
 * @param {Element} place
 * @param {string} source
 */
function follow(place, source) {
  const events = new EventSource(source);
  const phase = place instanceof HTMLElement ? place.dataset.phase : undefined;
  events.addEventListener("count", (event) => {
    const counts = JSON.parse(event.data);
    for (const counter of place.querySelectorAll("[data-count]")) {
      const value = counter instanceof HTMLElement ? counts[counter.dataset.count ?? ""] : undefined;
      if (typeof value === "number") counter.textContent = value.toLocaleString();
    }
    if (phase && counts.phase !== phase) location.reload();
  });
  addEventListener("pagehide", () => events.close());
}
