/** Digital Bazaar's libraries, one table row per cryptosuite. */
import { createDiscloseCryptosuite as discloseBbs, createSignCryptosuite as signBbs } from '@digitalbazaar/bbs-2023-cryptosuite';
import { createVerifyCryptosuite as verifyBbs } from '@digitalbazaar/bbs-2023-cryptosuite';
import { generateBbsKeyPair } from '@digitalbazaar/bls12-381-multikey';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as ecdsaKey from '@digitalbazaar/ecdsa-multikey';
import { cryptosuite as ecdsaRdfc } from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as ed25519Key from '@digitalbazaar/ed25519-multikey';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import { cryptosuite as eddsaRdfc } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import jsigs from 'jsonld-signatures';
import { documentLoader } from './contexts.ts';
import type { JsonObject } from './json.ts';

type Pointers = string[];

export interface Suite {
  /** The registered name of the cryptosuite. */
  name: string;
  /** The key algorithm, in the words of our bridge. */
  algorithm: 'Ed25519' | 'ES256' | 'ES384' | 'BLS12-381';
  /** The npm package. */
  package: string;
  generate(): Promise<MultikeyPair>;
  /** The suite for signing; the pointers are for the selective ones only. */
  sign(mandatory: Pointers): Cryptosuite;
  verify(): Cryptosuite;
  /** The suite for deriving; absent where nothing is derived. */
  disclose?(selective: Pointers): Cryptosuite;
}

const ed25519 = { algorithm: 'Ed25519' as const, generate: () => ed25519Key.generate() };
const p256 = { algorithm: 'ES256' as const, generate: () => ecdsaKey.generate({ curve: 'P-256' }) };
const p384 = { algorithm: 'ES384' as const, generate: () => ecdsaKey.generate({ curve: 'P-384' }) };
const bls = {
  algorithm: 'BLS12-381' as const,
  generate: () => generateBbsKeyPair({ algorithm: 'BBS-BLS12-381-SHA-256' }),
};
const ecdsaRdfcSuite = { sign: () => ecdsaRdfc, verify: () => ecdsaRdfc };
const ecdsaJcsSuite = { sign: ecdsaJcs.createSignCryptosuite, verify: ecdsaJcs.createVerifyCryptosuite };

const packaged = (name: string) => ({ name, package: `@digitalbazaar/${name}-cryptosuite` });

export const SUITES: readonly Suite[] = [
  { ...packaged('eddsa-rdfc-2022'), ...ed25519, sign: () => eddsaRdfc, verify: () => eddsaRdfc },
  {
    ...packaged('eddsa-jcs-2022'),
    ...ed25519,
    sign: eddsaJcs.createSignCryptosuite,
    verify: eddsaJcs.createVerifyCryptosuite,
  },
  { ...packaged('ecdsa-rdfc-2019'), ...p256, ...ecdsaRdfcSuite },
  { ...packaged('ecdsa-rdfc-2019'), ...p384, ...ecdsaRdfcSuite },
  { ...packaged('ecdsa-jcs-2019'), ...p256, ...ecdsaJcsSuite },
  { ...packaged('ecdsa-jcs-2019'), ...p384, ...ecdsaJcsSuite },
  {
    ...packaged('ecdsa-sd-2023'),
    ...p256,
    sign: (mandatoryPointers) => ecdsaSd.createSignCryptosuite({ mandatoryPointers }),
    verify: ecdsaSd.createVerifyCryptosuite,
    disclose: (selectivePointers) => ecdsaSd.createDiscloseCryptosuite({ selectivePointers }),
  },
  {
    ...packaged('bbs-2023'),
    ...bls,
    sign: (mandatoryPointers) => signBbs({ mandatoryPointers }),
    verify: verifyBbs,
    disclose: (selectivePointers) => discloseBbs({ selectivePointers }),
  },
];

/** A key pair with its did:key as controller. */
export async function newKey(suite: Suite): Promise<MultikeyPair> {
  const key = await suite.generate();
  key.controller = `did:key:${key.publicKeyMultibase}`;
  key.id = `${key.controller}#${key.publicKeyMultibase}`;
  return key;
}

export function issue(suite: Suite, key: MultikeyPair, credential: JsonObject, mandatory: Pointers): Promise<JsonObject> {
  const proof = new DataIntegrityProof({ signer: { ...key.signer(), id: key.id }, cryptosuite: suite.sign(mandatory) });
  return vc.issue({ credential: structuredClone(credential), suite: proof, documentLoader });
}

export function derive(suite: Suite, credential: JsonObject, selective: Pointers): Promise<JsonObject> {
  if (!suite.disclose) throw new Error(`${suite.name} derives nothing`);
  const proof = new DataIntegrityProof({ cryptosuite: suite.disclose(selective) });
  return vc.derive({ verifiableCredential: structuredClone(credential), suite: proof, documentLoader });
}

/** Throws unless their verifier accepts. */
export async function verify(suite: Suite, credential: JsonObject): Promise<void> {
  const proof = new DataIntegrityProof({ cryptosuite: suite.verify() });
  const result = await vc.verifyCredential({ credential: structuredClone(credential), suite: proof, documentLoader });
  if (!result.verified) throw new Error(`they refuse: ${reasons(result.error)}`);
}

export function signPresentation(
  suite: Suite,
  key: MultikeyPair,
  presentation: JsonObject,
  binding: { challenge: string; domain?: string },
): Promise<JsonObject> {
  const proof = new DataIntegrityProof({ signer: { ...key.signer(), id: key.id }, cryptosuite: suite.sign([]) });
  return vc.signPresentation({ presentation: structuredClone(presentation), suite: proof, documentLoader, ...binding });
}

/** Throws unless their verifier accepts the presentation and its credentials. */
export async function verifyPresentation(
  suite: Suite,
  presentation: JsonObject,
  binding: { challenge: string; domain?: string },
): Promise<void> {
  const proof = new DataIntegrityProof({ cryptosuite: suite.verify() });
  const result = await vc.verify({ presentation: structuredClone(presentation), suite: proof, documentLoader, ...binding });
  if (!result.verified) throw new Error(`they refuse: ${reasons(result.error)}`);
}

/** The messages inside their nested errors. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = (error as Error & { errors?: unknown[] }).errors ?? [];
  return [error.message, ...inner.map(reasons)].join(' / ');
}

/** Signs a document as it is: without the checks that their presentation functions make first. */
export function sign(suite: Suite, key: MultikeyPair, document: JsonObject, binding: { challenge: string; domain?: string }): Promise<JsonObject> {
  const proof = new DataIntegrityProof({ signer: { ...key.signer(), id: key.id }, cryptosuite: suite.sign([]) });
  const purpose = new jsigs.purposes.AuthenticationProofPurpose(binding);
  return jsigs.sign(structuredClone(document), { suite: proof, purpose, documentLoader });
}
