/** did:key resolution in the older dialect, as the did:key suite asks for it by its Accept header. */
import { isObject, object } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { multibase } from '../shared/multikey.ts';
import { status } from './http.ts';
import type { Answer } from './http.ts';
import type { World } from './world.ts';

const ACCEPT = { Accept: 'application/ld+json;profile="https://w3id.org/did-resolution"' };
const KEY = 'z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b';
const DID = `did:key:${KEY}`;
const OLD = { publicKeyFormat: 'Ed25519VerificationKey2018', enableExperimentalPublicKeyTypes: 'false' };

type Where = 'didResolutionMetadata' | 'didDereferencingMetadata';

export async function legacy(world: World): Promise<void> {
  const { api, tally } = world;
  const get = (did: string, query: Record<string, string> = {}) => {
    const text = new URLSearchParams(query).toString();
    return api.get(`/1.0/identifiers/${encodeURIComponent(did)}${text ? `?${text}` : ''}`, ACCEPT);
  };
  await tally.check('legacy: a did:key resolves', async () => {
    const answer = await get(DID);
    status(answer, 200);
    if (object(shaped(answer).didDocument).id !== DID) throw new Error('another document');
  });
  await tally.check('legacy: a key of it dereferences', async () => {
    const answer = await get(`${DID}#${KEY}`);
    status(answer, 200);
    if (object(shaped(answer).didDocument).controller !== DID) throw new Error('another controller');
  });
  for (const publicKeyFormat of ['Multikey', 'JsonWebKey2020', 'Ed25519VerificationKey2020']) {
    await tally.check(`legacy: publicKeyFormat ${publicKeyFormat} resolves`, async () => {
      const answer = await get(DID, { publicKeyFormat });
      status(answer, 200);
      if (!JSON.stringify(shaped(answer).didDocument).includes(`"${publicKeyFormat}"`)) throw new Error('another key format');
    });
  }
  const agreement = `did:key:${KEY}#${KEY}`;
  const cases: [string, string, Record<string, string>, Where, string[]][] = [
    ['another scheme', DID.replace(/^did:/, 'notDid:'), {}, 'didResolutionMetadata', ['invalidDid']],
    ['no scheme', DID.replace(/^did:/, ''), {}, 'didResolutionMetadata', ['invalidDid']],
    ['another method', `did:experimental:${KEY}`, {}, 'didResolutionMetadata', ['methodNotSupported', 'invalidDid']],
    ['a negative version', `did:key:-4:${KEY}`, {}, 'didResolutionMetadata', ['invalidDid']],
    ['no z', `did:key:${KEY.slice(1)}`, {}, 'didResolutionMetadata', ['invalidDid']],
    ['a bad character', 'did:key:@', {}, 'didResolutionMetadata', ['invalidDid']],
    ['a key that is too short', `did:key:${multibase([0xed, 0x01, ...Array<number>(31).fill(7)])}`, {}, 'didResolutionMetadata', ['invalidPublicKeyLength']],
    ['a key that is too long', `did:key:${multibase([0xed, 0x01, ...Array<number>(64).fill(7)])}`, {}, 'didResolutionMetadata', ['invalidPublicKeyLength']],
    ['a bad DID URL', `${DID}/^bar^/?query=\`#${KEY}`, {}, 'didDereferencingMetadata', ['invalidDidUrl']],
    ['an unknown key format', DID, { publicKeyFormat: 'unknown' }, 'didResolutionMetadata', ['unsupportedPublicKeyType']],
    ['an experimental key format', agreement, OLD, 'didDereferencingMetadata', ['invalidPublicKeyType']],
  ];
  for (const [what, did, query, where, wanted] of cases) {
    await tally.check(`legacy: ${what}: ${wanted[0]}`, async () => {
      const answer = await get(did, query);
      if (answer.status < 400) throw new Error(`${answer.status}, not an error`);
      const body = shaped(answer);
      if (!isObject(body.didDocument)) throw new Error('didDocument is not an object');
      const error = object(body[where], where).error;
      if (!wanted.some((one) => one === error)) throw new Error(`error is ${JSON.stringify(error)}`);
    });
  }
}

/** What every answer of this dialect has. */
function shaped(answer: Answer): JsonObject {
  const body = object(answer.json, 'body');
  for (const name of ['@context', 'didDocument', 'didDocumentMetadata']) {
    if (!(name in body)) throw new Error(`no ${name}`);
  }
  if (!('didResolutionMetadata' in body) && !('didDereferencingMetadata' in body)) throw new Error('no metadata');
  return body;
}
