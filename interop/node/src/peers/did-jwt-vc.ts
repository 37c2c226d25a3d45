/** `did-jwt-vc` and the JWT layer below it, `did-jwt`: what of them meets VC-JOSE-COSE, and what cannot. */
import { createJWT, verifyJWS, verifyJWT } from 'did-jwt';
import { createVerifiableCredentialJwt, verifyCredential } from 'did-jwt-vc';
import { Resolver } from 'did-resolver';
import type { DIDResolver, VerificationMethod } from 'did-resolver';
import { refuses } from '../shared/bridge.ts';
import type { Bridge } from '../shared/bridge.ts';
import { alumni } from '../shared/documents.ts';
import { didJwk, newKeyPair, publicPart, signRaw } from '../shared/jwk.ts';
import type { KeyPair } from '../shared/jwk.ts';
import { object, string } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { rejects } from '../shared/refusal.ts';
import { Tally } from '../shared/tally.ts';
import { alteredPart, withPayload } from '../shared/tamper.ts';
import { version } from '../shared/version.ts';

const JWK = 'JsonWebKey2020';

/** did:jwk as the peer wants it: one key for every purpose. */
const resolveJwk: DIDResolver = async (did) => {
  const jwk = JSON.parse(Buffer.from(did.slice('did:jwk:'.length), 'base64url').toString()) as JsonObject;
  const id = `${did}#0`;
  const method = { id, type: JWK, controller: did, publicKeyJwk: jwk } as unknown as VerificationMethod;
  return {
    didResolutionMetadata: {},
    didDocumentMetadata: {},
    didDocument: {
      id: did,
      verificationMethod: [method],
      assertionMethod: [id],
      authentication: [id],
    },
  };
};
const resolver = new Resolver({ jwk: resolveJwk });

interface Party extends KeyPair {
  did: string;
  kid: string;
}

export async function didJwtVc(bridge: Bridge): Promise<boolean> {
  const tally = new Tally('did-jwt-vc', version('did-jwt-vc'));
  tally.fact('did-jwt', version('did-jwt'));
  for (const algorithm of ['ES256', 'EdDSA'] as const) {
    const pair = newKeyPair(algorithm);
    const party = { ...pair, ...didJwk(pair.public) };
    await both(tally, bridge, `${algorithm}: they sign vc+jwt`, () => theySign(party), byIssuer);
    await both(tally, bridge, `${algorithm}: we sign vc+jwt`, () => weSign(bridge, party), (token) => byKey(party, token));
    await legacy(tally, bridge, party);
  }
  tally.unsupported('its credentials: VCDM 1.1 inside a `vc` claim, which VC-JOSE-COSE forbids; we refuse them');
  tally.unsupported('our credentials in `verifyCredential`: it wants the VCDM 1.1 base context');
  tally.unsupported('our tokens in `verifyJWT`: it finds the key by `iss` alone, which VC-JOSE-COSE leaves out; checked by `verifyJWS`');
  return tally.finish();
}

type Verify = (token: string) => Promise<void>;

const byIssuer: Verify = async (token) => {
  await verifyJWT(token, { resolver, proofPurpose: 'assertionMethod' });
};
const byKey = async (party: Party, token: string): Promise<void> => {
  const { didDocument } = await resolver.resolve(party.did);
  verifyJWS(token, didDocument?.verificationMethod ?? []);
};

async function both(tally: Tally, bridge: Bridge, label: string, make: () => Promise<string>, theirs: Verify): Promise<void> {
  let token = '';
  const ours = (text: string) => bridge.call('vcjwt.verify', { token: text });
  await tally.check(`${label}, both verify`, async () => {
    token = await make();
    const credential = object((await ours(token)).credential, 'credential');
    if (object(credential.credentialSubject).alumniOf !== 'The School of Examples') throw new Error('a claim is missing');
    await theirs(token);
  });
  const twins: [string, () => string][] = [
    ['an altered signature', () => alteredPart(token, 2)],
    ['an altered claim', () => withPayload(token, (claims) => { claims.validFrom = '2022-01-01T00:00:00Z'; })],
    ['another issuer', () => withPayload(token, (claims) => { claims.iss = 'did:jwk:e30'; claims.issuer = 'did:jwk:e30'; })],
  ];
  for (const [what, twin] of twins) {
    await tally.check(`${label}, both refuse ${what}`, async () => {
      if (token === '') throw new Error('there is no token');
      await refuses(ours(twin()));
      await rejects(theirs(twin()));
    });
  }
}

/** Their own credential form: each side's verdict is what the unsupported list says. */
async function legacy(tally: Tally, bridge: Bridge, party: Party): Promise<void> {
  const { algorithm, did } = party;
  await tally.check(`${algorithm}: their VCDM 1.1 credential verifies with them, and we refuse its \`vc\` claim`, async () => {
    const credential = {
      '@context': ['https://www.w3.org/2018/credentials/v1'],
      type: ['VerifiableCredential'],
      issuer: did,
      issuanceDate: '2023-01-01T00:00:00Z',
      credentialSubject: { id: 'did:example:holder', degree: 'BA' },
    };
    const token = await createVerifiableCredentialJwt(credential, { did, alg: algorithm, signer: signerOf(party) });
    await verifyCredential(token, resolver);
    await refuses(bridge.call('vcjwt.verify', { token }));
  });
  await tally.check(`${algorithm}: \`verifyCredential\` refuses our VCDM 2.0 credential`, async () => {
    const token = await weSign(bridge, party);
    await rejects(verifyCredential(token, resolver));
  });
}

function signerOf(party: Party) {
  return async (data: string | Uint8Array) =>
    signRaw(party.private, party.algorithm, Buffer.from(data)).toString('base64url');
}

function theySign(party: Party): Promise<string> {
  const credential = alumni(party.did);
  const header = { alg: party.algorithm, typ: 'vc+jwt' as 'JWT', cty: 'vc', kid: party.kid };
  return createJWT(credential, { issuer: party.did, signer: signerOf(party) }, header);
}

async function weSign(bridge: Bridge, party: Party): Promise<string> {
  const credential = alumni(party.did);
  const key = { ...publicPart(party.private), d: party.private.d ?? null };
  return string((await bridge.call('vcjwt.issue', { credential, key, kid: party.kid })).token, 'token');
}
