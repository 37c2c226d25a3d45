// @ts-check
/** Elements without markup: text enters as text. */

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * A path of this server, and nothing else, whatever was sent.
 * @param {unknown} path
 * @returns {string | undefined}
 */
export function ownPath(path) {
  if (typeof path !== "string" || !path.startsWith("/")) return undefined;
  const url = new URL(path, location.href);
  return url.origin === location.origin ? url.href : undefined;
}
