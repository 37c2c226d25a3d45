// @ts-check
/** The checks of one entry, step by step, each with its outcome. */

import { Alarmed } from "./keeper.js";
import { Mismatch, checkInclusion, checkTiles, leafHash } from "./merkle.js";
import { parseProof, toHex } from "./note.js";
import { Refused, server } from "./server.js";

/**
 * @typedef {"good" | "bad" | "unchecked" | "waiting"} Outcome
 * @typedef {{ step: "leaf" | "inclusion" | "tiles" | "signature" | "history", outcome: Outcome, detail?: string }} Step
 */

/** Whether this browser can hash at all: it cannot on pages without TLS. */
export const canHash = () => globalThis.crypto?.subtle !== undefined;

/** @param {Step[]} steps @returns {Outcome} */
export function verdict(steps) {
  for (const outcome of /** @type {const} */ (["bad", "waiting", "unchecked"])) {
    if (steps.some((step) => step.outcome === outcome)) return outcome;
  }
  return "good";
}

/**
 * What a failure means: a proof that is wrong, or one that was not to be had.
 *
 * @param {unknown} error
 * @returns {Outcome}
 */
function outcomeOf(error) {
  if (error instanceof Mismatch || error instanceof Alarmed) return "bad";
  return error instanceof Refused && error.status === 404 ? "waiting" : "unchecked";
}

/**
 * Checks that `text` is entry `index` of the log.
 *
 * @param {import("./keeper.js").Keeper} keeper
 * @param {number} index
 * @param {string} text
 * @returns {Promise<Step[]>}
 */
export async function checkEntry(keeper, index, text) {
  if (!canHash()) return [{ step: "leaf", outcome: "unchecked" }];
  const leaf = await leafHash(new TextEncoder().encode(text));
  /** @type {Step[]} */
  const steps = [{ step: "leaf", outcome: "good", detail: toHex(leaf) }];
  /** @type {ReturnType<typeof parseProof>} */
  let proof;
  try {
    proof = parseProof(await server.text(`/operations/${index}/proof`));
    if (proof.index !== index) throw new Mismatch("a proof of another entry");
  } catch (error) {
    return [...steps, { step: "inclusion", outcome: outcomeOf(error) }];
  }
  const { checkpoint } = proof;
  const root = toHex(checkpoint.root);
  steps.push(await step("inclusion", root, () => checkInclusion({ leaf, index, path: proof.path }, checkpoint)));
  const fetchTile = (/** @type {string} */ path) => server.bytes(`/${path}`);
  steps.push(await step("tiles", root, () => checkTiles({ leaf, index }, checkpoint, fetchTile)));
  return [...steps, ...(await vouched(keeper, checkpoint))];
}

/**
 * Checks the checkpoint of a proof: signature, and that it belongs to the history that this browser knows.
 *
 * @param {import("./keeper.js").Keeper} keeper
 * @param {import("./note.js").Checkpoint} checkpoint
 * @returns {Promise<Step[]>}
 */
export async function vouched(keeper, checkpoint) {
  try {
    const { signature } = await keeper.vouch(checkpoint);
    return [
      { step: "signature", outcome: signature === "good" ? "good" : "unchecked" },
      { step: "history", outcome: "good" },
    ];
  } catch (error) {
    const signed = error instanceof Alarmed && (error.alarm === "signature" || error.alarm === "malformed");
    const outcome = outcomeOf(error);
    return [signed ? { step: "signature", outcome } : { step: "history", outcome }];
  }
}

/**
 * @param {Step["step"]} name @param {string} detail @param {() => Promise<void>} check
 * @returns {Promise<Step>}
 */
async function step(name, detail, check) {
  try {
    await check();
    return { step: name, outcome: "good", detail };
  } catch (error) {
    return { step: name, outcome: outcomeOf(error) };
  }
}
