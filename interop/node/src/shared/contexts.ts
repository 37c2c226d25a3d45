/** The JSON-LD document loader of the peers: our bundled contexts, did:key, nothing from the network. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { didDocument, verificationMethod } from './did-key.ts';
import type { JsonObject } from './json.ts';

const folder = fileURLToPath(new URL('../../../../crates/jsonld/contexts/', import.meta.url));
const read = new Map<string, JsonObject>();

export interface Loaded {
  contextUrl: null;
  documentUrl: string;
  document: JsonObject;
}

/** Loads a bundled context, or the DID document or verification method of a did:key. */
export async function documentLoader(url: string): Promise<Loaded> {
  return { contextUrl: null, documentUrl: url, document: load(url) };
}

/** The bundled context of a URL; throws if there is none. */
export function context(url: string): JsonObject {
  const known = read.get(url);
  if (known) return known;
  // A file is named after its URL: without the scheme, other characters become underscores.
  const name = url.replace(/^https:\/\//, '').replace(/[^A-Za-z0-9]/g, '_');
  const path = `${folder}${name}.jsonld`;
  if (!existsSync(path)) throw new Error(`no bundled document for ${url}`);
  const document = JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
  read.set(url, document);
  return document;
}

function load(url: string): JsonObject {
  if (!url.startsWith('did:key:')) return context(url);
  return url.includes('#') ? verificationMethod(url) : didDocument(url);
}
