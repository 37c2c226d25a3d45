// @ts-check
/** The list of entries: the latest ones, those that come, and earlier ones when asked for. */

import { byId, element, shortened } from "./dom.js";
import { readEntry } from "./operation.js";
import { server } from "./server.js";
import { aging, counted, say } from "./words.js";

const PAGE = 30;
/** Rows that are kept; earlier ones come back when asked for. */
const MOST = 500;

/** @typedef {import("./operation.js").Entry} Entry */

export class Entries {
  constructor() {
    this.list = byId("list");
    this.older = byId("older");
    /** Entries below this index are provable. */
    this.covered = 0;
    this.first = 0;
    this.next = 0;
    this.fresh = 0;
    this.older.addEventListener("click", () => void this.showOlder());
    setInterval(() => this.announce(), 5000);
  }

  /** Shows the latest entries; returns the index of the next. */
  async start() {
    const { size } = await server.json("/entries?from=0&limit=0");
    this.first = this.next = Math.max(0, size - PAGE);
    this.list.replaceChildren();
    const { entries } = await server.json(`/entries?from=${this.first}&limit=${PAGE}`);
    for (const served of entries) this.show(readEntry(served));
    this.older.hidden = this.first === 0;
    return this.next;
  }

  /** @param {{ index: number, entry: string }} served */
  arrive(served) {
    if (served.index !== this.next) return;
    this.show(readEntry(served)).classList.add("fresh");
    this.fresh += 1;
    while (this.list.children.length > MOST) this.list.lastElementChild?.remove();
    this.first = Math.max(this.first, this.next - MOST);
    this.older.hidden = this.first === 0;
  }

  /** @param {Entry} entry */
  show(entry) {
    const row = this.row(entry);
    this.list.prepend(row);
    this.next = entry.index + 1;
    return row;
  }

  async showOlder() {
    const from = Math.max(0, this.first - PAGE);
    const { entries } = await server.json(`/entries?from=${from}&limit=${this.first - from}`);
    const rows = entries.map((/** @type {any} */ served) => this.row(readEntry(served)));
    this.list.append(...rows.reverse());
    this.first = from;
    this.older.hidden = from === 0;
    rows[0]?.querySelector("a")?.focus();
  }

  /** The checkpoint commits to the entries below `size`. @param {number} size */
  cover(size) {
    this.covered = size;
    for (const row of this.list.children) this.mark(/** @type {HTMLElement} */ (row));
  }

  /** @param {Entry} entry */
  row(entry) {
    const name = entry.subject.startsWith("did:") ? shortened(entry.subject) : entry.subject;
    const row = element(
      "li",
      { "data-index": String(entry.index) },
      element("span", { class: "index" }, counted(entry.index)),
      element("a", { href: `#/entry/${entry.index}`, class: "title" }, entry.title),
      element("span", { class: "subject" }, name),
      element("span", { class: "time" }, aging(entry.time)),
      element("span", { class: "mark" }),
    );
    this.mark(row);
    return row;
  }

  /** @param {HTMLElement} row */
  mark(row) {
    const provable = Number(row.dataset["index"]) < this.covered;
    row.dataset["provable"] = String(provable);
    const mark = row.querySelector(".mark");
    const words = say(provable ? "provable" : "pending");
    if (mark && mark.textContent !== words) mark.textContent = words;
  }

  /** Tells those who listen how many came, not more often than they can hear. */
  announce() {
    if (this.fresh === 0) return;
    byId("announce").textContent = say("announce", this.fresh, this.next - 1);
    this.fresh = 0;
  }
}
