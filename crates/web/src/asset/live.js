// @ts-check
/** Follows the events of a flow and tells them where the page has room for them. */

import { ownPath } from "./dom.js";

for (const place of document.querySelectorAll("[data-live]")) {
  const source = place instanceof HTMLElement ? ownPath(place.dataset.live) : undefined;
  if (source && place instanceof HTMLElement) follow(place, source);
}

/**
 * @param {HTMLElement} place
 * @param {string} source
 */
function follow(place, source) {
  const told = place.querySelector(".told");
  const lost = place.querySelector(".lost");
  const events = new EventSource(source);
  /** @param {boolean} isLost */
  const connection = (isLost) => { if (lost instanceof HTMLElement) lost.hidden = !isLost; };
  events.addEventListener("open", () => connection(false));
  events.addEventListener("error", () => connection(true));
  events.addEventListener("state", (event) => {
    const { state, text, next } = JSON.parse(event.data);
    if (typeof state === "string") place.dataset.state = state;
    if (told && typeof text === "string" && told.textContent !== text) told.textContent = text;
    const path = ownPath(next);
    if (path) {
      events.close();
      location.assign(path);
    }
  });
  addEventListener("pagehide", () => events.close());
}
