// @ts-check
/** What an entry says, as far as the page knows its type. */

import { knows, named, say } from "./words.js";

/**
 * @typedef {{ index: number, text: string, type: string, title: string, subject: string, did: string | null, time: string, op: any }} Entry
 */

/**
 * @param {{ index: number, entry: string }} served
 * @returns {Entry}
 */
export function readEntry({ index, entry }) {
  /** @type {any} */
  let parsed = {};
  try {
    parsed = JSON.parse(entry);
  } catch {
    // Shown as it is.
  }
  const op = parsed?.op ?? {};
  const type = typeof op.type === "string" ? op.type : "unknown";
  const time = typeof parsed?.time === "string" ? parsed.time : "";
  return { index, text: entry, type, title: titleOf(type, op), ...subjectOf(type, op), time, op };
}

/** @param {string} type @param {any} op */
function titleOf(type, op) {
  if (type === "did" && op.parameters?.deactivated === true) return say("type_did_deactivated");
  if (type === "did" && String(op.versionId ?? "").startsWith("1-")) return say("type_did_created");
  return say(knows(`type_${type}`) ? `type_${type}` : "type_unknown");
}

/**
 * What the operation is about: a text, and a DID if there is one.
 *
 * @param {string} type @param {any} op
 * @returns {{ subject: string, did: string | null }}
 */
function subjectOf(type, op) {
  /** @param {unknown} value */
  const text = (value) => (typeof value === "string" ? value : "");
  switch (type) {
    case "did":
      return { subject: text(op.did), did: text(op.did) || null };
    case "log":
      return { subject: text(op.log), did: text(op.root) || null };
    case "accreditation":
      return { subject: text(op.name && named(op.name)), did: text(op.subject) || null };
    case "accreditation-status": {
      const status = `status_${text(op.status)}`;
      return { subject: knows(status) ? say(status) : text(op.status), did: text(op.by) || null };
    }
    case "status-list":
      return { subject: text(op.list), did: text(op.by) || null };
    case "person":
    case "person-erasure":
      return { subject: say("person_note"), did: null };
    default:
      return { subject: type, did: null };
  }
}

/**
 * A grant in words, from the log's own form or from the list of accreditations.
 *
 * @param {any} grant
 */
export function grantText(grant) {
  /** @param {any} types */
  const list = (types) => (types.length === 0 ? say("any_type") : types.join(", "));
  if (grant.issue) return `${say("grant_issue")}: ${list(grant.issue.types ?? grant.issue)}`;
  if (grant.accredit) return `${say("grant_accredit")}: ${list(grant.accredit.types ?? grant.accredit)}`;
  return grant.request ? `${say("grant_request")}: ${grant.request.service ?? grant.request}` : "";
}
