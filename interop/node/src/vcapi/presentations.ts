/** Presentations: signed by Digital Bazaar, unsigned, enveloped; every binding right and wrong. */
import * as bazaar from '../shared/digital-bazaar.ts';
import { alumni } from '../shared/documents.ts';
import { compactJws } from '../shared/jws.ts';
import { newDidKey } from '../shared/multikey.ts';
import type { DidKey } from '../shared/multikey.ts';
import { list, withValue } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { alteredPart } from '../shared/tamper.ts';
import { credentialIn, notVerified, status, verified } from './http.ts';
import { did } from './world.ts';
import type { World } from './world.ts';

const V2 = 'https://www.w3.org/ns/credentials/v2';
const BINDING = { challenge: 'uY2hhbGxlbmdl', domain: 'verifier.example' };

export async function presentations(world: World): Promise<void> {
  await signed(world);
  await unsigned(world);
  await envelopedCredentials(world);
  await envelopedPresentations(world);
}

async function credential(world: World, instance = 'eddsa-rdfc-2022'): Promise<JsonObject> {
  const answer = await world.api.issue(instance, alumni(did(world, instance)));
  status(answer, 201);
  return credentialIn(answer);
}

const presentation = (credentials: Json[], holder?: string): JsonObject => ({
  '@context': [V2],
  type: ['VerifiablePresentation'],
  ...(holder === undefined ? {} : { holder }),
  ...(credentials.length > 0 ? { verifiableCredential: credentials } : {}),
});

async function signed(world: World): Promise<void> {
  const { api, tally } = world;
  for (const suite of bazaar.SUITES.filter((suite) => !suite.disclose)) {
    const label = `${suite.name} ${suite.algorithm}`;
    const key = await bazaar.newKey(suite);
    let good: JsonObject | undefined;
    await tally.check(`a presentation signed with ${label} verifies`, async () => {
      const made = presentation([await credential(world)], key.controller);
      good = await bazaar.signPresentation(suite, key, made, BINDING);
      for (const options of [BINDING, { challenge: BINDING.challenge }, { domain: BINDING.domain }, {}]) {
        verified(await api.verifyPresentation(good, options as JsonObject));
      }
      verified(await api.verifyPresentation(good));
    });
    const wrong: [string, (good: JsonObject) => JsonObject, JsonObject][] = [
      ['another challenge', (one) => one, { ...BINDING, challenge: 'other' }],
      ['another domain', (one) => one, { ...BINDING, domain: 'other.example' }],
      ['another holder', (one) => withValue(one, '/holder', 'did:example:mallory'), BINDING],
      ['an altered credential', (one) => withValue(one, '/verifiableCredential/0/name', 'other'), BINDING],
      ['a credential taken away', (one) => withValue(one, '/verifiableCredential', undefined), BINDING],
      ['a credential without proof', (one) => withValue(one, '/verifiableCredential/0/proof', undefined), BINDING],
      ['a changed challenge in the proof', (one) => withValue(one, '/proof/challenge', 'other'), { challenge: 'other' }],
      ['a proof for assertion', (one) => withValue(one, '/proof/proofPurpose', 'assertionMethod'), BINDING],
      ['no proof value', (one) => withValue(one, '/proof/proofValue', undefined), BINDING],
    ];
    for (const [what, change, options] of wrong) {
      await tally.check(`a presentation signed with ${label} and ${what} is refused`, async () => {
        if (!good) throw new Error('there is no presentation');
        notVerified(await api.verifyPresentation(change(good), options));
      });
    }
  }
  await badInside(world);
}

/** Well signed, but a credential inside is not good. */
async function badInside(world: World): Promise<void> {
  const { api, tally } = world;
  const suite = bazaar.SUITES[0];
  if (!suite) throw new Error('no suite');
  const key = await bazaar.newKey(suite);
  const inner: [string, (good: JsonObject) => Json][] = [
    ['with an altered claim', (good) => withValue(good, '/credentialSubject/alumniOf', 'another')],
    ['without proof by another issuer', (good) => withValue(good, '/proof', undefined)],
  ];
  for (const [what, change] of inner) {
    await tally.check(`a well-signed presentation of a credential ${what} is refused`, async () => {
      const made = presentation([change(await credential(world))], key.controller);
      notVerified(await api.verifyPresentation(await bazaar.sign(suite, key, made, BINDING), BINDING));
    });
  }
  await tally.check('a well-signed presentation of two credentials of different suites verifies', async () => {
    const both = [await credential(world), await credential(world, 'ecdsa-rdfc-2019-p256')];
    const made = await bazaar.signPresentation(suite, key, presentation(both, key.controller), BINDING);
    verified(await api.verifyPresentation(made, BINDING));
  });
}

async function unsigned(world: World): Promise<void> {
  const { api, tally } = world;
  await tally.check('an unsigned presentation is accepted after verifying its credentials', async () => {
    verified(await api.verifyPresentation(presentation([await credential(world), await credential(world, 'ecdsa-rdfc-2019-p384')])));
  });
  await tally.check('an unsigned presentation of an altered credential is refused', async () => {
    const bad = withValue(await credential(world), '/name', 'other');
    notVerified(await api.verifyPresentation(presentation([await credential(world), bad])));
  });
  await tally.check('an unsigned presentation of an unsigned credential is refused', async () => {
    notVerified(await api.verifyPresentation(presentation([alumni('did:example:issuer')])));
  });
  await tally.check('an unsigned presentation is refused where a challenge is asked for', async () => {
    notVerified(await api.verifyPresentation(presentation([await credential(world)]), BINDING));
  });
}

const envelope = (type: string, id: string): JsonObject => ({ '@context': V2, type, id });

function credentialToken(key: DidKey, change: JsonObject = {}): string {
  return compactJws(key, { typ: 'vc+jwt', cty: 'vc', kid: key.kid }, { ...alumni(key.did), ...change });
}

async function envelopedCredentials(world: World): Promise<void> {
  const { api, tally } = world;
  const type = 'EnvelopedVerifiableCredential';
  const key = newDidKey('ES256');
  const token = credentialToken(key);
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    for (const media of ['application/vc+jwt', 'application/jwt']) {
      await tally.check(`an enveloped credential, ${algorithm}, as ${media} verifies`, async () => {
        verified(await api.verify(envelope(type, `data:${media},${credentialToken(newDidKey(algorithm))}`)));
      });
    }
  }
  await tally.check('an enveloped credential with a list as type verifies', async () => {
    verified(await api.verify({ '@context': [V2], type: [type], id: `data:application/vc+jwt,${token}` }));
  });
  const wrong: [string, JsonObject][] = [
    ['an altered signature', envelope(type, `data:application/vc+jwt,${alteredPart(token, 2)}`)],
    ['an altered payload', envelope(type, `data:application/vc+jwt,${alteredPart(token, 1)}`)],
    ['no signature', envelope(type, `data:application/vc+jwt,${token.split('.').slice(0, 2).join('.')}.`)],
    ['alg none', envelope(type, `data:application/vc+jwt,${compactJws({ ...key, algorithm: 'ES256' }, { alg: 'none', kid: key.kid }, alumni(key.did))}`)],
    ['a vc claim', envelope(type, `data:application/vc+jwt,${credentialToken(key, { vc: alumni(key.did) })}`)],
    ['another media type', envelope(type, `data:text/plain,${token}`)],
    ['no data URL', envelope(type, token)],
    ['a web URL', envelope(type, 'https://example.org/credential')],
    ['no context', withValue(envelope(type, `data:application/vc+jwt,${token}`), '/@context', undefined)],
    ['an empty context', { ...envelope(type, `data:application/vc+jwt,${token}`), '@context': [] }],
    ['another context', { ...envelope(type, `data:application/vc+jwt,${token}`), '@context': 'https://www.w3.org/ns/credentials/examples/v2' }],
    ['another type', envelope('VerifiableCredential', `data:application/vc+jwt,${token}`)],
    ['no type', withValue(envelope(type, `data:application/vc+jwt,${token}`), '/type', undefined)],
    ['a presentation inside', envelope(type, `data:application/vc+jwt,${compactJws(key, { typ: 'vc+jwt', kid: key.kid }, presentation([], key.did))}`)],
  ];
  for (const [what, document] of wrong) {
    await tally.check(`an enveloped credential with ${what} is refused`, async () => notVerified(await api.verify(document)));
  }
  await tally.check('an enveloped credential inside an unsigned presentation verifies', async () => {
    verified(await api.verifyPresentation(presentation([envelope(type, `data:application/vc+jwt,${token}`)])));
  });
}

async function envelopedPresentations(world: World): Promise<void> {
  const { api, tally } = world;
  const type = 'EnvelopedVerifiablePresentation';
  const issuer = newDidKey('ES256');
  const holder = newDidKey('EdDSA');
  const inside = (token: string) => envelope('EnvelopedVerifiableCredential', `data:application/vc+jwt,${token}`);
  const make = (signer: DidKey, body: JsonObject) =>
    `data:application/vp+jwt,${compactJws(signer, { typ: 'vp+jwt', cty: 'vp', kid: signer.kid }, body)}`;
  const good = make(holder, presentation([inside(credentialToken(issuer))], holder.did));
  await tally.check('an enveloped presentation verifies', async () => {
    verified(await api.verifyPresentation(envelope(type, good)));
    verified(await api.verifyPresentation({ '@context': [V2], type: [type], id: good }));
  });
  const mallory = newDidKey('EdDSA');
  const wrong: [string, JsonObject][] = [
    ['an altered signature', envelope(type, alteredPart(good, 2))],
    ['the key of another holder', envelope(type, make(mallory, presentation([inside(credentialToken(issuer))], holder.did)))],
    ['an altered credential inside', envelope(type, make(holder, presentation([inside(alteredPart(credentialToken(issuer), 2))], holder.did)))],
    ['an unsecured credential inside', envelope(type, make(holder, presentation([alumni(issuer.did)], holder.did)))],
    ['an empty context', { ...envelope(type, good), '@context': [] }],
    ['another context', { ...envelope(type, good), '@context': ['https://www.w3.org/ns/credentials/examples/v2'] }],
    ['no data URL', envelope(type, good.slice(good.indexOf(',') + 1))],
    ['another type', { ...envelope(type, good), type: list(['VerifiablePresentation']) }],
    ['the type of a credential', envelope('EnvelopedVerifiableCredential', good)],
  ];
  for (const [what, document] of wrong) {
    await tally.check(`an enveloped presentation with ${what} is refused`, async () => notVerified(await api.verifyPresentation(document)));
  }
}
