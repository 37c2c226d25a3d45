/** Keys and raw signatures of the peers that leave cryptography to the caller (Node's own, not ours). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import type { JsonObject } from './json.ts';

export type Algorithm = 'ES256' | 'ES384' | 'EdDSA';

export interface KeyPair {
  algorithm: Algorithm;
  private: JsonObject;
  public: JsonObject;
}

const curves = { ES256: 'P-256', ES384: 'P-384' } as const;
const hashes = { ES256: 'sha256', ES384: 'sha384', EdDSA: null } as const;

export function newKeyPair(algorithm: Algorithm): KeyPair {
  const pair =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: curves[algorithm] });
  return {
    algorithm,
    private: pair.privateKey.export({ format: 'jwk' }) as JsonObject,
    public: pair.publicKey.export({ format: 'jwk' }) as JsonObject,
  };
}

/** Signs as JOSE and COSE want it: ECDSA as r ‖ s. */
export function signRaw(jwk: JsonObject, algorithm: Algorithm, data: Uint8Array): Buffer {
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return sign(hashes[algorithm], data, { key, dsaEncoding: 'ieee-p1363' });
}

export function verifyRaw(jwk: JsonObject, algorithm: Algorithm, data: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return verify(hashes[algorithm], data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The public half of a JWK. */
export function publicPart(jwk: JsonObject): JsonObject {
  const { d: _, ...rest } = jwk;
  return rest;
}

/** A did:jwk for a public key, and its key's URL. */
export function didJwk(jwk: JsonObject): { did: string; kid: string } {
  const did = `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`;
  return { did, kid: `${did}#0` };
}
