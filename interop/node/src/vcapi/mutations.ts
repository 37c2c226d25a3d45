/** A good credential of every suite with one thing wrong: always 400, never anything else. */
import * as bazaar from '../shared/digital-bazaar.ts';
import { alumni, MANDATORY, residentCard, SELECTIVE as SELECTED } from '../shared/documents.ts';
import { at, list, object, string, withValue } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { credentialIn, notVerified, refused, status, verified } from './http.ts';
import { PLAIN, SELECTIVE, did } from './world.ts';
import type { World } from './world.ts';

export async function mutations(world: World): Promise<void> {
  for (const name of [...PLAIN, ...SELECTIVE]) {
    let good: JsonObject | undefined;
    await world.tally.check(`${name}: a credential to alter`, async () => {
      good = await credentialOf(world, name);
    });
    if (good) await refuseAll(world, name, good);
  }
  await otherCanonicalization(world);
  await badBodies(world);
}

/** What a verifier gets from the instance: an issued credential, or one derived from it. */
async function credentialOf(world: World, name: string): Promise<JsonObject> {
  const { api } = world;
  const selective = SELECTIVE.some((suite) => suite === name);
  const document = (selective ? residentCard : alumni)(did(world, name));
  const issued = await api.issue(name, document, selective ? { mandatoryPointers: MANDATORY } : undefined);
  status(issued, 201);
  if (!selective) return credentialIn(issued);
  const derived = await api.derive(credentialIn(issued), SELECTED);
  status(derived, 200, 201);
  return credentialIn(derived);
}

async function refuseAll(world: World, name: string, good: JsonObject): Promise<void> {
  const { api, tally } = world;
  for (const [what, document] of [...proofs(good), ...contents(good)]) {
    // A JCS proof lets contexts be appended to those it signed, and nothing is expanded [vc-di-eddsa §3.3.2].
    if (what === 'an unknown context' && name.includes('-jcs-')) continue;
    await tally.check(`${name}: ${what} is refused`, async () => notVerified(await api.verify(document)));
  }
  const bindings: [string, JsonObject][] = [
    ['a challenge that the proof does not have', { checks: ['proof'], challenge: 'abc' }],
    ['a domain that the proof does not have', { checks: ['proof'], domain: 'verifier.example' }],
  ];
  for (const [what, options] of bindings) {
    await tally.check(`${name}: ${what} is refused`, async () => notVerified(await api.verify(good, options)));
  }
}

function proofs(good: JsonObject): [string, JsonObject][] {
  const proof = object(good.proof, 'proof');
  const value = string(proof.proofValue, 'proofValue');
  const method = string(proof.verificationMethod, 'verificationMethod');
  const mallory = 'did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2';
  const set = (pointer: string, inner: Json | undefined) => withValue(good, pointer, inner);
  const whole: [string, Json | undefined][] = [
    ['no proof', undefined], ['a proof of null', null], ['an empty list of proofs', []],
    ['an empty proof', {}], ['a proof of a string', 'proof'], ['a proof of a number', 1],
    ['a list with null as proof', [null]], ['the proof inside two lists', [[proof]]],
  ];
  const fields = ['type', 'cryptosuite', 'verificationMethod', 'proofPurpose', 'proofValue'];
  const wrong: Json[] = [null, 1, true, {}, [], ''];
  return [
    ...whole.map(([what, inner]): [string, JsonObject] => [what, set('/proof', inner)]),
    ...fields.map((field): [string, JsonObject] => [`no proof.${field}`, set(`/proof/${field}`, undefined)]),
    ...fields.flatMap((field) =>
      wrong.map((inner): [string, JsonObject] => [`proof.${field} of ${JSON.stringify(inner)}`, set(`/proof/${field}`, inner)]),
    ),
    ['another proof type', set('/proof/type', 'UnknownProof')],
    ['an unknown cryptosuite', set('/proof/cryptosuite', 'unknown-2099')],
    ['another purpose', set('/proof/proofPurpose', 'authentication')],
    ['a made-up purpose', set('/proof/proofPurpose', 'noSuchPurpose')],
    ['the key of another', set('/proof/verificationMethod', `${mallory}#${mallory.slice(8)}`)],
    ['a key without fragment', set('/proof/verificationMethod', method.split('#')[0] ?? '')],
    ['a fragment that is not there', set('/proof/verificationMethod', `${method.split('#')[0]}#none`)],
    ['a method that is no URL', set('/proof/verificationMethod', 'not a url')],
    ['a proof value without prefix', set('/proof/proofValue', value.slice(1))],
    ['a proof value with another prefix', set('/proof/proofValue', `m${value.slice(1)}`)],
    ['a proof value with bad characters', set('/proof/proofValue', `${value.slice(0, 20)}!${value.slice(21)}`)],
    ['a truncated proof value', set('/proof/proofValue', value.slice(0, -6))],
    ['a lengthened proof value', set('/proof/proofValue', `${value}${value.slice(-8)}`)],
    ['an altered proof value', set('/proof/proofValue', value.slice(0, 30) + (value[30] === 'A' ? 'B' : 'A') + value.slice(31))],
    ['a creation time that is no time', set('/proof/created', 'yesterday')],
    ['another creation time', set('/proof/created', '2001-02-03T04:05:06Z')],
    ['an end in the past', set('/proof/expires', '2001-02-03T04:05:06Z')],
    ['an added domain', set('/proof/domain', 'other.example')],
    ['an added challenge', set('/proof/challenge', 'abc')],
    ['an unknown previous proof', set('/proof/previousProof', 'urn:uuid:00000000-0000-4000-8000-000000000000')],
    ['unknown previous proofs', set('/proof/previousProof', ['urn:uuid:00000000-0000-4000-8000-000000000000'])],
    ['a previous proof of a number', set('/proof/previousProof', 7)],
    ['a proof id that is no URL', set('/proof/id', 'not a url')],
    ['a second, bad proof', set('/proof', [proof, { ...proof, proofValue: `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}` }])],
  ];
}

function contents(good: JsonObject): [string, JsonObject][] {
  const set = (pointer: string, inner: Json | undefined) => withValue(good, pointer, inner);
  const contexts = list(good['@context']);
  return [
    ['no @context', set('/@context', undefined)],
    ['an empty @context', set('/@context', [])],
    ['another first context', set('/@context', [...contexts].reverse())],
    ['an unknown context', set('/@context', [...contexts, 'https://unknown.example/v1'])],
    ['no type', set('/type', undefined)],
    ['another type', set('/type', ['VerifiableCredential'])],
    ['a type without VerifiableCredential', set('/type', list(good.type).slice(1))],
    ['no issuer', set('/issuer', undefined)],
    ['an issuer that is no URL', set('/issuer', 'issuer')],
    ['no subject', set('/credentialSubject', undefined)],
    ['an empty subject', set('/credentialSubject', {})],
    ['a changed validity', set('/validFrom', '2020-01-01T00:00:00Z')],
    ['a validity that is no time', set('/validFrom', 'today')],
    ['an undefined term', set('/noSuchTermAnywhere', { id: 'not a url', '@none': 1 })],
    ['an added claim', set('/credentialSubject/id', 'did:example:mallory')],
  ];
}

/** Signatures over another canonical form, under the name of the suite. */
async function otherCanonicalization(world: World): Promise<void> {
  const { api, tally } = world;
  const pairs: [number, string][] = [[1, 'eddsa-rdfc-2022'], [0, 'eddsa-jcs-2022'], [4, 'ecdsa-rdfc-2019'], [2, 'ecdsa-jcs-2019']];
  for (const [index, claimed] of pairs) {
    const suite = bazaar.SUITES[index];
    if (!suite) throw new Error('no suite');
    await tally.check(`${suite.name} under the name ${claimed} is refused`, async () => {
      const key = await bazaar.newKey(suite);
      const signed = await bazaar.issue(suite, key, alumni(key.controller), []);
      verified(await api.verify(signed));
      notVerified(await api.verify(withValue(signed, '/proof/cryptosuite', claimed)));
    });
  }
  for (const suite of bazaar.SUITES) {
    if (suite.disclose) continue;
    await tally.check(`${suite.name} ${suite.algorithm}: signed for authentication is refused`, async () => {
      const key = await bazaar.newKey(suite);
      const signed = await bazaar.sign(suite, key, alumni(key.controller), { challenge: 'abc' });
      if (at(signed, '/proof/proofPurpose') !== 'authentication') throw new Error('signed for something else');
      notVerified(await api.verify(signed));
    });
  }
}

async function badBodies(world: World): Promise<void> {
  const { api, tally } = world;
  const good = await credentialOf(world, 'eddsa-rdfc-2022').catch(() => ({}) as JsonObject);
  const wrong: Json[] = [null, 'x', 1, true, [], [good], {}, { verifiableCredential: good }];
  for (const path of ['/credentials/verify', '/presentations/verify', '/credentials/derive']) {
    const member = path.startsWith('/presentations') ? 'verifiablePresentation' : 'verifiableCredential';
    const isDerive = path.endsWith('derive');
    const check = (what: string, send: () => ReturnType<typeof api.post>) =>
      tally.check(`POST ${path} with ${what} is refused`, async () => {
        const answer = await send();
        if (isDerive) refused(answer, 400);
        else notVerified(answer);
      });
    for (const value of wrong) {
      const name = JSON.stringify(value).slice(0, 40);
      await check(`${member} of ${name}`, () => api.post(path, { [member]: value, options: {} }));
    }
    await check('an empty object', () => api.post(path, {}));
    for (const body of ['null', '[]', '"x"', '7', '', '{', '{"a":1,}', '\u0000', `{"${member}":`, '['.repeat(5000), '{"a":'.repeat(300)]) {
      await check(`the text ${JSON.stringify(body.slice(0, 12))} (${body.length})`, () => api.postText(path, body));
    }
    for (const options of [null, 'x', 1, [], { checks: 'proof' }, { checks: [1] }, { noSuchOption: 1 }, { challenge: 1 }] as Json[]) {
      if (options === null) continue;
      await check(`options ${JSON.stringify(options)}`, () => api.post(path, { [member]: good, options }));
    }
    await tally.check(`POST ${path} as another media type is refused`, async () => {
      status(await api.postText(path, '<x/>', 'application/xml'), 400, 415);
    });
    await tally.check(`POST ${path} with twice the same member is refused`, async () => {
      status(await api.postText(path, `{"${member}":{},"${member}":{}}`), 400);
    });
    await tally.check(`POST ${path} with 20 MB is refused`, async () => {
      const text = JSON.stringify({ [member]: { x: 'x'.repeat(20_000_000) } });
      const answer = await api.postText(path, text).catch((error: unknown) => {
        // A server may close the connection while we still send.
        if (/EPIPE|ECONNRESET|socket hang up/.test(String(error))) return undefined;
        throw error;
      });
      if (answer) status(answer, 400, 413);
    });
  }
}
