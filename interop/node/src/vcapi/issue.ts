/** Issuing by every instance: good requests, bad ones, and Digital Bazaar's verdict on what was issued. */
import * as bazaar from '../shared/digital-bazaar.ts';
import { alumni, residentCard } from '../shared/documents.ts';
import { list, object, string, withValue } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { credentialIn, notVerified, refused, status, verified } from './http.ts';
import { PLAIN, SELECTIVE, did, vector } from './world.ts';
import type { World } from './world.ts';

export async function issue(world: World): Promise<void> {
  for (const name of PLAIN) await plain(world, name);
  await enveloped(world);
  await related(world);
  for (const name of [...PLAIN, ...SELECTIVE, 'status', 'vc-jwt']) await badRequests(world, name);
}

/** The suite of Digital Bazaar that verifies what an instance issues. */
export function suiteOf(world: World, instance: string): bazaar.Suite {
  const name = world.instances.get(instance)?.cryptosuite;
  const found = bazaar.SUITES.find((suite) => suite.name === name);
  if (!found) throw new Error(`no suite for ${instance}`);
  return found;
}

async function plain(world: World, name: string): Promise<void> {
  const { api, tally } = world;
  const makers: [string, (issuer: string) => JsonObject][] = [
    ['a credential', alumni],
    ['a nested credential', residentCard],
    ['an issuer as object', (issuer) => ({ ...alumni(issuer), issuer: { id: issuer, name: 'Example' } })],
    ['a VCDM 1.1 credential', (issuer) => ({ ...vector('vc-di-assertion-inputs/validVc.json'), issuer })],
    ['an inline context', (issuer) => inline('vc-di-assertion-inputs/tests/fixtures/credentials/dl-v2.json', issuer)],
    ['an inline context in VCDM 1.1', (issuer) => inline('vc-di-assertion-inputs/tests/fixtures/credentials/dl-v1.json', issuer)],
  ];
  for (const [what, make] of makers) {
    await tally.check(`${name}: ${what} is issued and verifies, with Digital Bazaar too`, async () => {
      const issuer = did(world, name);
      const answer = await api.issue(name, make(issuer));
      status(answer, 201);
      const credential = credentialIn(answer);
      proofIsBy(credential, issuer, world.instances.get(name)?.cryptosuite ?? '');
      verified(await api.verify(credential));
      verified(await api.post('/credentials/verify', { verifiableCredential: credential }));
      // Digital Bazaar's JCS suites compare inline contexts by identity: they refuse their own once parsed again.
      if (!(name.includes('-jcs-') && what.startsWith('an inline'))) await bazaar.verify(suiteOf(world, name), credential);
      notVerified(await api.verify(withValue(credential, '/credentialSubject/id', 'did:example:mallory')));
    });
  }
}

export function inline(path: string, issuer: string): JsonObject {
  return { ...object(vector(path).credential, 'credential'), issuer };
}

function proofIsBy(credential: JsonObject, issuer: string, cryptosuite: string): void {
  const proof = object(credential.proof, 'proof');
  const expected = { type: 'DataIntegrityProof', cryptosuite, proofPurpose: 'assertionMethod' };
  for (const [name, value] of Object.entries(expected)) {
    if (proof[name] !== value) throw new Error(`proof.${name} is ${String(proof[name])}`);
  }
  if (!string(proof.verificationMethod).startsWith(`${issuer}#`)) throw new Error('the proof is by another key');
  if (!string(proof.proofValue).startsWith('z')) throw new Error('the proof value is not base58btc');
}

async function enveloped(world: World): Promise<void> {
  const { api, tally } = world;
  let envelope: JsonObject = {};
  await tally.check('vc-jwt: an enveloped credential is issued and verifies', async () => {
    const answer = await api.issue('vc-jwt', alumni(did(world, 'vc-jwt')));
    status(answer, 201);
    envelope = credentialIn(answer);
    if (!list(envelope.type).includes('EnvelopedVerifiableCredential')) throw new Error(`type is ${String(envelope.type)}`);
    if (!list(envelope['@context']).includes('https://www.w3.org/ns/credentials/v2')) throw new Error('no base context');
    if (!string(envelope.id, 'id').startsWith('data:application/vc+jwt,')) throw new Error(`id is ${String(envelope.id).slice(0, 60)}`);
    verified(await api.verify(envelope));
  });
  const id = String(envelope.id ?? '');
  const token = id.slice(id.indexOf(',') + 1);
  const twins: [string, JsonObject][] = [
    ['an empty context', { ...envelope, '@context': [] }],
    ['another context', { ...envelope, '@context': 'https://www.w3.org/ns/credentials/examples/v2' }],
    ['no data URL', { ...envelope, id: token }],
    ['another media type', { ...envelope, id: `data:text/plain,${token}` }],
    ['an altered signature', { ...envelope, id: `${id.slice(0, -8)}AAAAAAAA` }],
    ['no signature', { ...envelope, id: id.split('.').slice(0, 2).join('.') }],
    ['no type', withValue(envelope, '/type', undefined)],
    ['another type', { ...envelope, type: 'VerifiableCredential' }],
  ];
  for (const [what, twin] of twins) {
    await tally.check(`vc-jwt: an enveloped credential with ${what} is refused`, async () => notVerified(await api.verify(twin)));
  }
}

/** `relatedResource`: the digests are compared when the credential is issued. */
async function related(world: World): Promise<void> {
  const { api, tally } = world;
  const id = 'https://www.w3.org/ns/credentials/v2';
  const known = object(vector('contexts/index.json')[id], id);
  const sri = string(known.digestSRI, 'digestSRI');
  const multibase = string(known.digestMultibase, 'digestMultibase');
  const other = `sha384-${'A'.repeat(64)}`;
  const resources: [string, Json, boolean][] = [
    ['with digestSRI', [{ id, digestSRI: sri }], true],
    ['with digestMultibase', [{ id, digestMultibase: multibase }], true],
    ['with a media type', [{ id, digestSRI: sri, mediaType: 'application/ld+json' }], true],
    ['as one object', { id, digestSRI: sri }, true],
    ['with a wrong digestSRI', [{ id, digestSRI: other }], false],
    ['with a wrong digestMultibase', [{ id, digestMultibase: `${multibase.slice(0, -2)}aa` }], false],
    ['with one right and one wrong digest', [{ id, digestSRI: sri, digestMultibase: `${multibase.slice(0, -2)}aa` }], false],
    ['without digest', [{ id }], false],
    ['without id', [{ digestSRI: sri }], false],
    ['twice the same id', [{ id, digestSRI: sri }, { id, digestSRI: sri }], false],
    ['as strings', [id], false],
  ];
  for (const [what, relatedResource, good] of resources) {
    await tally.check(`relatedResource ${what} is ${good ? 'issued' : 'refused'}`, async () => {
      const answer = await api.issue('eddsa-rdfc-2022', { ...alumni(did(world, 'eddsa-rdfc-2022')), relatedResource });
      if (good) status(answer, 201);
      else refused(answer);
    });
  }
}

async function badRequests(world: World, name: string): Promise<void> {
  const { api, tally } = world;
  const path = `/issuers/${name}/credentials/issue`;
  const good = alumni(did(world, name));
  const bodies: [string, Json][] = [
    ['an empty object', {}],
    ['null', null],
    ['a list', [good]],
    ['a string', 'credential'],
    ['a credential of null', { credential: null }],
    ['a credential of a string', { credential: 'x' }],
    ['a credential of a list', { credential: [good] }],
    ['another issuer', { credential: { ...good, issuer: 'did:example:mallory' } }],
    ['another issuer as object', { credential: { ...good, issuer: { id: 'did:example:mallory' } } }],
    ['an undefined term', { credential: { ...good, '@context': ['https://www.w3.org/ns/credentials/v2'] } }],
    ['an unknown context', { credential: { ...good, '@context': [...list(good['@context']), 'https://unknown.example/v1'] } }],
    ['options of a string', { credential: good, options: 'x' }],
    ['an unknown option', { credential: good, options: { noSuchOption: true } }],
    ['mandatory pointers of a string', { credential: good, options: { mandatoryPointers: '/issuer' } }],
  ];
  for (const [what, body] of bodies) {
    await tally.check(`${name}: ${what} is refused`, async () => {
      const answer = await api.post(path, body);
      refused(answer);
      if (what === 'an unknown option' && !JSON.stringify(answer.json).includes('UNKNOWN_OPTION_PROVIDED')) {
        throw new Error(`another problem: ${answer.text}`);
      }
    });
  }
}
