/** Keys of the peers: Node's own cryptography, so that nothing of ours signs or checks for them. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';

export interface PublicJwk {
  [name: string]: unknown;
  kty: string;
  crv: string;
  x: string;
  y: string;
}

export interface Key {
  public: PublicJwk;
  private: JsonWebKey;
  kid: string;
}

/** A fresh P-256 key, named by its thumbprint. */
export function newKey(): Key {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = pair.publicKey.export({ format: 'jwk' }) as PublicJwk;
  return { public: jwk, private: pair.privateKey.export({ format: 'jwk' }), kid: thumbprint(jwk) };
}

/** RFC 7638. */
export function thumbprint(jwk: PublicJwk): string {
  const { crv, kty, x, y } = jwk;
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** ES256 as JOSE and COSE want it: r ‖ s. */
export function signRaw(key: Key, data: Uint8Array): Buffer {
  return sign('sha256', data, { key: createPrivateKey({ key: key.private, format: 'jwk' }), dsaEncoding: 'ieee-p1363' });
}

export function verifyRaw(jwk: object, data: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS. The header's `alg` is ES256 unless it says otherwise. */
export function compactJws(key: Key, header: object, payload: object): string {
  const input = `${part({ alg: 'ES256', ...header })}.${part(payload)}`;
  return `${input}.${signRaw(key, Buffer.from(input)).toString('base64url')}`;
}

/** The parts of a compact JWS, unchecked. */
export function readJws(token: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  const [header = '', payload = ''] = token.split('.');
  const json = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
  return { header: json(header), payload: json(payload) };
}

/** Whether the signature is by the key. */
export function isSignedBy(token: string, jwk: object): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return verifyRaw(jwk, Buffer.from(`${header}.${payload}`), Buffer.from(signature, 'base64url'));
}

/** A did:jwk and its key's URL. */
export function didJwk(jwk: PublicJwk): { did: string; kid: string } {
  const { kty, crv, x, y } = jwk;
  const did = `did:jwk:${part({ kty, crv, x, y })}`;
  return { did, kid: `${did}#0` };
}
