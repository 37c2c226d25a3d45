/** Random alterations of good bodies and hostile headers: whatever comes, no answer is a 5xx. */
import { MANDATORY, SELECTIVE as SELECTED, alumni, residentCard } from '../shared/documents.ts';
import { isObject } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { Random } from '../shared/random.ts';
import { credentialIn, status } from './http.ts';
import { did } from './world.ts';
import type { World } from './world.ts';

const ROUNDS = 150;
const SEED = 7;
const VALUES: Json[] = [null, true, 0, -1, 1e308, '', 'x', '\u0000', '한'.repeat(300), [], {}, [[]], [null], { '@id': 1 }, { '@graph': [] }, { '@context': null }, 'https://[', 'did:', 'data:,', '/~'];
const NAMES = ['@context', '@id', '@type', '@graph', '@reverse', '@included', '@nest', '@value', '@list', 'proof', 'id', 'type', '__proto__', 'constructor', ''];

export async function hostile(world: World): Promise<void> {
  const { api, tally } = world;
  const plain = credentialIn(await api.issue('eddsa-rdfc-2022', alumni(did(world, 'eddsa-rdfc-2022'))));
  const base = credentialIn(await api.issue('bbs-2023', residentCard(did(world, 'bbs-2023')), { mandatoryPointers: MANDATORY }));
  const presentation = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiablePresentation'], verifiableCredential: [plain] };
  const bodies: [string, JsonObject][] = [
    ['/issuers/eddsa-rdfc-2022/credentials/issue', { credential: alumni(did(world, 'eddsa-rdfc-2022')), options: {} }],
    ['/issuers/eddsa-jcs-2022/credentials/issue', { credential: alumni(did(world, 'eddsa-jcs-2022')) }],
    ['/issuers/ecdsa-sd-2023/credentials/issue', { credential: residentCard(did(world, 'ecdsa-sd-2023')), options: { mandatoryPointers: MANDATORY } }],
    ['/issuers/vc-jwt/credentials/issue', { credential: alumni(did(world, 'vc-jwt')) }],
    ['/issuers/status/credentials/issue', { credential: alumni(did(world, 'status')) }],
    ['/credentials/verify', { verifiableCredential: plain, options: { checks: ['proof', 'status'] } }],
    ['/presentations/verify', { verifiablePresentation: presentation, options: { challenge: 'x' } }],
    ['/credentials/derive', { verifiableCredential: base, options: { selectivePointers: SELECTED } }],
  ];
  for (const [path, body] of bodies) {
    await tally.check(`POST ${path}: ${ROUNDS} altered bodies, no 5xx (seed ${SEED})`, async () => {
      const random = new Random(SEED);
      for (let round = 0; round < ROUNDS; round += 1) {
        const altered = structuredClone(body);
        for (let times = 0; times <= random.below(3); times += 1) alter(random, altered);
        const answer = await api.post(path, altered);
        if (answer.status >= 500) throw new Error(`${answer.status} for ${JSON.stringify(altered)}`);
        if (answer.status >= 400 && answer.json === undefined) throw new Error(`a refusal that is not JSON: ${answer.text}`);
      }
    });
    await tally.check(`POST ${path}: truncated at 60 places, always 400`, async () => {
      const text = JSON.stringify(body);
      for (let place = 1; place <= 60; place += 1) {
        status(await api.postText(path, text.slice(0, Math.floor((text.length * place) / 61))), 400);
      }
    });
  }
  await identifiers(world);
}

/** Replaces, removes or adds one member somewhere inside. */
function alter(random: Random, root: JsonObject): void {
  let here: Json = root;
  for (;;) {
    const inner: [string, Json][] = Array.isArray(here) ? here.map((one, index) => [String(index), one]) : Object.entries(here as JsonObject);
    const chosen = inner.length > 0 ? random.pick(inner) : undefined;
    const nested = chosen && typeof chosen[1] === 'object' && chosen[1] !== null;
    if (chosen && nested && random.chance(0.75)) {
      here = chosen[1];
      continue;
    }
    change(random, here, chosen?.[0]);
    return;
  }
}

function change(random: Random, here: Json, key: string | undefined): void {
  const value = structuredClone(random.pick(VALUES));
  if (Array.isArray(here)) {
    if (key === undefined || random.chance(0.4)) here.push(value);
    else here[Number(key)] = value;
  } else if (isObject(here)) {
    if (key !== undefined && random.chance(0.3)) delete here[key];
    else here[key !== undefined && random.chance(0.6) ? key : random.pick(NAMES)] = value;
  }
}

async function identifiers(world: World): Promise<void> {
  const { api, tally } = world;
  const paths = [
    '%', '%zz', '%00', '%ff%fe', '%0d%0aSet-Cookie:x', 'did:key:%00', 'did:key:z', `did:key:z${'1'.repeat(4000)}`, `did:${'a'.repeat(7000)}:x`,
    'did:web:%2e%2e', 'did:web:example.com%2f..%2f', 'did:web:exa mple', 'did:webvh:x:localhost', 'did:tlog:x', 'did:jwk:%7B%7D', `did:jwk:${'A'.repeat(6000)}`,
    'did:web:[::1]', 'did:web:0x7f.1', 'did:web:user@host', '../../instances', 'did:key:z6Mk?%=%', '%23', '?', '%3F%3F',
  ];
  for (const path of paths) {
    await tally.check(`GET identifiers/${path.slice(0, 40)}: no 5xx`, async () => {
      const url = `/1.0/identifiers/${path.replaceAll(' ', '%20')}`;
      for (const Accept of ['application/did-resolution', 'application/did-url-dereferencing', 'application/ld+json;profile="https://w3id.org/did-resolution"', ',;=,', '*/*;q=x']) {
        const answer = await api.send(url, { method: 'GET', headers: { Accept } });
        if (answer.status < 400 && answer.status !== 200) throw new Error(`${answer.status}`);
      }
    });
  }
}
