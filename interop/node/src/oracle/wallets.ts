/** Random wallets and queries for credentials, over few names, so that they meet. */
import type { Random } from '../shared/random.ts';
import type { Json, JsonObject } from '../shared/json.ts';

export const FORMATS = ['dc+sd-jwt', 'mso_mdoc', 'jwt_vc_json', 'ldp_vc'] as const;
const NAMES = ['a', 'b', 'c'];
const TYPES = ['urn:t', 'urn:u', 'urn:v'];
const AUTHORITIES = [
  { type: 'aki', values: ['s9tIpPmhxdiuNkHMEWNpYim8S8Y', 'AAAA', 'BBBB'] },
  { type: 'etsi_tl', values: ['https://list.example/tl.xml', 'https://other.example/tl.xml'] },
  { type: 'openid_federation', values: ['https://anchor.example', 'https://other.example'] },
];

export interface Case {
  query: JsonObject;
  credentials: JsonObject[];
}

/** The query and the wallet of a seed. A credential is as our side takes it; `theirs` in `dcql.ts` translates. */
export function wallet(random: Random): Case {
  const credentials = Array.from({ length: random.below(8) }, () => credential(random));
  const count = 1 + random.below(4);
  const queries = Array.from({ length: count }, (_, index) => {
    // Mostly a credential is asked for that is there, or nearly.
    const model = credentials.length > 0 && random.chance(0.8) ? random.pick(credentials) : credential(random);
    return credentialQuery(random, `q${index}`, model);
  });
  const query: JsonObject = { credentials: queries };
  if (random.chance(0.5)) query.credential_sets = Array.from({ length: 1 + random.below(3) }, () => set(random, count));
  return { query, credentials };
}

function some<T>(random: Random, values: readonly T[], most: number): T[] {
  return random.shuffled(values).slice(0, 1 + random.below(most));
}

function credential(random: Random): JsonObject {
  const format = random.pick(FORMATS);
  const made: JsonObject = { format, bound: random.chance(0.8) };
  if (format === 'dc+sd-jwt') made.vct = random.pick(TYPES);
  else if (format === 'mso_mdoc') made.doctype = random.pick(TYPES);
  else made.types = some(random, TYPES, 3);
  made.claims = format === 'mso_mdoc' ? namespaces(random) : members(random, 3);
  if (random.chance(0.5)) {
    const authority = random.pick(AUTHORITIES);
    made.authority = { type: authority.type, values: some(random, authority.values, 2) };
  }
  return made;
}

function namespaces(random: Random): JsonObject {
  return Object.fromEntries(some(random, NAMES, 2).map((name) => [name, members(random, 1)]));
}

function members(random: Random, depth: number): JsonObject {
  return Object.fromEntries(some(random, NAMES, 3).map((name) => [name, value(random, depth - 1)]));
}

function value(random: Random, depth: number): Json {
  if (depth <= 0 || random.chance(0.4)) return random.pick<Json>([0, 1, 2, 'x', 'y', true, false, null]);
  if (random.chance(0.4)) return members(random, depth);
  // Mostly elements of one kind, as in life; an empty array now and then.
  const mixed = random.chance(0.2);
  const objects = random.chance(0.5);
  const element = () => (mixed ? value(random, depth - 1) : objects ? members(random, depth - 1) : random.pick<Json>([0, 1, 'x', 'y']));
  return Array.from({ length: random.below(4) }, element);
}

function credentialQuery(random: Random, id: string, model: JsonObject): JsonObject {
  const made: JsonObject = { id, format: model.format ?? null, meta: meta(random, model) };
  if (random.chance(0.3)) made.require_cryptographic_holder_binding = random.chance(0.3);
  if (random.chance(0.2)) made.multiple = random.chance(0.5);
  if (random.chance(0.15)) {
    made.trusted_authorities = some(random, AUTHORITIES, 2).map(({ type, values }) => ({ type, values: some(random, values, 2) }));
  }
  if (random.chance(0.85)) claims(random, made, model);
  return made;
}

function meta(random: Random, model: JsonObject): JsonObject {
  if (model.vct) return { vct_values: [...new Set([...some(random, TYPES, 2), model.vct])] };
  if (model.doctype) return { doctype_value: model.doctype };
  return { type_values: Array.from({ length: 1 + random.below(2) }, () => some(random, TYPES, 2)) };
}

function claims(random: Random, query: JsonObject, model: JsonObject): void {
  const mdoc = model.format === 'mso_mdoc';
  const paths = Array.from({ length: 1 + random.below(3) }, () => {
    if (random.chance(0.9)) return walk(random, model.claims ?? null, mdoc);
    return [random.pick(NAMES), mdoc ? random.pick(NAMES) : random.pick<Json>([null, 0, ...NAMES])];
  });
  const unique = [...new Map(paths.map((one) => [JSON.stringify(one), one])).values()];
  const sets = random.chance(0.4);
  query.claims = unique.map((one, index) => {
    const claim: JsonObject = { path: one };
    if (sets || random.chance(0.2)) claim.id = `c${index}`;
    if (random.chance(0.25)) claim.values = some<Json>(random, [0, 1, 2, 'x', 'y', true], 4);
    if (mdoc && random.chance(0.3)) claim.intent_to_retain = random.chance(0.5);
    return claim;
  });
  const ids = unique.map((_, index) => `c${index}`);
  if (sets) query.claim_sets = Array.from({ length: 1 + random.below(3) }, () => some(random, ids, ids.length));
}

/** A path into `value`: to the end for an mdoc, some way otherwise. */
function walk(random: Random, value: Json, mdoc: boolean): Json[] {
  const path: Json[] = [];
  for (let here: Json | undefined = value; typeof here === 'object' && here !== null; ) {
    if (path.length > 0 && !mdoc && random.chance(0.3)) break;
    const names: Json[] = Array.isArray(here) ? [...here.keys(), null, null] : Object.keys(here);
    if (names.length === 0) break;
    const step = random.pick(names);
    path.push(step);
    here = Array.isArray(here) ? here[step === null ? 0 : Number(step)] : here[String(step)];
  }
  return path;
}

function set(random: Random, count: number): JsonObject {
  const ids = Array.from({ length: count }, (_, index) => `q${index}`);
  const made: JsonObject = { options: Array.from({ length: 1 + random.below(3) }, () => some(random, ids, 2)) };
  if (random.chance(0.5)) made.required = random.chance(0.5);
  return made;
}
