// @ts-check
/** Signed notes, checkpoints, cosignatures and proofs, as C2SP writes them. */

import { Mismatch, same, sha256 } from "./merkle.js";

const LOG_ED25519 = 1;
const WITNESS_ED25519 = 4;

/**
 * @typedef {{ name: string, id: Uint8Array, bytes: Uint8Array }} Signature
 * @typedef {{ text: string, signatures: Signature[] }} Note
 * @typedef {{ origin: string, size: number, root: Uint8Array, note: Note, printed: string }} Checkpoint
 * @typedef {{ name: string, type: number, id: Uint8Array, key: Uint8Array }} Key
 * @typedef {"good" | "bad" | "absent" | "unsupported"} Verdict
 */

/** @param {string} text */
export function fromBase64(text) {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  try {
    const bytes = atob(standard);
    // One text for each bytes: what the last digit has too much is zero.
    if (btoa(bytes).replace(/=+$/, "") !== standard) throw new Mismatch("not base64");
    return Uint8Array.from(bytes, (char) => char.charCodeAt(0));
  } catch {
    throw new Mismatch("not base64");
  }
}

/** @param {Uint8Array} bytes */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * `name+id+key`.
 *
 * @param {string} text
 * @returns {Key}
 */
export function parseKey(text) {
  const [name, id, ...rest] = text.split("+");
  const [type, ...key] = fromBase64(rest.join("+"));
  if (!name || !id || !/^[0-9a-f]{8}$/.test(id) || type === undefined) throw new Mismatch("not a key");
  const bytes = id.match(/../g) ?? [];
  return { name, type, id: Uint8Array.from(bytes, (byte) => parseInt(byte, 16)), key: Uint8Array.from(key) };
}

/** @param {string} printed @returns {Note} */
function parseNote(printed) {
  const end = printed.lastIndexOf("\n\n");
  if (end < 0 || !printed.endsWith("\n")) throw new Mismatch("not a signed note");
  const lines = printed.slice(end + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const [, name, blob] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = fromBase64(blob ?? "!");
    if (name === undefined || bytes.length < 5) throw new Mismatch("not a signature");
    return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
  });
  return { text: printed.slice(0, end + 1), signatures };
}

/** @param {string} printed @returns {Checkpoint} */
export function parseCheckpoint(printed) {
  const note = parseNote(printed);
  const [origin, size, root, ...more] = note.text.slice(0, -1).split("\n");
  if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size ?? "") || more.length > 0) throw new Mismatch("not a checkpoint");
  const hash = fromBase64(root ?? "!");
  if (hash.length !== 32) throw new Mismatch("not a checkpoint");
  return { origin, size: Number(size), root: hash, note, printed };
}

/**
 * A proof that an entry stands in the log (C2SP tlog-proof).
 *
 * @param {string} printed
 */
export function parseProof(printed) {
  const end = printed.indexOf("\n\n");
  const lines = printed.slice(0, end).split("\n");
  const [first, index, ...path] = lines.filter((line) => !line.startsWith("extra "));
  const [, number] = /^index (0|[1-9][0-9]{0,14})$/.exec(index ?? "") ?? [];
  if (end < 0 || first !== "c2sp.org/tlog-proof@v1" || number === undefined) throw new Mismatch("not a proof");
  return { index: Number(number), path: path.map(fromBase64), checkpoint: parseCheckpoint(printed.slice(end + 2)) };
}

/**
 * @param {Uint8Array} key @param {Uint8Array} message @param {Uint8Array} signature
 * @returns {Promise<Verdict>}
 */
async function ed25519(key, message, signature) {
  /** @type {CryptoKey} */
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", Uint8Array.from(key), { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    // A browser that does not know the algorithm; one that does refuses keys of the wrong form in another way.
    return error instanceof DOMException && error.name === "DataError" ? "bad" : "unsupported";
  }
  const good = await crypto.subtle.verify("Ed25519", imported, Uint8Array.from(signature), Uint8Array.from(message));
  return good ? "good" : "bad";
}

/** @param {Note} note @param {Key} key */
function lineOf(note, key) {
  return note.signatures.find((line) => line.name === key.name && same(line.id, key.id));
}

/** @param {Key} key */
async function hasOwnId(key) {
  const digest = await sha256(new TextEncoder().encode(`${key.name}\n`), [key.type], key.key);
  return same(digest.subarray(0, 4), key.id);
}

/**
 * Whether the log of `key` signed.
 *
 * @param {Checkpoint} checkpoint @param {Key} key
 * @returns {Promise<Verdict>}
 */
export async function checkSignature(checkpoint, key) {
  if (key.type !== LOG_ED25519) return "unsupported";
  if (checkpoint.origin !== key.name || !(await hasOwnId(key))) return "bad";
  const line = lineOf(checkpoint.note, key);
  if (line === undefined) return "absent";
  return ed25519(key.key, new TextEncoder().encode(checkpoint.note.text), line.bytes);
}

/**
 * Whether a witness cosigned, and when it says it did, in seconds since 1970.
 *
 * @param {Checkpoint} checkpoint @param {Key} key
 * @returns {Promise<{ verdict: Verdict, at?: number }>}
 */
export async function checkCosignature(checkpoint, key) {
  const line = lineOf(checkpoint.note, key);
  if (line === undefined) return { verdict: "absent" };
  if (line.bytes.length < 8) return { verdict: "bad" };
  const view = new DataView(line.bytes.buffer, line.bytes.byteOffset, 8);
  const at = Number(view.getBigUint64(0));
  if (key.type !== WITNESS_ED25519) return { verdict: "unsupported", at };
  if (!(await hasOwnId(key))) return { verdict: "bad" };
  const message = new TextEncoder().encode(`cosignature/v1\ntime ${at}\n${checkpoint.note.text}`);
  return { verdict: await ed25519(key.key, message, line.bytes.subarray(8)), at };
}

/**
 * The witnesses that a policy names (C2SP tlog-policy).
 *
 * @param {string} policy
 * @returns {Key[]}
 */
export function witnessesOf(policy) {
  const lines = policy.split("\n").map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([word, , key]) => (word === "witness" && key !== undefined ? [parseKey(key)] : []));
}
