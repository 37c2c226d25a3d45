/** What the @openid4vc libraries leave to their caller: cryptography (Node's and `jose`'s), DIDs and certificates. */
import { createHash, randomBytes } from 'node:crypto';
import type { CallbackContext, Jwk, JwtSigner } from '@openid4vc/oauth2';
import { clientAuthenticationAnonymous } from '@openid4vc/oauth2';
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose';
import type { JWK } from 'jose';
import { keyOf, namesOf, trustedKey } from './certificates.ts';
import type { Key, PublicJwk } from './keys.ts';
import { compactJws, isSignedBy, thumbprint } from './keys.ts';

export interface World {
  /** Root certificates (base64 DER or PEM) that this peer trusts. */
  roots: string[];
  /** The key of a DID URL. */
  resolve(didUrl: string): Promise<PublicJwk>;
  /** Keys of its own. */
  keys: Key[];
  fetch?: typeof fetch;
  clientAuthentication?: CallbackContext['clientAuthentication'];
}

export function callbacks(world: World): CallbackContext {
  const own = (jwk: object | undefined): Key => {
    const wanted = jwk && thumbprint(jwk as PublicJwk);
    const key = world.keys.find((key) => thumbprint(key.public) === wanted);
    if (!key) throw new Error('not a key of this peer');
    return key;
  };
  const signer = async (by: JwtSigner): Promise<Key> => {
    if (by.method === 'jwk') return own(by.publicJwk);
    if (by.method === 'did') return own(await world.resolve(by.didUrl));
    if (by.method === 'x5c') return own(keyOf(by.x5c[0] ?? ''));
    throw new Error(`no key for the method ${by.method}`);
  };
  return {
    ...(world.fetch ? { fetch: world.fetch } : {}),
    hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
    generateRandom: (length) => randomBytes(length),
    clientAuthentication: world.clientAuthentication ?? clientAuthenticationAnonymous(),
    getX509CertificateMetadata: (certificate) => namesOf(certificate),
    signJwt: async (by, { header, payload }) => {
      const key = await signer(by);
      return { jwt: compactJws(key, header, payload), signerJwk: key.public };
    },
    verifyJwt: async (by, { compact }) => {
      const jwk = await verifier(by, world);
      if (!jwk || !isSignedBy(compact, jwk)) return { verified: false };
      return { verified: true, signerJwk: jwk as Jwk };
    },
    encryptJwe: async (to, data) => {
      const header = { alg: String(to.alg), enc: to.enc, ...(to.publicJwk.kid ? { kid: String(to.publicJwk.kid) } : {}) };
      const encrypt = new CompactEncrypt(Buffer.from(data)).setProtectedHeader(header);
      const parties = { ...(to.apu ? { apu: bytes(to.apu) } : {}), ...(to.apv ? { apv: bytes(to.apv) } : {}) };
      if (to.apu || to.apv) encrypt.setKeyManagementParameters(parties);
      const jwe = await encrypt.encrypt(await importJWK(to.publicJwk as JWK, header.alg));
      return { encryptionJwk: to.publicJwk, jwe };
    },
    decryptJwe: async (jwe) => {
      for (const key of world.keys) {
        try {
          const { plaintext } = await compactDecrypt(jwe, await importJWK(key.private as JWK, 'ECDH-ES'));
          const payload = Buffer.from(plaintext).toString();
          return { decrypted: true, decryptionJwk: { ...key.public, kid: key.kid } as Jwk, payload };
        } catch {
          // Another key may fit.
        }
      }
      return { decrypted: false };
    },
  };
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');

async function verifier(by: JwtSigner, world: World): Promise<PublicJwk | undefined> {
  switch (by.method) {
    case 'jwk':
      return by.publicJwk as PublicJwk;
    case 'did':
      return world.resolve(by.didUrl);
    case 'x5c':
      return trustedKey(by.x5c, world.roots);
    default:
      return undefined;
  }
}
