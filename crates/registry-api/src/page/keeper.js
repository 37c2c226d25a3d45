// @ts-check
/**
 * What this browser remembers of the log: its key from the first visit, and the newest head it has checked. A server that
 * shows another key, a smaller log or another past is found out here.
 */

import { Mismatch, checkConsistency, same } from "./merkle.js";
import { checkSignature, fromBase64, parseCheckpoint, parseKey } from "./note.js";

const PLACE = "sinpyo.log";

/**
 * @typedef {import("./note.js").Checkpoint} Checkpoint
 * @typedef {"key" | "malformed" | "signature" | "shrunk" | "fork"} Alarm
 * @typedef {{ vkey: string, checkpoint: string | null }} Pin
 * @typedef {{ checkpoint: Checkpoint, signature: "good" | "unsupported", grownFrom: number | null }} Head
 */

/** The log is not the one that this browser knows. */
export class Alarmed extends Error {
  /** @param {Alarm} alarm @param {{ kept?: string, shown?: string }} [detail] */
  constructor(alarm, detail = {}) {
    super(alarm);
    this.alarm = alarm;
    this.detail = detail;
  }
}

export class Keeper {
  /**
   * @param {Storage} storage
   * @param {{ json: (path: string) => Promise<any>, text: (path: string) => Promise<string> }} server
   */
  constructor(storage, server) {
    this.storage = storage;
    this.server = server;
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve();
  }

  /** @returns {Pin | null} */
  pin() {
    const text = this.storage.getItem(PLACE);
    return text === null ? null : JSON.parse(text);
  }

  /** Whoever calls this has asked the operator. */
  forget() {
    this.storage.removeItem(PLACE);
  }

  /**
   * Pins the key the first time; afterwards it must be the same.
   *
   * @param {string} vkey
   * @returns {"first" | "known"}
   */
  meet(vkey) {
    const pin = this.pin();
    if (pin === null) {
      this.storage.setItem(PLACE, JSON.stringify({ vkey, checkpoint: null }));
      return "first";
    }
    if (pin.vkey !== vkey) throw new Alarmed("key", { kept: pin.vkey, shown: vkey });
    return "known";
  }

  /**
   * Checks the log's newest checkpoint against the pinned key and the head that was kept, and keeps it if it is larger.
   * One at a time.
   *
   * @param {string} printed
   * @returns {Promise<Head>}
   */
  accept(printed) {
    const next = this.last.then(() => this.judge(printed));
    this.last = next.catch(() => undefined);
    return next;
  }

  /**
   * Checks the checkpoint of a proof, which may be a little older than the newest.
   *
   * @param {Checkpoint} checkpoint
   * @returns {Promise<Head>}
   */
  async vouch(checkpoint) {
    await this.last;
    const { kept } = this.kept();
    if (kept === null || checkpoint.size > kept.size) return this.accept(checkpoint.printed);
    const signature = await this.signed(checkpoint);
    if (checkpoint.size > 0) await this.extend(checkpoint, kept);
    return { checkpoint, signature, grownFrom: checkpoint.size };
  }

  /** @param {string} printed @returns {Promise<Head>} */
  async judge(printed) {
    let checkpoint = parsed(printed);
    let signature = await this.signed(checkpoint);
    const { pin, kept } = this.kept();
    if (kept !== null && checkpoint.size < kept.size) {
      // Another tab may have been quicker: what counts is what the log says now.
      checkpoint = parsed(await this.server.text("/checkpoint"));
      signature = await this.signed(checkpoint);
      const detail = { kept: kept.printed, shown: checkpoint.printed };
      if (checkpoint.size < kept.size) throw new Alarmed("shrunk", detail);
    }
    if (kept !== null && kept.size > 0) await this.extend(kept, checkpoint);
    if (kept === null || checkpoint.size > kept.size) {
      this.storage.setItem(PLACE, JSON.stringify({ vkey: pin.vkey, checkpoint: checkpoint.printed }));
    }
    return { checkpoint, signature, grownFrom: kept === null ? null : kept.size };
  }

  /** The pin, and the head in it. */
  kept() {
    const pin = this.pin();
    if (pin === null) throw new Alarmed("key");
    return { pin, kept: pin.checkpoint === null ? null : parseCheckpoint(pin.checkpoint) };
  }

  /** @param {Checkpoint} checkpoint @returns {Promise<"good" | "unsupported">} */
  async signed(checkpoint) {
    const signature = await checkSignature(checkpoint, parseKey(this.kept().pin.vkey));
    if (signature !== "good" && signature !== "unsupported") throw new Alarmed("signature");
    return signature;
  }

  /** @param {Checkpoint} older @param {Checkpoint} newer */
  async extend(older, newer) {
    const detail = { kept: older.printed, shown: newer.printed };
    if (older.size === newer.size) {
      if (!same(older.root, newer.root)) throw new Alarmed("fork", detail);
      return;
    }
    const answer = await this.server.json(`/consistency?from=${older.size}&to=${newer.size}`);
    try {
      const path = answer.path.map((/** @type {string} */ hash) => fromBase64(hash));
      await checkConsistency(older, newer, path);
    } catch (error) {
      throw error instanceof Mismatch ? new Alarmed("fork", detail) : error;
    }
  }
}

/** @param {string} printed */
function parsed(printed) {
  try {
    return parseCheckpoint(printed);
  } catch {
    throw new Alarmed("malformed");
  }
}
