/** Status lists: published over https, decoded here, and a revocation seen by list and verifier. */
import { gunzipSync } from 'node:zlib';
import { alumni } from '../shared/documents.ts';
import { list, object, string, withValue } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { credentialIn, notVerified, refused, status, verified } from './http.ts';
import { did } from './world.ts';
import type { Answer } from './http.ts';
import type { World } from './world.ts';

const ALL = { checks: ['proof', 'status', 'validity'] };

interface Entry {
  body: JsonObject;
  list: string;
  index: number;
}

export async function statusLists(world: World): Promise<void> {
  await validity(world);
  const { api, tally } = world;
  let credential: JsonObject | undefined;
  let entries: Entry[] = [];
  await tally.check('status: issued with entries of lists at https URLs', async () => {
    const answer = await api.issue('status', alumni(did(world, 'status')));
    status(answer, 201);
    credential = credentialIn(answer);
    // A suspension first: it can be taken back, a revocation cannot.
    entries = list(credential.credentialStatus).map(entryOf).sort((a) => (a.body.statusPurpose === 'suspension' ? -1 : 1));
    if (!entries.some((entry) => entry.body.statusPurpose === 'revocation')) throw new Error('no entry for revocation');
    verified(await api.verify(credential));
    verified(await api.verify(credential, ALL));
  });
  for (const entry of entries) {
    const purpose = String(entry.body.statusPurpose);
    await tally.check(`status: the list for ${purpose} is a good BitstringStatusListCredential`, async () => {
      const published = await fetchList(world, entry);
      verified(await api.verify(published));
      if (bit(published, entry.index)) throw new Error('the entry is set before anybody set it');
      notVerified(await api.verify(withValue(published, '/credentialSubject/statusPurpose', 'other')));
    });
    await tally.check(`status: ${purpose} can be set and is seen`, async () => {
      if (!credential) throw new Error('there is no credential');
      status(await setStatus(world, entry, true), 200);
      if (!bit(await fetchList(world, entry), entry.index)) throw new Error('the list does not show it');
      notVerified(await api.verify(credential, ALL));
      status(await api.verify(credential, { checks: ['proof'] }), 200);
    });
    await tally.check(`status: ${purpose} ${purpose === 'suspension' ? 'can' : 'cannot'} be taken back`, async () => {
      if (!credential) throw new Error('there is no credential');
      const answer = await setStatus(world, entry, false);
      if (purpose === 'suspension') {
        status(answer, 200);
        verified(await api.verify(credential, ALL));
      } else {
        status(answer, 400, 409);
        notVerified(await api.verify(credential, ALL));
      }
    });
  }
  await tally.check('status: two credentials get different entries', async () => {
    const other = credentialIn(await api.issue('status', alumni(did(world, 'status'))));
    const index = entryOf(list(other.credentialStatus)[0] ?? null).index;
    if (index === entries[0]?.index) throw new Error('the same entry');
    verified(await api.verify(other, ALL));
  });
  await badChanges(world, entries[0]);
}

function entryOf(value: unknown): Entry {
  const body = object(value as JsonObject, 'credentialStatus');
  if (body.type !== 'BitstringStatusListEntry') throw new Error(`another type: ${String(body.type)}`);
  const at = string(body.statusListCredential, 'statusListCredential');
  if (!at.startsWith('https://')) throw new Error(`the list is at ${at}`);
  return { body, list: at, index: Number(string(body.statusListIndex, 'statusListIndex')) };
}

async function fetchList(world: World, entry: Entry): Promise<JsonObject> {
  const answer = await world.api.get(entry.list);
  status(answer, 200);
  if (!String(answer.headers['content-type']).includes('json')) throw new Error('not sent as JSON');
  const published = object(answer.json, 'list');
  const subject = object(published.credentialSubject, 'credentialSubject');
  if (!list(published.type).includes('BitstringStatusListCredential')) throw new Error('another type of credential');
  if (subject.type !== 'BitstringStatusList') throw new Error('another type of subject');
  if (subject.statusPurpose !== entry.body.statusPurpose) throw new Error('another purpose');
  return published;
}

/** The bit of an entry; the first is the highest of the first byte [Bitstring Status List §3.2]. */
function bit(published: JsonObject, index: number): boolean {
  const encoded = string(object(published.credentialSubject).encodedList, 'encodedList');
  if (!encoded.startsWith('u')) throw new Error('the list is not multibase base64url');
  const bytes = gunzipSync(Buffer.from(encoded.slice(1), 'base64url'));
  if (bytes.length < 16_384) throw new Error(`only ${bytes.length} bytes: fewer than 131,072 entries`);
  return (((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
}

function setStatus(world: World, entry: Entry, value: boolean): Promise<Answer> {
  return world.api.post('/credentials/status', { credentialStatus: entry.body, status: value });
}

async function badChanges(world: World, entry: Entry | undefined): Promise<void> {
  const { api, tally } = world;
  const body = entry?.body ?? {};
  const bad: [string, JsonObject][] = [
    ['nothing', {}],
    ['no status', { credentialStatus: body }],
    ['no entry', { status: true }],
    ['a status of a string', { credentialStatus: body, status: 'true' }],
    ['a list of others', { credentialStatus: { ...body, statusListCredential: 'https://other.example/list' }, status: true }],
    ['an index past the end', { credentialStatus: { ...body, statusListIndex: '99999999' }, status: true }],
    ['a negative index', { credentialStatus: { ...body, statusListIndex: '-1' }, status: true }],
    ['an index that nobody has', { credentialStatus: { ...body, statusListIndex: entry?.index === 0 ? '1' : '0' }, status: true }],
    ['another purpose', { credentialStatus: { ...body, statusPurpose: 'message' }, status: true }],
  ];
  for (const [what, change] of bad) {
    await tally.check(`status: a change with ${what} is refused`, async () => {
      refused(await api.post('/credentials/status', change), 400, 404, 409, 422);
    });
  }
}

/** What is over or not yet begun is a warning, and an error where the caller asks for validity. */
async function validity(world: World): Promise<void> {
  const { api, tally } = world;
  const periods: [string, JsonObject][] = [
    ['over', { validFrom: '2020-01-01T00:00:00Z', validUntil: '2021-01-01T00:00:00Z' }],
    ['not begun', { validFrom: '2199-01-01T00:00:00Z' }],
  ];
  for (const [what, period] of periods) {
    await tally.check(`validity: a credential whose time is ${what}`, async () => {
      const answer = await api.issue('eddsa-rdfc-2022', { ...alumni(did(world, 'eddsa-rdfc-2022')), ...period });
      status(answer, 201);
      const credential = credentialIn(answer);
      const plain = await api.verify(credential);
      verified(plain);
      if (list(object(plain.json).warnings).length === 0) throw new Error('no warning');
      notVerified(await api.verify(credential, { checks: ['proof', 'validity'] }));
    });
  }
}
