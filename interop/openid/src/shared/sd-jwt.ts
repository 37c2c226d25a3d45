/** SD-JWT VC by `@sd-jwt/sd-jwt-vc`: issued, shown and read by the peers. */
import { createHash, randomBytes } from 'node:crypto';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import type { Key, PublicJwk } from './keys.ts';
import { signRaw, verifyRaw } from './keys.ts';

type Claims = Record<string, unknown>;

export interface Audience {
  aud: string;
  nonce: string;
  transactionDataHashes?: string[];
}

interface Parties {
  issuer?: Key;
  holder?: Key;
  issuerKey?: PublicJwk;
}

function instance(parties: Parties): SDJwtVcInstance {
  const signer = (key: Key | undefined) => async (data: string) => {
    if (!key) throw new Error('no key to sign with');
    return signRaw(key, Buffer.from(data)).toString('base64url');
  };
  const check = (jwk: object, data: string, signature: string) =>
    verifyRaw(jwk, Buffer.from(data), Buffer.from(signature, 'base64url'));
  return new SDJwtVcInstance({
    signer: signer(parties.issuer),
    signAlg: 'ES256',
    verifier: async (data, signature) => check(parties.issuerKey ?? {}, data, signature),
    kbSigner: signer(parties.holder),
    kbSignAlg: 'ES256',
    kbVerifier: async (data, signature, payload) => {
      const { cnf } = payload as { cnf?: { jwk?: object } };
      return check(cnf?.jwk ?? {}, data, signature);
    },
    hasher: (data, name) =>
      createHash(name.replace('-', '')).update(typeof data === 'string' ? data : new Uint8Array(data)).digest(),
    hashAlg: 'sha-256',
    saltGenerator: (length) => randomBytes(length).toString('base64url'),
  });
}

/** Issues with every claim of `hidden` selectively disclosable. */
export function issue(issuer: Key, header: object, claims: Claims, hidden: Claims): Promise<string> {
  const payload = { ...claims, ...hidden } as { iss: string; iat: number; vct: string };
  return instance({ issuer }).issue(payload, { _sd: Object.keys(hidden) } as never, { header });
}

/** Shows the named claims to one audience. */
export function present(holder: Key, credential: string, names: string[], to: Audience): Promise<string> {
  const { transactionDataHashes, ...audience } = to;
  const hashes = transactionDataHashes
    ? { transaction_data_hashes: transactionDataHashes, transaction_data_hashes_alg: 'sha-256' }
    : {};
  const payload = { iat: Math.floor(Date.now() / 1000), ...audience, ...hashes };
  const frame = Object.fromEntries(names.map((name) => [name, true]));
  return instance({ holder }).present(credential, frame as never, { kb: { payload } });
}

/** The claims of a presentation (or, without an audience, of a credential) whose signatures, time and status hold. */
export async function verify(text: string, issuerKey: PublicJwk, to?: Audience): Promise<Claims> {
  const result = await instance({ issuerKey }).verify(text, to ? { keyBindingNonce: to.nonce } : {});
  if (to && result.kb?.payload.aud !== to.aud) throw new Error('another audience');
  return result.payload as unknown as Claims;
}
