/** `@digitalbazaar/oid4-client` as a wallet against our servers, with a front that adds what its draft wants. */
import { Agent } from 'node:https';
import { importJWK } from 'jose';
import type { JWK } from 'jose';
import { OID4Client, generateDIDProofJWT, getCredentialOffer, oid4vp, signJWT } from '@digitalbazaar/oid4-client';
import { setGlobalConfig } from '@openid4vc/oauth2';
import { Tally } from '../../../node/src/shared/tally.ts';
import { altered, alteredPart } from '../../../node/src/shared/tamper.ts';
import { LibraryWallet } from '../peers/library-wallet.ts';
import { newAuthority } from '../shared/certificates.ts';
import { front, straight } from '../shared/https-front.ts';
import type { Key } from '../shared/keys.ts';
import { didJwk, newKey, readJws, signRaw, thumbprint } from '../shared/keys.ts';
import type { PublicJwk } from '../shared/keys.ts';
import { Service } from '../shared/management.ts';
import * as sdJwt from '../shared/sd-jwt.ts';
import { PERSON, keyIn, town } from '../shared/town.ts';
import { refused } from '../shared/twins.ts';
import { version } from '../shared/version.ts';
import { configurations } from '../shared/wallet-suite.ts';

setGlobalConfig({ allowInsecureUrls: true });
const here = town();
const tally = new Tally('@digitalbazaar/oid4-client as wallet', version('@digitalbazaar/oid4-client'));
const authority = await newAuthority(newKey(), 'Interop Web Root');
const { issuer: named, behind, port } = here.fronted;
const stop = await front(port, behind, authority);
const lookup = (_: string, options: { all?: boolean }, done: (error: null, address: unknown, family?: number) => void) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
const agent = new Agent({ ca: authority.root.toString('pem'), lookup: lookup as never });
const issuer = new Service(named, straight(behind, port));
const card = await configurations(named.base, named.tenant, straight(behind, port));
const configuration = card('dc+sd-jwt');
const format = 'dc+sd-jwt';

function signerOf(key: Key) {
  return { id: didJwk(key.public).kid, algorithm: 'P-256', sign: async ({ data }: { data: Uint8Array }) => signRaw(key, data) };
}

async function offer(more: object = {}): Promise<object> {
  const order = { configurations: [configuration.id], claims: PERSON, tx_code: false, grants: ['pre-authorized_code'], ...more };
  return getCredentialOffer({ url: (await issuer.offer(order)).link, agent });
}

async function client(given: object) {
  return OID4Client.fromCredentialOffer({ offer: given, supportedFormats: [format], agent });
}

/** Its own proofs lack what VCI 1.0 wants; this one is made with its `signJWT`. */
async function receive(given: object, key: Key, change = (jwt: string) => jwt): Promise<string> {
  const wallet = await client(given);
  const { nonce } = await wallet.getNonce({ agent });
  const payload = { aud: `${named.base}/${named.tenant}`, iat: Math.floor(Date.now() / 1000), nonce };
  const protectedHeader = { alg: 'ES256', typ: 'openid4vci-proof+jwt', jwk: key.public };
  const jwt = change(await signJWT({ payload, protectedHeader, signer: signerOf(key) }));
  const details = wallet.authorizationDetails as { credential_identifiers: string[] }[] | undefined;
  const identifier = details?.[0]?.credential_identifiers[0];
  if (!identifier) throw new Error('the token names no identifiers');
  const { credentials } = await wallet.requestCredentials({ requests: [{ credential_identifier: identifier, proofs: { jwt: [jwt] } }], format, agent });
  return String(credentials[0]);
}

await tally.check('pre-authorized code, credential_identifier, nonce: SD-JWT VC', async () => {
  const key = newKey();
  const wire = await receive(await offer(), key);
  const { cnf, vct } = readJws(wire).payload as { cnf: { jwk: PublicJwk }; vct: string };
  if (thumbprint(cnf.jwk) !== thumbprint(key.public) || vct !== configuration.vct) throw new Error('another credential');
});
await tally.check('twin: an altered proof', async () => {
  const given = await offer();
  await refused(() => receive(given, newKey(), (jwt) => alteredPart(jwt, 2)));
});
await tally.check('twin: a code is good once', async () => {
  const given = await offer();
  await receive(given, newKey());
  await refused(() => receive(given, newKey()));
});
await tally.check('twin: the proof that it makes itself lacks typ and iat [VCI 1.0 F.1]', async () => {
  const wallet = await client(await offer());
  const key = newKey();
  const { did } = didJwk(key.public);
  await refused(() => wallet.requestCredentials({ did, didProofSigner: signerOf(key), format, agent }));
  const { header, payload } = readJws(await generateDIDProofJWT({ signer: signerOf(key), nonce: 'n', iss: did, aud: named.base }));
  tally.unsupported(`proofs of its own: header ${Object.keys(header).join()}, claims ${Object.keys(payload).join()}; typ and iat are required [VCI 1.0 F.1]`);
});
await presentations();
tally.unsupported('http and the final metadata: it wants https, `issuer` and `token_endpoint` in the issuer metadata and token_type "bearer" in small letters; a front adds them');
tally.unsupported('tx_code ("presently ignored/not supported", OID4Client.js), authorization code, PAR, DPoP, deferred, notification, encryption: no exports');
stop();
process.exit(tally.finish() ? 0 : 1);

async function presentations(): Promise<void> {
  const holder = new LibraryWallet(here);
  const plain = new Service(here.issuer);
  const kind = (await configurations(here.issuer.base, here.tenants.plain))('dc+sd-jwt');
  const verifier = new Service(here.verifier);
  let [wire, key]: [string, Key | undefined] = ['', undefined];
  await tally.check('a credential to show', async () => {
    const made = await plain.offer({ configurations: [kind.id], claims: PERSON, tx_code: false, grants: ['pre-authorized_code'] }, here.tenants.plain);
    ({ wire, key } = await holder.take(made.link));
  });
  const query = { credentials: [{ id: 'card', format: 'dc+sd-jwt', meta: { vct_values: [kind.vct] }, claims: [{ path: ['given_name'] }] }] };
  const common = { query, mode: 'cross_device', number_matching: false, trust: { accredited: true } };
  const ask = (mode: string) => verifier.ask({ ...common, client_id_prefix: 'x509_san_dns', response_mode: mode });
  const get = (url: string) =>
    oid4vp.authzRequest.get({
      url, getTrustedCertificates: async () => here.roots, getPostBody: async () => ({ body: new URLSearchParams() }),
      getVerificationKey: async (asked: { protectedHeader: { kid?: string }; certificatePublicKey?: unknown }) =>
        asked.certificatePublicKey ?? importJWK((await keyIn(here.documents, String(asked.protectedHeader.kid))) as JWK, 'ES256'),
    });
  const show = async (url: string, change: (token: string) => string = (token) => token) => {
    const { authorizationRequest } = await get(url);
    if (!key) throw new Error('no key');
    const { client_id: aud, nonce, state, response_mode: mode } = authorizationRequest;
    const token = { card: [change(await sdJwt.present(key, wire, ['given_name'], { aud, nonce }))] };
    const vpToken = mode === 'direct_post' ? JSON.stringify(token) : token;
    const { authorizationResponse } = await oid4vp.authzResponse.create({ authorizationRequest, vpToken, vpTokenMediaType: 'application/dcql' });
    // It leaves `state` out of what it makes [VP 1.0 §8.2]; a plain response can be completed.
    const completed = mode === 'direct_post' ? { ...authorizationResponse, state } : authorizationResponse;
    return oid4vp.authzResponse.send({ authorizationRequest, authorizationResponse: completed, encryptionOptions: null });
  };
  await tally.check('signed, x509_san_dns, direct_post: SD-JWT VC', async () => {
    const opened = await ask('direct_post');
    await show(opened.link);
    const { state, rule } = await verifier.state(opened.id);
    if (state !== 'accepted') throw new Error(`${state} ${rule}`);
  });
  await tally.check('twin: an altered key binding', async () => {
    const opened = await ask('direct_post');
    await show(opened.link, (text) => altered(text, -20)).catch(() => undefined);
    const { state } = await verifier.state(opened.id);
    if (state === 'accepted') throw new Error('accepted');
  });
  const opened = await ask('direct_post.jwt');
  const told = await show(opened.link).then(() => undefined, (error: Error) => error);
  const { state, rule } = await verifier.state(opened.id);
  if (state === 'accepted') await tally.check('signed, x509_san_dns, direct_post.jwt: SD-JWT VC', () => undefined);
  else tally.unsupported(`direct_post.jwt: what it encrypts lacks state [VP 1.0 §8.2]; our verifier stays ${state} ${rule ?? ''} (${String(told?.cause).slice(0, 80)})`);
  for (const prefix of ['decentralized_identifier', 'x509_hash']) {
    const opened = await verifier.ask({ ...common, client_id_prefix: prefix });
    const { message } = await get(opened.link).then(() => ({ message: '' }), (error: Error) => error);
    if (message) tally.unsupported(`${prefix}: ${message.split('\n')[0]}`);
  }
}
