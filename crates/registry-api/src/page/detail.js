// @ts-check
/** One entry or one DID, with its checks. */

import { checkEntry, verdict, vouched } from "./checks.js";
import { byId, element, fill, shortened } from "./dom.js";
import { Mismatch, checkInclusion, leafHash } from "./merkle.js";
import { fromBase64, parseCheckpoint } from "./note.js";
import { grantText, readEntry } from "./operation.js";
import { Refused, server } from "./server.js";
import { counted, dated, named, say } from "./words.js";

/**
 * @typedef {import("./keeper.js").Keeper} Keeper
 * @typedef {import("./checks.js").Outcome} Outcome
 */

/** Most accreditations whose entries are checked without being asked. */
const MOST_CHECKED = 20;
/** Versions that are shown without being asked, and at each asking. */
const FEW_VERSIONS = 20;
const MORE_VERSIONS = 50;

/** Counts what was opened, so that an answer that comes late does not replace what was opened after it. */
let opened = 0;

/** @param {string} title @param {string} name */
function open(title, name) {
  const section = byId("detail");
  const body = element("div", { class: "body" }, element("p", { class: "verdict", role: "status" }, say("checking")));
  const close = element("a", { href: "#/", class: "close" }, say("close"));
  const heading = element("div", { class: "lead" }, element("h2", { id: "detail-title" }, title), close);
  fill(section, heading, name ? element("p", { class: "name" }, element("code", {}, name)) : null, body);
  section.hidden = false;
  section.focus({ preventScroll: true });
  section.scrollIntoView({ block: "start" });
  opened += 1;
  return { body, turn: opened };
}

export function closeDetail() {
  opened += 1;
  byId("detail").hidden = true;
}

/** @param {HTMLElement} body @param {unknown} error */
function fail(body, error) {
  const missing = error instanceof Refused && (error.status === 404 || error.status === 400);
  fill(body, element("p", { class: "verdict", role: "status" }, say(missing ? "not_found" : "failed")));
}

/** @param {Outcome} outcome @param {string} words */
function marked(outcome, words) {
  const mark = element("strong", { class: "outcome", "data-outcome": outcome }, say(`outcome_${outcome}`));
  return [mark, " ", words];
}

/** @param {Keeper} keeper @param {number} index */
export async function showEntry(keeper, index) {
  const { body, turn } = open(say("entry", counted(index)), "");
  try {
    const { entries } = await server.json(`/entries?from=${index}&limit=1`);
    if (entries.length === 0) throw new Refused(404, {});
    const entry = readEntry(entries[0]);
    const steps = await checkEntry(keeper, index, entry.text);
    if (turn !== opened) return;
    const outcome = verdict(steps);
    const list = steps.map(({ step, outcome, detail }) =>
      element("li", {}, ...marked(outcome, say(`step_${step}`)), detail ? element("code", { class: "hash" }, detail) : null),
    );
    fill(
      body,
      element("p", { class: "verdict", role: "status", "data-outcome": outcome }, say(`verdict_${outcome}`)),
      element("h3", {}, say("checks")),
      element("ol", { class: "steps" }, list),
      element("h3", {}, say("content")),
      contentOf(entry),
      raw(say("raw"), entry.text),
      element("p", {}, element("a", { href: `/operations/${index}/proof`, download: `entry-${index}.tlog-proof` }, say("download"))),
    );
    if (outcome === "waiting") setTimeout(() => turn === opened && void showEntry(keeper, index), 2000);
  } catch (error) {
    if (turn === opened) fail(body, error);
  }
}

/** @param {import("./operation.js").Entry} entry */
function contentOf(entry) {
  const rows = [
    [entry.title, entry.did ? linkTo(entry.did) : entry.subject],
    entry.type === "accreditation" ? [say("accreditations"), `${entry.subject} — ${grantText(entry.op.grant ?? {})}`] : null,
    entry.type === "accreditation-status" ? [say("status"), entry.subject] : null,
    [say("time"), dated(entry.time)],
  ];
  return facts(rows);
}

/** @param {((string | Node)[] | null)[]} rows */
function facts(rows) {
  const some = rows.filter((row) => row !== null);
  return element("dl", { class: "facts" }, some.map(([name, value]) =>
    element("div", { class: "full" }, element("dt", {}, name), element("dd", {}, value)),
  ));
}

/** @param {string} did */
function linkTo(did) {
  return element("a", { href: `#/did/${did}` }, shortened(did, 40));
}

/** @param {string} title @param {string} text */
function raw(title, text) {
  /** @type {string} */
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Shown as it is.
  }
  return element("details", {}, element("summary", {}, title), element("pre", { tabindex: "0" }, shown));
}

/** @param {Keeper} keeper @param {string} did */
export async function showDid(keeper, did) {
  const { body, turn } = open(say("did"), did);
  const path = encodeURIComponent(did);
  try {
    const [history, accredited, head] = await Promise.all([
      server.json(`/dids/${path}?limit=${FEW_VERSIONS}`),
      server.json(`/accreditations/${path}`),
      server.text(`/heads/${path}`).catch(() => null),
    ]);
    const { steps, entries, versions } = await checkPage(keeper, did, history);
    const records = await Promise.all(accredited.accreditations.map(
      (/** @type {any} */ record, /** @type {number} */ place) => cardOf(keeper, record, place < MOST_CHECKED),
    ));
    if (turn !== opened) return;
    const outcome = verdict([...steps, ...entries.map(({ outcome }) => ({ step: /** @type {const} */ ("inclusion"), outcome }))]);
    fill(
      body,
      element("p", { class: "verdict", role: "status", "data-outcome": outcome }, say(outcome === "good" ? "verdict_did" : `verdict_${outcome}`)),
      element("ol", { class: "steps" }, steps.map(({ step, outcome }) => element("li", {}, ...marked(outcome, say(`step_${step}`))))),
      element("h3", {}, say("versions")),
      element("p", { class: "hint" }, say("versions_lead")),
      element("ol", { class: "versions" }, versions.map(versionOf)),
      olderVersions(keeper, did, history.next),
      raw(say("document"), JSON.stringify(versions[0]?.entry.op.document ?? null)),
      head ? element("details", {}, element("summary", {}, say("newest")), element("p", { class: "hint" }, say("newest_lead")), element("pre", { tabindex: "0" }, head)) : null,
      element("h3", {}, say("accreditations")),
      records.length > 0 ? element("ul", { class: "cards" }, records) : element("p", {}, say("no_accreditations")),
    );
  } catch (error) {
    if (turn === opened) fail(body, error);
  }
}

/**
 * Checks some versions of a DID under one checkpoint, and what else came as their proof; the newest version first.
 *
 * @param {Keeper} keeper @param {string} did
 * @param {{ proof: { checkpoint: string, entries: { index: number, entry: string, path: string[] }[] } }} page
 */
async function checkPage(keeper, did, { proof }) {
  const checkpoint = parseCheckpoint(proof.checkpoint);
  const checked = proof.entries.map(async (item) => {
    /** @type {Outcome} */
    let outcome = "good";
    try {
      const leaf = await leafHash(new TextEncoder().encode(item.entry));
      await checkInclusion({ leaf, index: item.index, path: item.path.map(fromBase64) }, checkpoint);
    } catch (error) {
      outcome = error instanceof Mismatch ? "bad" : "unchecked";
    }
    return { entry: readEntry(item), outcome };
  });
  const entries = await Promise.all(checked);
  const versions = entries.filter(({ entry }) => entry.type === "did" && entry.did === did).reverse();
  return { steps: await vouched(keeper, checkpoint), entries, versions };
}

/**
 * The versions from number `next` back, some at each asking.
 *
 * @param {Keeper} keeper @param {string} did @param {number | null} next
 */
function olderVersions(keeper, did, next) {
  if (next === null) return null;
  const list = element("ol", { class: "versions" });
  const problem = element("p", { role: "status" });
  const more = async () => {
    if (next === null) return;
    button.setAttribute("disabled", "");
    try {
      const page = await server.json(`/dids/${encodeURIComponent(did)}?from=${next}&limit=${MORE_VERSIONS}`);
      const { steps, versions } = await checkPage(keeper, did, page);
      // Under a checkpoint that is not believed, no place is.
      const vouch = verdict(steps);
      list.append(...versions.map(({ entry, outcome }) => versionOf({ entry, outcome: outcome === "good" ? vouch : outcome })));
      next = page.next;
      fill(problem);
    } catch {
      fill(problem, document.createTextNode(say("failed")));
    }
    button.removeAttribute("disabled");
    button.hidden = next === null;
  };
  const button = element("button", { type: "button", click: () => void more() }, say("versions_more"));
  const toggle = () => list.children.length === 0 && void more();
  const summary = element("summary", {}, say("versions_older", counted(next)));
  return element("details", { toggle }, summary, list, problem, button);
}

/** @param {{ entry: import("./operation.js").Entry, outcome: Outcome }} version */
function versionOf({ entry, outcome }) {
  const number = String(entry.op.versionId ?? "").split("-")[0] ?? "";
  const kind = entry.op.parameters?.deactivated === true ? "deactivated" : number === "1" ? "created" : "changed";
  return element(
    "li",
    { "data-outcome": outcome },
    element("span", { class: "number" }, number),
    element("a", { href: `#/entry/${entry.index}` }, say(`version_${kind}`)),
    element("span", { class: "time" }, dated(entry.time)),
    element("span", { class: "state" }, ...marked(outcome, "")),
  );
}

/** @param {Keeper} keeper @param {any} record @param {boolean} check */
async function cardOf(keeper, record, check) {
  /** @type {Outcome} */
  let outcome = "unchecked";
  if (check) {
    const { entries } = await server.json(`/entries?from=${record.index}&limit=1`);
    outcome = entries[0] ? verdict(await checkEntry(keeper, record.index, entries[0].entry)) : "bad";
  }
  const until = record.validUntil ? dated(record.validUntil) : say("valid_open");
  const status = `${say(`status_${record.status}`)} · ${say(record.inEffect ? "in_effect" : "not_in_effect")}`;
  return element(
    "li",
    { "data-effect": String(record.inEffect) },
    element("h4", {}, named(record.name)),
    element("p", { class: "grant" }, grantText(record.grant)),
    facts([
      [say("status"), status],
      [say("valid"), `${dated(record.validFrom)} – ${until}`],
      [say("granted_by"), linkTo(record.grantedBy)],
    ]),
    element("p", {}, ...marked(outcome, ""), element("a", { href: `#/entry/${record.index}` }, say("entry", counted(record.index)))),
  );
}
