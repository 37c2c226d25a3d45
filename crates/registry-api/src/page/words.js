// @ts-check
/** The page's words, in the language of its document. */

const lang = document.documentElement.lang === "en" ? "en" : "ko";
const answer = await fetch("/explorer/strings.json", { credentials: "omit" });
/** @type {Record<string, string>} */
const texts = (await answer.json())[lang];

/**
 * @param {string} name
 * @param {...(string | number)} values
 */
export function say(name, ...values) {
  const text = texts[name] ?? name;
  return text.replace(/\{(\d)\}/g, (_, place) => String(values[Number(place)] ?? ""));
}

/** @param {string} name */
export const knows = (name) => name in texts;

/** @param {{ ko: string, en: string }} name */
export const named = (name) => name[lang];

/** @param {number} number */
export const counted = (number) => number.toLocaleString(lang);

/** @param {string} time */
export function dated(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString(lang, { dateStyle: "medium", timeStyle: "medium" });
}

/** @param {string} time */
export function ago(time) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  if (Number.isNaN(seconds)) return "";
  if (seconds < 5) return say("ago_now");
  if (seconds < 60) return say("ago_seconds", seconds);
  if (seconds < 3600) return say("ago_minutes", Math.floor(seconds / 60));
  return seconds < 86400 ? say("ago_hours", Math.floor(seconds / 3600)) : say("ago_days", Math.floor(seconds / 86400));
}

/** A time that ages by itself: see `age`. @param {string} time */
export function aging(time) {
  const made = document.createElement("time");
  made.dateTime = time;
  made.title = dated(time);
  made.textContent = ago(time);
  return made;
}

/** Lets all shown times age. */
export function age() {
  for (const shown of document.querySelectorAll("time")) shown.textContent = ago(shown.dateTime);
}
