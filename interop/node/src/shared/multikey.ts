/** did:key identifiers of Node's own keys. */
import { MultibaseEncoding, multibaseEncode } from 'didwebvh-ts';
import { newKeyPair } from './jwk.ts';
import type { KeyPair } from './jwk.ts';
import { string } from './json.ts';

export interface DidKey extends KeyPair {
  did: string;
  kid: string;
}

const PREFIXES = { EdDSA: [0xed, 0x01], ES256: [0x80, 0x24], ES384: [0x81, 0x24] } as const;

/** A fresh key with its did:key. */
export function newDidKey(algorithm: KeyPair['algorithm']): DidKey {
  const pair = newKeyPair(algorithm);
  const x = Buffer.from(string(pair.public.x, 'x'), 'base64url');
  const point = algorithm === 'EdDSA' ? x : compressed(x, Buffer.from(string(pair.public.y, 'y'), 'base64url'));
  const key = multibase([...PREFIXES[algorithm], ...point]);
  return { ...pair, did: `did:key:${key}`, kid: `did:key:${key}#${key}` };
}

/** Bytes in base58btc with its multibase prefix. */
export function multibase(bytes: number[]): string {
  return multibaseEncode(Uint8Array.from(bytes), MultibaseEncoding.BASE58_BTC);
}

function compressed(x: Buffer, y: Buffer): number[] {
  return [(y.at(-1) ?? 0) % 2 === 0 ? 2 : 3, ...x];
}
