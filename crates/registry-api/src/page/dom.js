// @ts-check
/** Elements from names, attributes and texts. What the log holds becomes text nodes, never markup. [RGA-10] */

/**
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {Record<string, string | ((event: Event) => void)>} Attributes
 */

/**
 * @param {string} name
 * @param {Attributes} attributes
 * @param {...(Child | Child[])} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else made.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child instanceof Node) made.append(child);
    else if (typeof child === "string") made.append(document.createTextNode(child));
  }
  return made;
}

/** @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/** @param {Element} parent @param {...Child} children */
export function fill(parent, ...children) {
  parent.replaceChildren();
  for (const child of children) if (child) parent.append(child);
}

/**
 * A long name, shortened in the middle for the eye and whole for the pointer and the clipboard.
 *
 * @param {string} text
 * @param {number} [most]
 */
export function shortened(text, most = 24) {
  if (text.length <= most) return element("code", {}, text);
  const half = Math.floor((most - 1) / 2);
  return element("code", { title: text }, `${text.slice(0, half)}\u2026${text.slice(-half)}`);
}
