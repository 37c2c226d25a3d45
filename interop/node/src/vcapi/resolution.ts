/** DID resolution and dereferencing over HTTP: every representation, option and error of the current dialect. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv-draft-04';
import { required } from '../shared/bridge.ts';
import { didJwk, newKeyPair } from '../shared/jwk.ts';
import { isObject, object, string } from '../shared/json.ts';
import type { Json } from '../shared/json.ts';
import { status } from './http.ts';
import type { Answer } from './http.ts';
import type { World } from './world.ts';

const AT = '/1.0/identifiers';
const RESULT = 'application/did-resolution';
const DEREFERENCED = 'application/did-url-dereferencing';
const NS = 'https://www.w3.org/ns/did#';
const KEYS = [
  'did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b',
  'did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP',
  'did:key:z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ',
  'did:key:zUC7GMwWWkA5UMTx7Gg6sabmpchWgq8p1xGhUXwBiDytY8BgD6eq5AmxNgjwDbAz8Rq6VFBLdNjvXR4ydEdwDEN9L4vGFfLkxs8UsU3wQj9HQGjQb7LHWdRNJv3J1kGoA3BvnBv',
];

type Check = (document: Json) => void;

export async function resolution(world: World): Promise<void> {
  const conforms = schema();
  const dids = [...KEYS, ...[...world.instances.values()].map((one) => one.did)];
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) dids.push(didJwk(newKeyPair(algorithm).public).did);
  for (const did of dids) await resolves(world, did, conforms);
  await errors(world);
  await options(world, KEYS[0] ?? '');
  for (const did of dids.slice(0, 4)) await dereferences(world, did);
}

/** The schema of the W3C CCG suite for DID documents. */
function schema(): Check {
  const text = readFileSync(join(required('SINPYO_VECTORS'), 'didresolution', 'did-schema.json'), 'utf8');
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(text) as object);
  return (document) => {
    if (!validate(document)) throw new Error(`the DID document breaks the schema: ${JSON.stringify(validate.errors)}`);
  };
}

async function resolves(world: World, did: string, conforms: Check): Promise<void> {
  const { api, tally } = world;
  const short = did.slice(0, 24);
  const forms: [string, string, Record<string, string>][] = [
    ['without Accept', did, {}],
    ['with any Accept', did, { Accept: '*/*' }],
    ['as a result', did, { Accept: RESULT }],
    ['as a result, encoded', encodeURIComponent(did), { Accept: RESULT }],
    ['as a result among others', did, { Accept: `text/html;q=0.3, ${RESULT};q=0.9` }],
  ];
  for (const [what, path, headers] of forms) {
    await tally.check(`resolve ${short}… ${what}`, async () => {
      const answer = await api.get(`${AT}/${path}`, headers);
      status(answer, 200);
      if (!String(answer.headers['content-type']).includes(RESULT)) throw new Error(`sent as ${answer.headers['content-type']}`);
      const result = object(answer.json, 'result');
      const document = object(result.didDocument, 'didDocument');
      if (document.id !== did) throw new Error(`a document about ${String(document.id)}`);
      conforms(document);
      object(result.didDocumentMetadata, 'didDocumentMetadata');
      const contentType = string(object(result.didResolutionMetadata).contentType, 'contentType');
      if (!String(answer.headers['content-type']).includes(contentType)) {
        throw new Error(`Content-Type ${answer.headers['content-type']} does not contain ${contentType}`);
      }
    });
  }
  for (const type of ['application/did', 'application/did+json', 'application/did+ld+json']) {
    await tally.check(`resolve ${short}… as ${type}`, async () => {
      const answer = await api.get(`${AT}/${did}`, { Accept: type });
      status(answer, 200);
      if (!String(answer.headers['content-type']).startsWith(type)) throw new Error(`sent as ${answer.headers['content-type']}`);
      const document = object(answer.json, 'document');
      if (document.id !== did || 'didResolutionMetadata' in document) throw new Error('not the bare document');
      if (type === 'application/did+ld+json' && !('@context' in document)) throw new Error('no @context');
      conforms(document);
    });
  }
}

/** An error as a resolution result [DID Resolution §12]. */
function failed(answer: Answer, code: number, type: string): void {
  status(answer, code);
  const result = object(answer.json, 'result');
  const error = object(object(result.didResolutionMetadata).error, 'error');
  if (error.type !== `${NS}${type}`) throw new Error(`error.type is ${String(error.type)}`);
  if (result.didDocument !== null) throw new Error('didDocument is not null');
  if (!isObject(result.didDocumentMetadata) || Object.keys(result.didDocumentMetadata).length > 0) {
    throw new Error('didDocumentMetadata is not empty');
  }
}

async function errors(world: World): Promise<void> {
  const { api, tally } = world;
  const key = KEYS[0] ?? '';
  const cases: [string, number, string][] = [
    ['not-a-did', 400, 'INVALID_DID'],
    ['did:example', 400, 'INVALID_DID'],
    ['did:', 400, 'INVALID_DID'],
    ['did:key:', 400, 'INVALID_DID'],
    ['did:KEY:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b', 400, 'INVALID_DID'],
    ['did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53', 400, 'INVALID_DID'],
    [`did:key:${key.slice(9)}`, 400, 'INVALID_DID'],
    ['did:key:@', 400, 'INVALID_DID'],
    ['did:jwk:!!!', 400, 'INVALID_DID'],
    ['did:jwk:e30', 400, 'INVALID_DID'],
    ['did:unsupported:123456789abcdefghi', 501, 'METHOD_NOT_SUPPORTED'],
    ['did:example:123456789abcdefghi', 501, 'METHOD_NOT_SUPPORTED'],
    ['did:web:does-not-exist.invalid', 404, 'NOT_FOUND'],
  ];
  for (const [did, code, type] of cases) {
    for (const headers of [{ Accept: RESULT }, {}] as Record<string, string>[]) {
      await tally.check(`resolve ${did} (${Object.keys(headers).join() || 'no Accept'}): ${type}, ${code}`, async () => {
        failed(await api.get(`${AT}/${did}`, headers), code, type);
      });
    }
  }
  await tally.check('resolve nothing: 400', async () => status(await api.get(`${AT}/`), 400));
  await tally.check('resolve as an unknown representation: REPRESENTATION_NOT_SUPPORTED, 406', async () => {
    const answer = await api.get(`${AT}/${key}`, { Accept: 'application/x-unsupported-did-representation-99999' });
    failed(answer, 406, 'REPRESENTATION_NOT_SUPPORTED');
  });
  for (const [what, did] of [['a loopback address', 'did:web:127.0.0.1'], ['a private name', 'did:web:localhost%3A1'], ['metadata', 'did:web:169.254.169.254']]) {
    await tally.check(`resolve did:web at ${what}: refused without a 5xx`, async () => {
      const answer = await api.get(`${AT}/${did}`, { Accept: RESULT });
      status(answer, 400, 404);
      if (object(answer.json).didDocument !== null) throw new Error('a document');
    });
  }
  tally.unsupported('410 of a deactivated DID and 303 of a service: no method of this server takes a document from a test without the public network; checked on our side');
}

/** Options and DID parameters as the W3C CCG suite sends them. */
async function options(world: World, did: string): Promise<void> {
  const { api, tally } = world;
  const nonAscii = ['サービス', 'vérsion', '💥'];
  const query = (parameters: Record<string, string>) => `${AT}/${encodeURIComponent(did)}?${new URLSearchParams(parameters).toString()}`;
  const bad: [string, string][] = [
    ...['service', 'serviceType', 'relativeRef', 'versionId', 'versionTime', 'hl', 'accept'].flatMap((name) =>
      nonAscii.map((value): [string, string] => [name, value]),
    ),
    ...['my path/file', 'file#section', 'dir/with?query=value'].map((value): [string, string] => ['relativeRef', value]),
    ...[
      '2025-10-07 12:30:45', '2025/10/07T12:30:45', '2025-13-07T12:30:45', '2025-10-32T12:30:45', '2025-10-07T25:00:00',
      '2025-10-07T12:30:60', '2025-10-07T12:30:45+24:00', '2025-10-07', '2025-10-07T12:30:45abc', 'T12:30:45',
      '2025-10-07T00:00:00+02:00', '2025-10-07T00:00:00-05:00', '2025-10-07T00:00:00', '2025-10-07T00:00:00.123Z',
    ].map((value): [string, string] => ['versionTime', value]),
  ];
  for (const [name, value] of bad) {
    await tally.check(`resolve with ${name}=${value} is refused`, async () => status(await api.get(query({ [name]: value })), 400));
  }
  const good: [string, string][] = [
    ['service', 'linkedDomain'],
    ['relativeRef', 'my%20path/file'],
    ['versionTime', '2025-10-07T14:30:00Z'],
  ];
  for (const [name, value] of good) {
    await tally.check(`resolve with ${name}=${value} answers 200`, async () => {
      const answer = await api.get(query({ [name]: value }));
      status(answer, 200);
      object(object(answer.json).didDocument, 'didDocument');
    });
  }
}

async function dereferences(world: World, did: string): Promise<void> {
  const { api, tally } = world;
  const short = did.slice(0, 24);
  const fragment = did.slice('did:key:'.length);
  for (const encoded of [true, false]) {
    // A fragment that is not encoded never leaves the client.
    const path = encoded ? encodeURIComponent(`${did}#${fragment}`) : `${did}%23${fragment}`;
    await tally.check(`dereference ${short}…#… (${encoded ? 'encoded' : 'fragment encoded'})`, async () => {
      const answer = await api.get(`${AT}/${path}`, { Accept: DEREFERENCED });
      status(answer, 200);
      const result = object(answer.json, 'result');
      const method = object(result.contentStream, 'contentStream');
      if (method.id !== `${did}#${fragment}`) throw new Error(`another method: ${String(method.id)}`);
      object(result.contentMetadata, 'contentMetadata');
      const contentType = string(object(result.dereferencingMetadata).contentType, 'contentType');
      if (!String(answer.headers['content-type']).includes(contentType)) {
        throw new Error(`Content-Type ${answer.headers['content-type']} does not contain ${contentType}`);
      }
    });
  }
  await tally.check(`dereference ${short}… without fragment gives the document`, async () => {
    const answer = await api.get(`${AT}/${encodeURIComponent(did)}`, { Accept: DEREFERENCED });
    status(answer, 200);
    if (object(object(answer.json).contentStream).id !== did) throw new Error('another content');
  });
  await tally.check(`dereference ${short}…#… as a bare resource`, async () => {
    const answer = await api.get(`${AT}/${encodeURIComponent(`${did}#${fragment}`)}`, { Accept: 'application/json' });
    if (answer.status === 406) return;
    status(answer, 200);
    if ('dereferencingMetadata' in object(answer.json)) throw new Error('the whole result');
  });
  const wrong: [string, number, string][] = [
    [`${did}#no-such-fragment`, 404, 'NOT_FOUND'],
    [`${did}?service=none`, 404, 'NOT_FOUND'],
    ['not-a-did#key', 400, 'INVALID_DID_URL'],
    [`${did}/^bar^/?query=\`#x`, 400, 'INVALID_DID_URL'],
    ['did:unsupported:123#key', 501, 'METHOD_NOT_SUPPORTED'],
  ];
  for (const [url, code, type] of wrong) {
    await tally.check(`dereference ${url.replace(did, `${short}…`)}: ${type}, ${code}`, async () => {
      const answer = await api.get(`${AT}/${encodeURIComponent(url)}`, { Accept: DEREFERENCED });
      status(answer, code);
      const error = object(object(object(answer.json).dereferencingMetadata).error, 'error');
      const allowed = type === 'INVALID_DID_URL' ? [type, 'INVALID_DID'] : [type];
      if (!allowed.some((one) => error.type === `${NS}${one}`)) throw new Error(`error.type is ${String(error.type)}`);
    });
  }
}
