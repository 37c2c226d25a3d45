/** `jose`, `@sd-jwt/sd-jwt-vc`, `@owf/mdoc` and `dcql` read what our servers write. */
import { setGlobalConfig } from '@openid4vc/oauth2';
import { DcqlPresentationResult, DcqlQuery } from 'dcql';
import { CompactEncrypt, compactDecrypt, compactVerify, importJWK, importX509 } from 'jose';
import type { JWK } from 'jose';
import { Tally } from '../../../node/src/shared/tally.ts';
import { alteredPart } from '../../../node/src/shared/tamper.ts';
import { TheirWallet } from '../peers/oid4vc-wallet.ts';
import type { ReceiveOptions, Received } from '../peers/oid4vc-wallet.ts';
import { trustedKey } from '../shared/certificates.ts';
import type { Key } from '../shared/keys.ts';
import { newKey, readJws } from '../shared/keys.ts';
import { Service } from '../shared/management.ts';
import * as mdoc from '../shared/mdoc.ts';
import { Meddler } from '../shared/meddler.ts';
import type { Sent } from '../shared/meddler.ts';
import * as sdJwt from '../shared/sd-jwt.ts';
import { PERSON, keyIn, town } from '../shared/town.ts';
import { refused } from '../shared/twins.ts';
import { version } from '../shared/version.ts';
import { configurations } from '../shared/wallet-suite.ts';

setGlobalConfig({ allowInsecureUrls: true });
const here = town();
const meddler = new Meddler();
const resolve = (didUrl: string) => keyIn(here.documents, didUrl);
const wallet = new TheirWallet({ roots: here.roots, resolve, fetch: meddler.fetch });
const issuer = new Service(here.issuer);
const offered = await configurations(here.issuer.base, here.tenants.certified);
const [card, mobile] = [offered('dc+sd-jwt'), offered('mso_mdoc')];

async function receive(configuration: string, options: ReceiveOptions = {}): Promise<Received & { offer: string }> {
  const order = { configurations: [configuration], claims: PERSON, tx_code: false, grants: ['pre-authorized_code'] };
  const offer = await issuer.offer(order, here.tenants.certified);
  return { ...(await wallet.receive(offer.link, options)), offer: offer.id };
}

const good = [readSdJwt, readMdoc, readDcql, readJose];
let all = true;
for (const read of good) all = (await read()) && all;
process.exit(all ? 0 : 1);

async function readSdJwt(): Promise<boolean> {
  const tally = new Tally('@sd-jwt/sd-jwt-vc as reader', version('@sd-jwt/sd-jwt-vc'));
  let held: (Received & { offer: string }) | undefined;
  const key = async (wire: string) => resolve(String(readJws(wire).header.kid));
  await tally.check('reads our SD-JWT VC, with its status from our list', async () => {
    held = await receive(card.id);
    const [wire = ''] = held.credentials;
    const claims = await sdJwt.verify(wire, await key(wire));
    if (claims.given_name !== PERSON.given_name || claims.vct !== card.vct) throw new Error('other claims');
    if (!(claims.status as { status_list?: object } | undefined)?.status_list) throw new Error('no status');
  });
  await tally.check('twin: an altered payload', async () => {
    const [wire = ''] = held?.credentials ?? [];
    const [token = '', ...rest] = wire.split('~');
    await refused(async () => sdJwt.verify([alteredPart(token, 1), ...rest].join('~'), await key(wire)));
  });
  await tally.check('twin: an altered disclosure states nothing', async () => {
    const parts = (held?.credentials[0] ?? '').split('~');
    const [salt, name] = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as [string, string];
    parts[1] = Buffer.from(JSON.stringify([salt, name, '한솔'])).toString('base64url');
    const claims = await sdJwt.verify(parts.join('~'), await key(parts[0] ?? ''));
    if (name in claims) throw new Error(`${name} is believed`);
    tally.unsupported('refusing a disclosure that no digest references [RFC 9901 §7.1 step 5]: the library leaves it out instead');
  });
  await tally.check('twin: a revoked credential', async () => {
    const [wire = ''] = held?.credentials ?? [];
    const { credentials } = await issuer.call<{ credentials: { id: string; offer?: string }[] }>('GET', `${here.tenants.certified}/credentials`);
    const issued = credentials.find((one) => one.offer === held?.offer) ?? credentials[0];
    await issuer.call('POST', `${here.tenants.certified}/credentials/${issued?.id}/status`, { status: 'revoked' });
    await refused(async () => sdJwt.verify(wire, await key(wire)), 'Status is not valid');
  });
  return tally.finish();
}

async function readMdoc(): Promise<boolean> {
  const tally = new Tally('@owf/mdoc as reader', version('@owf/mdoc'));
  let wire = '';
  await tally.check('reads our mdoc', async () => {
    wire = (await receive(mobile.id)).credentials[0] ?? '';
    const { docType, namespaces } = await mdoc.verifyIssued(wire, here.roots);
    if (docType !== mobile.doctype || !JSON.stringify(namespaces).includes(PERSON.given_name)) throw new Error('other content');
  });
  await tally.check('twin: an altered element', async () => {
    const bytes = Buffer.from(wire, 'base64url');
    bytes.write('한솔', bytes.indexOf(PERSON.given_name));
    await refused(() => mdoc.verifyIssued(bytes.toString('base64url'), here.roots));
  });
  await tally.check('twin: another root', () => refused(() => mdoc.verifyIssued(wire, [])));
  return tally.finish();
}

async function readDcql(): Promise<boolean> {
  const tally = new Tally('dcql as reader', version('dcql'));
  const verifier = new Service(here.verifier);
  const credential = { id: 'card', format: 'dc+sd-jwt', meta: { vct_values: [card.vct] }, claims: [{ path: ['given_name'], values: [PERSON.given_name] }] };
  let query: DcqlQuery | undefined;
  const shown = async (given_name: string) => {
    const presented = { card: [{ credential_format: 'dc+sd-jwt', vct: String(card.vct), claims: { given_name }, cryptographic_holder_binding: true }] };
    if (!query) throw new Error('no query');
    return DcqlPresentationResult.fromDcqlPresentation(presented as never, { dcqlQuery: query });
  };
  await tally.check('parses the query of our request object', async () => {
    const order = { query: { credentials: [credential] }, mode: 'cross_device', number_matching: false, client_id_prefix: 'x509_hash' };
    const read = await wallet.read((await verifier.ask(order)).link);
    query = DcqlQuery.parse(read.dcql?.query as DcqlQuery.Input);
    DcqlQuery.validate(query);
    if (!(await shown(PERSON.given_name)).can_be_satisfied) throw new Error('not satisfied');
  });
  await tally.check('twin: another value', async () => {
    if ((await shown('한솔')).can_be_satisfied) throw new Error('satisfied');
  });
  return tally.finish();
}

async function readJose(): Promise<boolean> {
  const tally = new Tally('jose as reader', version('jose'));
  const { base } = here.issuer;
  const metadataUrl = `${base}/.well-known/openid-credential-issuer/${here.tenants.certified}`;
  await signed(tally, 'signed issuer metadata', async () => {
    const response = await fetch(metadataUrl, { headers: { accept: 'application/jwt' } });
    return response.text();
  });
  await signed(tally, 'request object', async () => {
    const verifier = new Service(here.verifier);
    const query = { credentials: [{ id: 'card', format: 'dc+sd-jwt', meta: { vct_values: [card.vct] } }] };
    const opened = await verifier.ask({ query, mode: 'cross_device', number_matching: false, client_id_prefix: 'x509_hash' });
    const uri = new URL(opened.link).searchParams.get('request_uri') ?? '';
    // By POST, with what the libraries cannot send.
    const wallet_nonce = 'a nonce of the wallet';
    const token = await (await fetch(uri, { method: 'POST', body: new URLSearchParams({ wallet_nonce }) })).text();
    if (readJws(token).payload.wallet_nonce !== wallet_nonce) throw new Error(`another wallet_nonce: ${token.slice(0, 200)}`);
    return token;
  });
  await signed(tally, 'status list token', async () => {
    const [wire = ''] = (await receive(card.id)).credentials;
    const { status_list: list } = readJws(wire).payload.status as { status_list: { uri: string } };
    return (await fetch(list.uri, { headers: { accept: 'application/statuslist+jwt' } })).text();
  });
  const recipient = newKey();
  await tally.check('encrypted credential request and response', async () => {
    const text = await encrypted(metadataUrl, recipient);
    const { plaintext } = await compactDecrypt(text, await importJWK(recipient.private as JWK, 'ECDH-ES'));
    const { credentials } = JSON.parse(Buffer.from(plaintext).toString()) as { credentials: { credential: string }[] };
    if (!credentials[0]?.credential.includes('~')) throw new Error('no credential inside');
    await tally.check('twin: an altered encrypted response', async () => {
      await refused(async () => compactDecrypt(alteredPart(text, 3), await importJWK(recipient.private as JWK, 'ECDH-ES')));
    });
  });
  await tally.check('twin: an altered encrypted request is refused by our issuer', async () => {
    await refused(() => encrypted(metadataUrl, recipient, (jwe) => alteredPart(jwe, 3)));
  });
  return tally.finish();
}

/** Sends the credential request as a JWE, and returns the response, which must be one, too. */
async function encrypted(metadataUrl: string, recipient: Key, alter = (jwe: string) => jwe): Promise<string> {
  const metadata = (await (await fetch(metadataUrl)).json()) as { credential_request_encryption?: { jwks: { keys: JWK[] } } };
  const [to] = metadata.credential_request_encryption?.jwks.keys ?? [];
  if (!to) throw new Error('our metadata have no key for encrypted requests');
  const request = async (sent: Sent) => {
    const order = JSON.parse(sent.body) as { credential_response_encryption: { alg?: string } };
    delete order.credential_response_encryption.alg;
    const jwe = new CompactEncrypt(Buffer.from(JSON.stringify(order))).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM', kid: String(to.kid) });
    sent.body = alter(await jwe.encrypt(await importJWK(to, 'ECDH-ES')));
    sent.headers.set('content-type', 'application/jwt');
  };
  const jwk = { ...recipient.public, kid: recipient.kid, use: 'enc', alg: 'ECDH-ES' };
  // The library knows the draft's `alg` beside the key only, and cannot read the response: both are seen to on the wire.
  const more = { credential_response_encryption: { jwk, alg: 'ECDH-ES', enc: 'A128GCM' } };
  await meddler.during({ at: '/credential', request }, () => receive(card.id, { more }).catch((error: unknown) => error));
  const last = meddler.answered.filter(({ url }) => url.endsWith('/credential')).at(-1)?.response;
  const text = (await last?.text()) ?? '';
  if (last?.status !== 200 || !last.headers.get('content-type')?.includes('application/jwt')) {
    throw new Error(`our issuer answers ${last?.status} ${text}`);
  }
  return text;
}

/** `jose` accepts a token by the key that its certificate or DID names, and refuses its twin. */
async function signed(tally: Tally, name: string, fetched: () => Promise<string>): Promise<void> {
  let token = '';
  const verify = async (text: string) => {
    const { header } = readJws(token);
    const chain = header.x5c as string[] | undefined;
    if (chain && !trustedKey(chain, here.roots)) throw new Error('the chain is not trusted');
    const pem = `-----BEGIN CERTIFICATE-----\n${chain?.[0]}\n-----END CERTIFICATE-----`;
    return compactVerify(text, chain ? await importX509(pem, 'ES256') : await importJWK((await resolve(String(header.kid))) as JWK, 'ES256'));
  };
  await tally.check(name, async () => {
    token = await fetched();
    if (token.split('.').length !== 3) throw new Error(`not a JWS: ${token.slice(0, 200)}`);
    await verify(token);
  });
  await tally.check(`twin: ${name}, altered`, () => {
    if (token === '') throw new Error('there is no token');
    return refused(() => verify(alteredPart(token, 1)));
  });
}
