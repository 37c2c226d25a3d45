/** Every document of W3C's VCDM 2.0 suite: credentials through issue and verify, presentations through verify. */
import * as bazaar from '../shared/digital-bazaar.ts';
import { isObject, list, object } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { credentialIn, notVerified, refused, status, verified } from './http.ts';
import { PLAIN, SELECTIVE, did, vector, vectorsIn } from './world.ts';
import type { World } from './world.ts';

const FOLDER = 'vcdm2-testsuite-input';
const BASE = 'https://www.w3.org/ns/credentials/v2';
/** The suite means its own holder where it writes this DID. */
const SUITE_HOLDER = 'did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj';
const CHALLENGE = 'uY2hhbGxlbmdl';

type Wanted = 'ok' | 'fail' | 'fail-or-inject';

export async function documents(world: World): Promise<void> {
  const paths = vectorsIn(FOLDER);
  const credentials = paths.filter((path) => !/\/presentation-/.test(path));
  for (const name of [...PLAIN, ...SELECTIVE]) {
    for (const path of credentials) await credential(world, name, path);
  }
  for (const path of paths.filter((path) => /\/presentation-/.test(path))) await presentation(world, path);
}

function wantedOf(path: string): Wanted {
  if (path.endsWith('-ok.json')) return 'ok';
  return path.endsWith('-fail-or-inject.json') ? 'fail-or-inject' : 'fail';
}

async function credential(world: World, name: string, path: string): Promise<void> {
  const wanted = wantedOf(path);
  const { api, tally } = world;
  await tally.check(`${name}: ${path}: ${wanted}`, async () => {
    const options = SELECTIVE.some((suite) => suite === name) ? { mandatoryPointers: ['/issuer'] } : undefined;
    const answer = await api.issue(name, withIssuer(path, dated(vector(path)), did(world, name), wanted), options);
    if (wanted === 'ok') {
      status(answer, 201);
      await verifies(world, name, path, credentialIn(answer));
    } else if (wanted === 'fail-or-inject' && answer.status === 201) {
      if (list(credentialIn(answer)['@context'])[0] !== BASE) throw new Error('issued without the base context');
    } else {
      refused(answer);
    }
  });
}

/** A selective suite's base proof is derived first; what has another proof besides ours keeps it. */
async function verifies(world: World, name: string, path: string, issued: JsonObject): Promise<void> {
  const { api } = world;
  if (path.includes('credential-proof-')) {
    // The proof that came with the document is a made-up one: only that ours was added can be asked.
    if (!list(issued.proof).some((proof) => isObject(proof) && proof.type === 'DataIntegrityProof')) {
      throw new Error('no proof of ours was added');
    }
    return;
  }
  if (!SELECTIVE.some((suite) => suite === name)) return verified(await api.verify(issued));
  const derived = await api.derive(issued, ['/credentialSubject']);
  status(derived, 200, 201);
  verified(await api.verify(credentialIn(derived)));
}

/** The suite puts times in for two words. */
function dated(document: JsonObject): JsonObject {
  const year = 31_536_000_000;
  const time = (offset: number) => new Date(Date.now() + offset).toISOString().replace(/\.\d+Z$/, 'Z');
  const text = JSON.stringify(document).replaceAll('FUTURE DATE', time(year)).replaceAll('PAST DATE', time(-year));
  return JSON.parse(text) as JsonObject;
}

/** The suite sets the instance as the issuer wherever the document does not test the issuer itself. */
function withIssuer(path: string, document: JsonObject, issuer: string, wanted: Wanted): JsonObject {
  if (path.includes('/credential-issuer-') && wanted === 'fail') return document;
  if (path.includes('credential-no-issuer')) return document;
  const given = document.issuer;
  return { ...document, issuer: isObject(given) ? { ...given, id: issuer } : issuer };
}

async function presentation(world: World, path: string): Promise<void> {
  const { api, tally } = world;
  const document = vector(path);
  const wanted = wantedOf(path);
  const name = path.split('/').at(-1) ?? '';
  if (name === 'presentation-enveloped-vc-ok.json') {
    tally.unsupported(`${name}: the signature inside its envelope is made up and its issuer has no key; never accepted`);
    await tally.check(`${path}: its made-up signature is not accepted`, async () => {
      notVerified(await api.verifyPresentation(document));
    });
    return;
  }
  const selfAsserted = name.includes('self-asserted');
  await tally.check(`${path}: signed, ${wanted}`, async () => {
    const signed = await signedBy(document, selfAsserted);
    if (signed === undefined) return;
    const forms: (JsonObject | undefined)[] = [undefined, { checks: [] }, { challenge: CHALLENGE }];
    for (const options of forms) {
      const answer = await api.verifyPresentation(signed, options);
      if (wanted === 'ok') verified(answer);
      else notVerified(answer);
    }
  });
  if (wanted !== 'ok') {
    await tally.check(`${path}: unsigned, ${wanted}`, async () => {
      notVerified(await api.verifyPresentation(document));
    });
  }
}

/**
 * The presentation signed by a holder of ours, its credentials signed too unless they are self-asserted.
 * Nothing if Digital Bazaar's library refuses to sign such a document.
 */
async function signedBy(document: JsonObject, selfAsserted: boolean): Promise<JsonObject | undefined> {
  const suite = bazaar.SUITES[0];
  if (!suite) throw new Error('no suite');
  const key = await bazaar.newKey(suite);
  const text = JSON.stringify(document).replaceAll(SUITE_HOLDER, key.controller);
  const own = object(JSON.parse(text) as Json);
  const credentials = list(own.verifiableCredential);
  try {
    if (!selfAsserted && credentials.length > 0) {
      own.verifiableCredential = await Promise.all(
        credentials.map((one) => bazaar.issue(suite, key, { ...object(one), issuer: key.controller }, [])),
      );
    }
    return await bazaar.sign(suite, key, own, { challenge: CHALLENGE });
  } catch {
    if (wantedToSign(document)) throw new Error('Digital Bazaar does not sign this document');
    return undefined;
  }
}

const wantedToSign = (document: JsonObject): boolean =>
  list(document['@context'])[0] === BASE && list(document.type).includes('VerifiablePresentation') &&
  list(document.verifiableCredential).every((one) => isObject(one) && list(one.type).includes('VerifiableCredential')) &&
  !(typeof document.holder === 'string' && !document.holder.includes(':')) &&
  !(isObject(document.holder) && !String(document.holder.id ?? '').includes(':'));
