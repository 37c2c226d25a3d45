/** `@sd-jwt/sd-jwt-vc`: issuance, presentation with key binding and verification, both ways. */
import { createHash, randomBytes } from 'node:crypto';
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc';
import { refuses } from '../shared/bridge.ts';
import type { Bridge } from '../shared/bridge.ts';
import { didJwk, newKeyPair, signRaw, verifyRaw } from '../shared/jwk.ts';
import type { Algorithm, KeyPair } from '../shared/jwk.ts';
import { object, string } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { rejects } from '../shared/refusal.ts';
import { Tally } from '../shared/tally.ts';
import { altered, withPayload } from '../shared/tamper.ts';
import { version } from '../shared/version.ts';

const AUD = 'https://verifier.example';
const NONCE = 'n-0S6_WzA2Mj';
const DISCLOSABLE = [['given_name'], ['family_name'], ['birthdate'], ['address', 'locality'], ['nationalities', 0]];

interface Parties {
  issuer: KeyPair;
  holder: KeyPair;
}
interface Presentation {
  text: string;
  parties: Parties;
}

export async function sdJwtVc(bridge: Bridge): Promise<boolean> {
  const tally = new Tally('@sd-jwt/sd-jwt-vc', version('@sd-jwt/sd-jwt-vc'));
  for (const algorithm of ['ES256', 'EdDSA'] as const) {
    const parties = { issuer: newKeyPair(algorithm), holder: newKeyPair(algorithm) };
    const ways: [string, () => Promise<string>][] = [
      ['they issue and present', async () => theyPresent(parties, await theyIssue(parties))],
      ['they issue, we present', async () => wePresent(bridge, parties, await theyIssue(parties))],
      ['we issue, they present', async () => theyPresent(parties, await weIssue(bridge, parties))],
      ['we issue and present', async () => wePresent(bridge, parties, await weIssue(bridge, parties))],
    ];
    for (const [way, make] of ways) await both(tally, bridge, `${algorithm}: ${way}`, parties, make);
  }
  tally.unsupported('audience of the key binding: the library leaves the comparison to its caller');
  tally.unsupported('type metadata over the network (off in these runs)');
  return tally.finish();
}

/** Both accept what `make` makes, with the same claims, and both refuse its twins. */
async function both(
  tally: Tally,
  bridge: Bridge,
  label: string,
  parties: Parties,
  make: () => Promise<string>,
): Promise<void> {
  let text = '';
  await tally.check(`${label}: both verify`, async () => {
    text = await make();
    const ours = await weVerify(bridge, { text, parties }, NONCE);
    const theirs = await theyVerify({ text, parties }, NONCE);
    for (const claims of [ours, theirs]) disclosed(claims);
  });
  for (const [what, twin, nonce] of twins(text)) {
    await tally.check(`${label}: both refuse ${what}`, async () => {
      if (text === '') throw new Error('there is no presentation');
      await refuses(weVerify(bridge, { text: twin(), parties }, nonce));
      await rejects(theyVerify({ text: twin(), parties }, nonce));
    });
  }
}

function twins(text: string): [string, () => string, string][] {
  const parts = text.split('~');
  const [jwt = ''] = parts;
  const join = (change: (parts: string[]) => void) => () => {
    const copy = [...parts];
    change(copy);
    return copy.join('~');
  };
  return [
    ['an altered signature of the issuer', join((copy) => { copy[0] = altered(jwt, -20); }), NONCE],
    ['an altered payload', join((copy) => { copy[0] = withPayload(jwt, (claims) => { claims.vct = 'https://other.example'; }); }), NONCE],
    ['an altered disclosure', join((copy) => { copy[1] = altered(copy[1] ?? '', 30); }), NONCE],
    ['a disclosure taken away', join((copy) => { copy.splice(1, 1); }), NONCE],
    ['a disclosure given twice', join((copy) => { copy.splice(1, 0, copy[1] ?? ''); }), NONCE],
    ['an altered key binding', join((copy) => { copy[copy.length - 1] = altered(copy.at(-1) ?? '', -20); }), NONCE],
    ['another nonce', () => text, 'another-nonce'],
    ['no key binding', join((copy) => { copy[copy.length - 1] = ''; }), NONCE],
  ];
}

function disclosed(claims: JsonObject): void {
  const address = object(claims.address, 'address');
  if (claims.given_name !== 'Erika' || address.locality !== 'Berlin') throw new Error('a disclosed claim is missing');
  if ('birthdate' in claims || 'family_name' in claims) throw new Error('an undisclosed claim appears');
}

function claimsOf(parties: Parties): JsonObject {
  return {
    iss: 'https://issuer.example',
    iat: Math.floor(Date.now() / 1000) - 60,
    exp: Math.floor(Date.now() / 1000) + 3600,
    vct: 'https://credentials.example/identity',
    cnf: { jwk: parties.holder.public },
    given_name: 'Erika',
    family_name: 'Mustermann',
    birthdate: '1963-08-12',
    address: { locality: 'Berlin', country: 'DE' },
    nationalities: ['DE', 'KR'],
  };
}

function instance(parties: Parties): SDJwtVcInstance {
  const { issuer, holder } = parties;
  const signer = (key: KeyPair) => async (data: string) =>
    signRaw(key.private, key.algorithm, Buffer.from(data)).toString('base64url');
  const verifier = (jwk: JsonObject, algorithm: Algorithm) => async (data: string, signature: string) =>
    verifyRaw(jwk, algorithm, Buffer.from(data), Buffer.from(signature, 'base64url'));
  return new SDJwtVcInstance({
    signer: signer(issuer),
    signAlg: issuer.algorithm,
    verifier: verifier(issuer.public, issuer.algorithm),
    kbSigner: signer(holder),
    kbSignAlg: holder.algorithm,
    kbVerifier: async (data, signature, payload) => {
      const key = object((payload as unknown as JsonObject).cnf, 'cnf').jwk;
      return verifier(object(key, 'jwk'), holder.algorithm)(data, signature);
    },
    hasher: (data, name) =>
      createHash(name.replace('-', '')).update(typeof data === 'string' ? data : new Uint8Array(data)).digest(),
    hashAlg: 'sha-256',
    saltGenerator: (length) => randomBytes(length).toString('base64url'),
  });
}

function theyIssue(parties: Parties): Promise<string> {
  const frame = {
    _sd: ['given_name', 'family_name', 'birthdate'],
    address: { _sd: ['locality'] },
    nationalities: { _sd: [0] },
  };
  // Their frame type wants the claims' static shape; ours are JSON.
  const claims = claimsOf(parties) as { iss: string; iat: number; vct: string };
  return instance(parties).issue(claims, frame as never, { header: { kid: didJwk(parties.issuer.public).kid } });
}

function theyPresent(parties: Parties, credential: string): Promise<string> {
  const payload = { iat: Math.floor(Date.now() / 1000), aud: AUD, nonce: NONCE };
  return instance(parties).present(credential, { given_name: true, address: { locality: true } }, { kb: { payload } });
}

async function theyVerify({ text, parties }: Presentation, nonce: string): Promise<JsonObject> {
  const result = await instance(parties).verify(text, { keyBindingNonce: nonce });
  if (result.kb?.payload.aud !== AUD) throw new Error('another audience');
  return result.payload as unknown as JsonObject;
}

async function weIssue(bridge: Bridge, parties: Parties): Promise<string> {
  const answer = await bridge.call('sdjwt.issue', {
    claims: claimsOf(parties),
    disclosable: DISCLOSABLE,
    key: parties.issuer.private,
    kid: didJwk(parties.issuer.public).kid,
    holderJwk: parties.holder.public,
  });
  return string(answer.sdJwt, 'sdJwt');
}

async function wePresent(bridge: Bridge, parties: Parties, sdJwt: string): Promise<string> {
  const answer = await bridge.call('sdjwt.present', {
    sdJwt,
    disclose: [['given_name'], ['address', 'locality']],
    key: parties.holder.private,
    aud: AUD,
    nonce: NONCE,
    iat: Math.floor(Date.now() / 1000),
  });
  return string(answer.presentation, 'presentation');
}

async function weVerify(bridge: Bridge, { text, parties }: Presentation, nonce: string): Promise<JsonObject> {
  const answer = await bridge.call('sdjwt.verify', {
    presentation: text,
    issuerJwk: { ...parties.issuer.public, kid: didJwk(parties.issuer.public).kid },
    aud: AUD,
    nonce,
  });
  return object(answer.claims, 'claims');
}
