// @ts-check
/** Sends the bytes of a roll as they are, whatever their encoding, and goes where they can be looked at. */

import { ownPath } from "./dom.js";

for (const place of document.querySelectorAll("[data-roll]")) {
  const target = place instanceof HTMLElement ? ownPath(place.dataset.roll) : undefined;
  const input = place.querySelector("input");
  if (target && place instanceof HTMLElement && input) input.addEventListener("change", () => send(place, input, target));
}

/**
 * @param {HTMLElement} place
 * @param {HTMLInputElement} input
 * @param {string} target
 */
async function send(place, input, target) {
  const file = input.files?.[0];
  if (!file) return;
  const told = place.querySelector("[data-told]");
  const headers = { "content-type": "text/csv", "form-token": place.dataset.token ?? "" };
  try {
    const answer = await fetch(target, { method: "POST", headers, body: await file.arrayBuffer() });
    const body = await answer.json();
    const next = answer.ok ? ownPath(body.next) : undefined;
    if (next) return location.assign(next);
    say(told, document.documentElement.lang === "ko" ? body.detail_ko : body.detail);
  } catch {
    say(told, document.documentElement.lang === "ko" ? "파일을 보내지 못했습니다" : "The file could not be sent");
  }
}

/**
 * @param {Element | null} told
 * @param {unknown} text
 */
function say(told, text) {
  if (!(told instanceof HTMLElement) || typeof text !== "string") return;
  told.textContent = text;
  told.hidden = false;
}
