// @ts-check
/** Asks the browser's wallet by the Digital Credentials API, where there is one; else the QR code is what is offered. */

import { ownPath } from "./dom.js";

for (const place of document.querySelectorAll("[data-digital]")) {
  if (place instanceof HTMLElement) offer(place);
}

/** @param {HTMLElement} place */
function offer(place) {
  const button = place.querySelector("button");
  const told = place.querySelector("[role=status]");
  const request = JSON.parse(place.dataset.digital ?? "null");
  const action = ownPath(place.dataset.action);
  const isThere = "DigitalCredential" in window && "credentials" in navigator;
  if (!button || !told || !request || !action) return;
  if (!isThere) {
    told.textContent = place.dataset.absent ?? "";
    return;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = place.dataset.waiting ?? "";
    try {
      const path = await present(request, action);
      if (path) location.assign(path);
    } catch {
      told.textContent = place.dataset.failed ?? "";
      button.disabled = false;
    }
  });
}

/**
 * @param {{protocol: string, data: object}} request
 * @param {string} action
 * @returns {Promise<string | undefined>}
 */
async function present(request, action) {
  const options = /** @type {CredentialRequestOptions} */ ({ digital: { requests: [request] }, mediation: "required" });
  const credential = /** @type {any} */ (await navigator.credentials.get(options));
  const data = typeof credential.data === "string" ? JSON.parse(credential.data) : credential.data;
  const answer = await fetch(action, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ protocol: credential.protocol, data }),
    credentials: "same-origin",
  });
  const { next } = await answer.json();
  return ownPath(next);
}
