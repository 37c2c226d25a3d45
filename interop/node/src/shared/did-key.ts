/** did:key documents, as the peers' document loaders want them. */
import type { JsonObject } from './json.ts';

const MULTIKEY = 'https://w3id.org/security/multikey/v1';

/** The document of a did:key: its one key may assert and authenticate. */
export function didDocument(did: string): JsonObject {
  const id = `${did}#${did.slice('did:key:'.length)}`;
  return {
    '@context': ['https://www.w3.org/ns/did/v1', MULTIKEY],
    id: did,
    verificationMethod: [method(id)],
    assertionMethod: [id],
    authentication: [id],
    capabilityInvocation: [id],
    capabilityDelegation: [id],
  };
}

/** The verification method of a did:key, by its DID URL. */
export function verificationMethod(url: string): JsonObject {
  return { '@context': MULTIKEY, ...method(url) };
}

function method(url: string): JsonObject {
  const [controller = '', key = ''] = url.split('#');
  if (controller !== `did:key:${key}`) throw new Error(`no such verification method: ${url}`);
  return { id: url, type: 'Multikey', controller, publicKeyMultibase: key };
}
