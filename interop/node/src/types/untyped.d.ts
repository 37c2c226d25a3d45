/** The parts we use of packages that come without types. */

interface Signer {
  id: string;
  algorithm: string;
}
interface MultikeyPair {
  id: string;
  controller: string;
  publicKeyMultibase: string;
  secretKeyMultibase: string;
  signer(): Signer;
}
interface KeyMaterial {
  id: string;
  controller: string;
  publicKeyMultibase: string;
  secretKeyMultibase: string;
}
interface Cryptosuite {
  name: string;
}
type JsonDocument = import('../shared/json.ts').JsonObject;
type DocumentLoader = (url: string) => Promise<{ document: JsonDocument }>;
interface VerifyResult {
  verified: boolean;
  error?: unknown;
}

declare module '@digitalbazaar/ed25519-multikey' {
  export function generate(options?: { id?: string; controller?: string }): Promise<MultikeyPair>;
  export function from(key: KeyMaterial): Promise<MultikeyPair>;
}
declare module '@digitalbazaar/ecdsa-multikey' {
  export function generate(options: { curve: 'P-256' | 'P-384' }): Promise<MultikeyPair>;
  export function from(key: KeyMaterial): Promise<MultikeyPair>;
}
declare module '@digitalbazaar/bls12-381-multikey' {
  export function generateBbsKeyPair(options: { algorithm: string }): Promise<MultikeyPair>;
}
declare module '@digitalbazaar/eddsa-rdfc-2022-cryptosuite' {
  export const cryptosuite: Cryptosuite;
}
declare module '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite' {
  export const cryptosuite: Cryptosuite;
}
declare module '@digitalbazaar/eddsa-jcs-2022-cryptosuite' {
  export function createSignCryptosuite(): Cryptosuite;
  export function createVerifyCryptosuite(): Cryptosuite;
}
declare module '@digitalbazaar/ecdsa-jcs-2019-cryptosuite' {
  export function createSignCryptosuite(): Cryptosuite;
  export function createVerifyCryptosuite(): Cryptosuite;
}
declare module '@digitalbazaar/ecdsa-sd-2023-cryptosuite' {
  export function createSignCryptosuite(options: { mandatoryPointers: string[] }): Cryptosuite;
  export function createDiscloseCryptosuite(options: { selectivePointers: string[] }): Cryptosuite;
  export function createVerifyCryptosuite(): Cryptosuite;
}
declare module '@digitalbazaar/bbs-2023-cryptosuite' {
  export function createSignCryptosuite(options: { mandatoryPointers: string[] }): Cryptosuite;
  export function createDiscloseCryptosuite(options: { selectivePointers: string[] }): Cryptosuite;
  export function createVerifyCryptosuite(): Cryptosuite;
}
declare module '@digitalbazaar/data-integrity' {
  export class DataIntegrityProof {
    constructor(options: { signer?: Signer; cryptosuite: Cryptosuite; date?: string });
  }
}
declare module '@digitalbazaar/vc' {
  interface Options {
    suite: object;
    documentLoader: DocumentLoader;
  }
  export function issue(options: Options & { credential: JsonDocument }): Promise<JsonDocument>;
  export function derive(options: Options & { verifiableCredential: JsonDocument }): Promise<JsonDocument>;
  export function verifyCredential(options: Options & { credential: JsonDocument }): Promise<VerifyResult>;
  export function signPresentation(
    options: Options & { presentation: JsonDocument; challenge: string; domain?: string },
  ): Promise<JsonDocument>;
  export function verify(
    options: Options & {
      presentation: JsonDocument;
      challenge: string;
      domain?: string;
      unsignedPresentation?: boolean;
    },
  ): Promise<VerifyResult>;
}
declare module 'jsonld-signatures' {
  interface Options {
    suite: object;
    purpose: object;
    documentLoader: DocumentLoader;
  }
  const jsigs: {
    purposes: {
      AssertionProofPurpose: new () => object;
      AuthenticationProofPurpose: new (options: { challenge: string; domain?: string }) => object;
    };
    sign(document: JsonDocument, options: Options): Promise<JsonDocument>;
  };
  export default jsigs;
}
declare module 'rdf-canonize' {
  export function canonize(
    dataset: string,
    options: {
      algorithm: 'RDFC-1.0';
      inputFormat: 'application/n-quads';
      format: 'application/n-quads';
      messageDigestAlgorithm?: 'sha256' | 'sha384';
      maxWorkFactor?: number;
    },
  ): Promise<string>;
}
declare module 'jsonld' {
  interface ToRdfOptions {
    algorithm: 'RDFC-1.0';
    format: 'application/n-quads';
    safe: boolean;
    documentLoader: DocumentLoader;
    rdfDirection?: string;
  }
  const jsonld: {
    canonize(document: JsonDocument, options: ToRdfOptions): Promise<string>;
  };
  export default jsonld;
}
