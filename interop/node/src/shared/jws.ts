/** A compact JWS by Node's own cryptography. */
import { signRaw } from './jwk.ts';
import type { KeyPair } from './jwk.ts';
import type { JsonObject } from './json.ts';

const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export function compactJws(key: KeyPair, header: JsonObject, payload: JsonObject): string {
  const input = `${part({ alg: key.algorithm, ...header })}.${part(payload)}`;
  return `${input}.${signRaw(key.private, key.algorithm, Buffer.from(input)).toString('base64url')}`;
}
