/** Digital Bazaar's `@digitalbazaar/vc` with its six cryptosuites. */
import { Refused, refuses } from '../shared/bridge.ts';
import type { Bridge } from '../shared/bridge.ts';
import * as theirs from '../shared/digital-bazaar.ts';
import type { Suite } from '../shared/digital-bazaar.ts';
import { MANDATORY, SELECTIVE, alumni, residentCard } from '../shared/documents.ts';
import { at, object, string, withValue } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { rejects } from '../shared/refusal.ts';
import { Tally } from '../shared/tally.ts';
import { version } from '../shared/version.ts';

const BINDING = { challenge: 'c0ffee-1', domain: 'verifier.example' };
const purpose = 'assertionMethod';

/** Checks every suite; one summary line for each package and one for presentations. */
export async function digitalBazaar(bridge: Bridge): Promise<boolean> {
  let fine = true;
  const packages = [...new Set(theirs.SUITES.map((suite) => suite.package))];
  for (const name of packages) {
    const tally = new Tally(name, version(name));
    for (const suite of theirs.SUITES.filter((suite) => suite.package === name)) {
      await (suite.disclose ? selective(tally, bridge, suite) : plain(tally, bridge, suite));
    }
    fine = tally.finish() && fine;
  }
  const tally = new Tally('@digitalbazaar/vc', version('@digitalbazaar/vc'));
  await presentations(tally, bridge);
  return tally.finish() && fine;
}

async function plain(tally: Tally, bridge: Bridge, suite: Suite): Promise<void> {
  const label = `${suite.name} ${suite.algorithm}`;
  for (const [kind, make] of [['alumni', alumni], ['resident', residentCard]] as const) {
    let signed: JsonObject = {};
    await tally.check(`${label}: they issue ${kind}, we verify`, async () => {
      const key = await theirs.newKey(suite);
      signed = await theirs.issue(suite, key, make(key.controller), []);
      await bridge.call('di.verify', { document: signed, purpose });
    });
    await twins(tally, bridge, suite, `${label}: their ${kind}`, signed);
    signed = {};
    await tally.check(`${label}: we issue ${kind}, they verify`, async () => {
      signed = await ours(bridge, suite, make, []);
      await theirs.verify(suite, signed);
      await bridge.call('di.verify', { document: signed, purpose });
    });
    await twins(tally, bridge, suite, `${label}: our ${kind}`, signed);
  }
}

async function selective(tally: Tally, bridge: Bridge, suite: Suite): Promise<void> {
  const label = `${suite.name} ${suite.algorithm}`;
  const key = await theirs.newKey(suite);
  const bases = {
    their: () => theirs.issue(suite, key, residentCard(key.controller), MANDATORY),
    our: () => ours(bridge, suite, residentCard, MANDATORY),
  };
  const derivers = {
    them: (base: JsonObject) => theirs.derive(suite, base, SELECTIVE),
    us: (base: JsonObject) => derive(bridge, base, SELECTIVE),
  };
  for (const [owner, make] of Object.entries(bases)) {
    let base: JsonObject = {};
    await tally.check(`${label}: ${owner} base proof is made`, async () => {
      base = await make();
    });
    await tally.check(`${label}: both refuse ${owner} base proof as a derived one`, async () => {
      await refuses(bridge.call('di.verify', { document: base, purpose }));
      await rejects(theirs.verify(suite, base));
    });
    for (const [by, deriveBy] of Object.entries(derivers)) {
      let derived: JsonObject = {};
      await tally.check(`${label}: ${owner} base, derived by ${by}, both verify`, async () => {
        derived = await deriveBy(base);
        disclosed(derived);
        await bridge.call('di.verify', { document: derived, purpose });
        await theirs.verify(suite, derived);
      });
      await twins(tally, bridge, suite, `${label}: ${owner} base, derived by ${by}`, derived);
    }
  }
}

/** The selected and mandatory values are there, the others are not. */
function disclosed(document: JsonObject): void {
  for (const pointer of ['/issuer/id', ...SELECTIVE]) {
    if (at(document, pointer) === undefined) throw new Error(`${pointer} is missing`);
  }
  for (const pointer of ['/credentialSubject/birthDate', '/credentialSubject/permanentResidentCard/lprNumber']) {
    if (at(document, pointer) !== undefined) throw new Error(`${pointer} is disclosed`);
  }
}

/** Tampered copies that both must refuse. */
async function twins(tally: Tally, bridge: Bridge, suite: Suite, label: string, signed: JsonObject): Promise<void> {
  const value = at(signed, '/proof/proofValue');
  const tampered: [string, () => JsonObject][] = [
    ['altered date', () => withValue(signed, '/validFrom', '2022-02-02T00:00:00Z')],
    ['altered proof value', () => withValue(signed, '/proof/proofValue', flipped(string(value)))],
    ['altered creation time', () => withValue(signed, '/proof/created', '2001-01-01T00:00:00Z')],
    ['added claim', () => withValue(signed, '/credentialSubject/image', 'https://attacker.example/')],
  ];
  for (const [what, make] of tampered) {
    await tally.check(`${label}: both refuse the twin with an ${what}`, async () => {
      if (value === undefined) throw new Error('there is no signed document');
      const twin = make();
      await refuses(bridge.call('di.verify', { document: twin, purpose }));
      await rejects(theirs.verify(suite, twin));
    });
  }
}

/** A multibase text with another character in the middle. */
function flipped(text: string): string {
  const middle = Math.floor(text.length / 2);
  const other = text[middle] === 'A' ? 'B' : 'A';
  return text.slice(0, middle) + other + text.slice(middle + 1);
}

type Make = (issuer: string) => JsonObject;

async function ours(bridge: Bridge, suite: Suite, make: Make, mandatory: string[]): Promise<JsonObject> {
  const key = await bridge.call('key.generate', { algorithm: suite.algorithm });
  const answer = await bridge.call('di.issue', {
    document: make(string(key.did, 'did')),
    cryptosuite: suite.name,
    key: secretOf(key),
    verificationMethod: string(key.verificationMethod, 'verificationMethod'),
    purpose,
    created: '2025-01-02T03:04:05Z',
    ...(mandatory.length > 0 ? { mandatoryPointers: mandatory } : {}),
  });
  return object(answer.document, 'document');
}

/** The private key in the form in which the bridge gave it. */
function secretOf(key: JsonObject): Json {
  const secret = key.jwk ?? key.secretMultibase;
  if (secret === undefined) throw new Refused('KEY', 'key.generate gave no private key');
  return secret;
}

async function derive(bridge: Bridge, document: JsonObject, selectivePointers: string[]): Promise<JsonObject> {
  const answer = await bridge.call('di.derive', { document, selectivePointers });
  return object(answer.document, 'document');
}

async function presentations(tally: Tally, bridge: Bridge): Promise<void> {
  const suite = theirs.SUITES[0];
  if (!suite) throw new Error('no suite');
  const key = await theirs.newKey(suite);
  const credential = await theirs.issue(suite, key, alumni(key.controller), []);
  const presentation = (holder: string): JsonObject => ({
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    type: ['VerifiablePresentation'],
    holder,
    verifiableCredential: [credential],
  });
  const both = (document: JsonObject, binding: { challenge: string; domain: string }) => ({
    ours: bridge.call('di.verify', { document, purpose: 'authentication', ...binding }),
    theirs: theirs.verifyPresentation(suite, document, binding),
  });
  const makers: [string, () => Promise<JsonObject>][] = [
    ['their', () => theirs.signPresentation(suite, key, presentation(key.controller), BINDING)],
    ['our', async () => {
      const own = await bridge.call('key.generate', { algorithm: 'Ed25519' });
      const answer = await bridge.call('di.issue', {
        document: presentation(string(own.did, 'did')),
        cryptosuite: suite.name,
        key: secretOf(own),
        verificationMethod: string(own.verificationMethod, 'verificationMethod'),
        purpose: 'authentication',
        created: '2025-01-02T03:04:05Z',
        ...BINDING,
      });
      return object(answer.document, 'document');
    }],
  ];
  for (const [owner, make] of makers) {
    let signed: JsonObject = {};
    await tally.check(`both accept ${owner} presentation`, async () => {
      signed = await make();
      const verdicts = both(signed, BINDING);
      await Promise.all([verdicts.ours, verdicts.theirs]);
    });
    const twins: [string, JsonObject, { challenge: string; domain: string }][] = [
      ['another challenge', signed, { ...BINDING, challenge: 'c0ffee-2' }],
      ['another domain', signed, { ...BINDING, domain: 'other.example' }],
      ['another holder', { ...signed, holder: 'did:example:mallory' }, BINDING],
    ];
    for (const [what, document, binding] of twins) {
      await tally.check(`both refuse ${owner} presentation with ${what}`, async () => {
        if (signed.proof === undefined) throw new Error('there is no signed document');
        const verdicts = both(document, binding);
        await Promise.all([refuses(verdicts.ours), rejects(verdicts.theirs)]);
      });
    }
  }
}
