// @ts-check
/**
 * The Merkle tree of RFC 6962 with the browser's own SHA-256, and the tiles of C2SP tlog-tiles.
 * Nothing here believes the server: every function computes, and compares with what the caller knows.
 */

/** Hashes in a full tile. */
const WIDTH = 256;

/** A check that failed; the message is for developers. */
export class Mismatch extends Error {}

/**
 * @param {...(Uint8Array | number[])} parts
 * @returns {Promise<Uint8Array>}
 */
export async function sha256(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array} entry */
export const leafHash = (entry) => sha256([0], entry);

/** @param {Uint8Array} left @param {Uint8Array} right */
const nodeHash = (left, right) => sha256([1], left, right);

/** @param {Uint8Array | undefined} a @param {Uint8Array | undefined} b */
export function same(a, b) {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Checks that `leaf` stands at `index` of the tree (RFC 9162 §2.1.3.2).
 *
 * @param {{ leaf: Uint8Array, index: number, path: Uint8Array[] }} proof
 * @param {{ size: number, root: Uint8Array }} tree
 */
export async function checkInclusion({ leaf, index, path }, { size, root }) {
  if (index >= size) throw new Mismatch("the index is outside the tree");
  let [node, last, hash] = [BigInt(index), BigInt(size - 1), leaf];
  for (const sibling of path) {
    if (last === 0n) throw new Mismatch("the proof is too long");
    if (node % 2n === 1n || node === last) {
      hash = await nodeHash(sibling, hash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = await nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last !== 0n || !same(hash, root)) throw new Mismatch("the proof leads to another root");
}

/**
 * Checks that the tree `newer` begins with the tree `older` (RFC 9162 §2.1.4.2).
 *
 * @param {{ size: number, root: Uint8Array }} older
 * @param {{ size: number, root: Uint8Array }} newer
 * @param {Uint8Array[]} path
 */
export async function checkConsistency(older, newer, path) {
  if (older.size === 0) return;
  if (older.size > newer.size) throw new Mismatch("the tree shrank");
  if (older.size === newer.size) {
    if (path.length > 0 || !same(older.root, newer.root)) throw new Mismatch("two roots at one size");
    return;
  }
  let [node, last] = [BigInt(older.size) - 1n, BigInt(newer.size) - 1n];
  while (node % 2n === 1n) [node, last] = [node >> 1n, last >> 1n];
  // A complete older tree is its own first node.
  const rest = node === 0n ? [older.root, ...path] : path;
  const first = rest[0];
  if (first === undefined) throw new Mismatch("the proof is too short");
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest.slice(1)) {
    if (last === 0n) throw new Mismatch("the proof is too long");
    if (node % 2n === 1n || node === last) {
      oldHash = await nodeHash(sibling, oldHash);
      newHash = await nodeHash(sibling, newHash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      newHash = await nodeHash(newHash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last !== 0n || !same(oldHash, older.root) || !same(newHash, newer.root)) {
    throw new Mismatch("the newer tree does not begin with the older one");
  }
}

/**
 * The root over hashes whose number is a power of two.
 *
 * @param {Uint8Array[]} hashes
 * @returns {Promise<Uint8Array>}
 */
async function completeRoot(hashes) {
  let row = hashes;
  while (row.length > 1) {
    const pairs = [];
    for (let i = 0; i + 1 < row.length; i += 2) {
      pairs.push(nodeHash(/** @type {Uint8Array} */ (row[i]), /** @type {Uint8Array} */ (row[i + 1])));
    }
    row = await Promise.all(pairs);
  }
  if (row[0] === undefined) throw new Mismatch("no hashes");
  return row[0];
}

/**
 * The path of a tile below the log's address.
 *
 * @param {number} level @param {number} index @param {number} width
 */
export function tilePath(level, index, width) {
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  return `tile/${level}/${groups.join("/")}${width === WIDTH ? "" : `.p/${width}`}`;
}

/**
 * Checks by tiles alone that `leaf` stands at `index`: the tiles at the right edge must lead to the root, and each full
 * tile above the leaf to a hash of the tile over it. Every byte that was fetched takes part.
 *
 * @param {{ leaf: Uint8Array, index: number }} entry
 * @param {{ size: number, root: Uint8Array }} tree
 * @param {(path: string) => Promise<Uint8Array>} fetchBytes
 */
export async function checkTiles({ leaf, index }, { size, root }, fetchBytes) {
  /** @param {number} level @param {number} tile @param {number} width */
  const hashes = async (level, tile, width) => {
    const bytes = await fetchBytes(tilePath(level, tile, width));
    if (bytes.length !== width * 32) throw new Mismatch("a tile has the wrong length");
    return Array.from({ length: width }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
  };
  const edge = [];
  for (let rows = size, level = 0; rows > 0; rows = Math.floor(rows / WIDTH), level += 1) {
    const width = rows % WIDTH;
    edge.push(width === 0 ? [] : await hashes(level, Math.floor(rows / WIDTH), width));
  }
  if (!same(await edgeRoot(edge), root)) throw new Mismatch("the tiles lead to another root");
  let expected = leaf;
  for (let level = 0, place = index, rows = size; ; level += 1) {
    const tile = Math.floor(place / WIDTH);
    const full = Math.floor(rows / WIDTH);
    const row = tile < full ? await hashes(level, tile, WIDTH) : (edge[level] ?? []);
    if (!same(row[place % WIDTH], expected)) throw new Mismatch("a tile holds another hash");
    if (tile >= full) return;
    expected = await completeRoot(row);
    [place, rows] = [tile, full];
  }
}

/**
 * The root of a tree by its tiles that are not full, one a level.
 *
 * @param {Uint8Array[][]} edge
 */
async function edgeRoot(edge) {
  /** @type {Uint8Array | undefined} */
  let root;
  for (const row of edge) {
    let end = row.length;
    for (let width = 1; end > 0; width *= 2) {
      if ((row.length & width) === 0) continue;
      const subtree = await completeRoot(row.slice(end - width, end));
      root = root === undefined ? subtree : await nodeHash(subtree, root);
      end -= width;
    }
  }
  return root;
}
