/** Deriving: pointers good and bad, base proofs, Digital Bazaar's verdict on what was derived. */
import * as bazaar from '../shared/digital-bazaar.ts';
import { MANDATORY, SELECTIVE as SELECTED, alumni, residentCard } from '../shared/documents.ts';
import { at, object } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { credentialIn, notVerified, refused, status, verified } from './http.ts';
import { inline, suiteOf } from './issue.ts';
import { SELECTIVE, did, vector } from './world.ts';
import type { World } from './world.ts';

const LICENCES = ['v1', 'v2'].map((one) => `vc-di-assertion-inputs/tests/fixtures/credentials/dl-${one}.json`);

export async function selective(world: World): Promise<void> {
  for (const name of SELECTIVE) {
    await derived(world, name);
    await licences(world, name);
    await badPointers(world, name);
  }
  await others(world);
}

async function base(world: World, name: string, mandatoryPointers?: Json): Promise<JsonObject> {
  const options = mandatoryPointers === undefined ? undefined : { mandatoryPointers };
  const answer = await world.api.issue(name, residentCard(did(world, name)), options);
  status(answer, 201);
  return credentialIn(answer);
}

async function derived(world: World, name: string): Promise<void> {
  const { api, tally } = world;
  const sets: [string, Json | undefined, string[]][] = [
    ['mandatory and selected', MANDATORY, SELECTED],
    ['nothing mandatory', undefined, ['/issuer', ...SELECTED]],
    ['an empty list as mandatory', [], ['/issuer', ...SELECTED]],
    ['nothing selected but the mandatory', MANDATORY, []],
    ['everything', MANDATORY, ['/credentialSubject', '/name', '/description', '/validUntil']],
    ['an element of a list', MANDATORY, ['/credentialSubject/permanentResidentCard/type/0']],
    ['the whole document', undefined, ['']],
  ];
  for (const [what, mandatory, selected] of sets) {
    await tally.check(`${name}: derive ${what}`, async () => {
      const signed = await base(world, name, mandatory);
      notVerified(await api.verify(signed));
      const answer = await api.derive(signed, selected);
      status(answer, 200, 201);
      const credential = credentialIn(answer);
      for (const pointer of [...((mandatory as string[] | undefined) ?? []), ...selected]) {
        if (at(credential, pointer) === undefined && !/\/\d+$/.test(pointer)) throw new Error(`${pointer} is missing`);
      }
      if (what === 'mandatory and selected' && at(credential, '/credentialSubject/birthDate') !== undefined) {
        throw new Error('the birth date is disclosed');
      }
      verified(await api.verify(credential));
      await bazaar.verify(suiteOf(world, name), credential);
      notVerified(await api.verify({ ...credential, validUntil: '2050-01-01T00:00:00Z' }));
    });
  }
  await tally.check(`${name}: Digital Bazaar derives from our base proof`, async () => {
    const theirs = await bazaar.derive(suiteOf(world, name), await base(world, name, MANDATORY), SELECTED);
    verified(await api.verify(theirs));
  });
}

/** The driving licences of the W3C suites have their context inline. */
async function licences(world: World, name: string): Promise<void> {
  const { api, tally } = world;
  for (const path of LICENCES) {
    await tally.check(`${name}: ${path} is issued, derived and verified`, async () => {
      const selected = vector(path).selectivePointers ?? [];
      const mandatoryPointers = ['/issuer', ...(path.includes('v1') ? ['/issuanceDate'] : [])];
      const issued = await api.issue(name, inline(path, did(world, name)), { mandatoryPointers });
      status(issued, 201);
      const answer = await api.derive(credentialIn(issued), selected);
      status(answer, 200, 201);
      verified(await api.verify(credentialIn(answer)));
      const subject = object(object(credentialIn(answer).credentialSubject).driverLicense, 'driverLicense');
      if (subject.documentIdentifier === undefined || subject.dateOfBirth !== undefined) throw new Error('other claims are shown');
    });
  }
}

async function badPointers(world: World, name: string): Promise<void> {
  const { api, tally } = world;
  const bad: [string, Json][] = [
    ['an unresolvable one', ['/noSuchMember']],
    ['an unresolvable one among good ones', ['/issuer', '/credentialSubject/noSuchMember']],
    ['an index past the end', ['/type/9']],
    ['one without slash', ['issuer']],
    ['a bad escape', ['/issuer~2']],
    ['a number', [1]],
    ['null', [null]],
    ['a string', '/issuer'],
    ['an object', { 0: '/issuer' }],
  ];
  const signed = await base(world, name, MANDATORY).catch(() => ({}) as JsonObject);
  for (const [what, pointers] of bad) {
    await tally.check(`${name}: ${what} as mandatory pointer is refused`, async () => {
      refused(await api.issue(name, residentCard(did(world, name)), { mandatoryPointers: pointers }));
    });
    await tally.check(`${name}: ${what} as selective pointer is refused`, async () => {
      if (signed.proof === undefined) throw new Error('there is no base proof');
      refused(await api.derive(signed, pointers));
    });
  }
  await tally.check(`${name}: no pointers at all are refused`, async () => {
    const nothing = await base(world, name);
    refused(await api.derive(nothing, []));
  });
  await tally.check(`${name}: what was derived cannot be derived again`, async () => {
    const answer = await api.derive(signed, SELECTED);
    refused(await api.derive(credentialIn(answer), SELECTED));
  });
  await tally.check(`${name}: an altered base proof cannot be derived from, or what is derived does not verify`, async () => {
    const answer = await api.derive({ ...signed, validUntil: '2050-01-01T00:00:00Z' }, ['/validUntil']);
    if (answer.status === 400) return;
    status(answer, 200, 201);
    notVerified(await api.verify(credentialIn(answer)));
  });
}

async function others(world: World): Promise<void> {
  const { api, tally } = world;
  await tally.check('a proof that is not selective cannot be derived from', async () => {
    const issued = await api.issue('eddsa-rdfc-2022', alumni(did(world, 'eddsa-rdfc-2022')));
    refused(await api.derive(credentialIn(issued), ['/credentialSubject']));
  });
  await tally.check('a credential without proof cannot be derived from', async () => {
    refused(await api.derive(residentCard('did:example:issuer'), SELECTED));
  });
}
