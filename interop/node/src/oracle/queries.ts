/** `dcql` and our matcher on random queries over random wallets. */
import { DcqlQuery } from 'dcql';
import type { DcqlCredential } from 'dcql';
import { Random } from '../shared/random.ts';
import type { Bridge } from '../shared/bridge.ts';
import { list, object } from '../shared/json.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { Tally } from '../shared/tally.ts';
import { version } from '../shared/version.ts';
import { wallet } from './wallets.ts';

const QUERIES = Number(process.env.ORACLE_QUERIES ?? 1000);

/** Which credentials answer a credential query, by which claims. */
type Fits = { credential: Json; claimSet: Json; claims: string[] }[];

interface Outcome {
  satisfiable: boolean;
  queries: Record<string, Fits>;
  /** The options of each set that can be answered; only if the query has sets. */
  sets?: Json;
}

/** Where the two may differ, by the clause of OpenID4VP 1.0 that says otherwise than `dcql` does. */
const KIND = '§7.1 step 2: a value of another kind ends the processing; dcql passes over it';
const NULL = '§7.1 step 2: a member whose value is null exists; dcql takes it for absent';
const EMPTY = '§7.1 step 3: selecting nothing is an error; dcql finds a claim among no elements';

export async function queries(bridge: Bridge, firstSeed: number): Promise<boolean> {
  const tally = new Tally('dcql', version('dcql'), 'failures');
  const differences: Record<string, number> = {};
  let [same, satisfiable, fits] = [0, 0, 0];
  for (let index = 0; index < QUERIES; index += 1) {
    const seed = firstSeed + index;
    const { query, credentials } = wallet(new Random(seed));
    await tally.check(`query of seed ${seed}`, async () => {
      const [mine, other] = [await ours(bridge, query, credentials), theirs(query, credentials)];
      satisfiable += mine.satisfiable ? 1 : 0;
      fits += Object.values(mine.queries).flat().length;
      if (JSON.stringify(mine) === JSON.stringify(other)) {
        same += 1;
        return;
      }
      const clauses = await explain(bridge, query, credentials);
      if (clauses.size === 0) throw new Error(`ours ${JSON.stringify(mine)} / theirs ${JSON.stringify(other)}`);
      for (const clause of clauses) differences[clause] = (differences[clause] ?? 0) + 1;
    });
  }
  tally.fact('seed', firstSeed);
  tally.fact('compared', QUERIES);
  tally.fact('same', same);
  tally.fact('differences', differences);
  tally.fact('satisfiable', satisfiable);
  tally.fact('fits', fits);
  if (satisfiable * 10 < QUERIES) throw new Error('too few queries can be satisfied');
  return tally.finish();
}

async function ours(bridge: Bridge, query: JsonObject, credentials: JsonObject[]): Promise<Outcome> {
  const answer = await bridge.call('dcql.matches', { query, credentials });
  const fit = (value: Json) => {
    const { credential = null, claimSet = null, claims } = object(value);
    return { credential, claimSet, claims: list(claims).map((path) => JSON.stringify(path)).sort() };
  };
  const found = Object.entries(object(answer.queries)).map(([id, fits]) => [id, list(fits).map(fit)] as const);
  const outcome: Outcome = { satisfiable: answer.satisfiable === true, queries: Object.fromEntries(found.sort()) };
  if (query.credential_sets !== undefined) outcome.sets = answer.sets ?? null;
  return outcome;
}

function theirs(query: JsonObject, credentials: JsonObject[]): Outcome {
  const parsed = DcqlQuery.parse(structuredClone(query) as DcqlQuery.Input);
  DcqlQuery.validate(parsed);
  const result = DcqlQuery.query(parsed, credentials.map(translated));
  const found = list(query.credentials).map((value) => {
    const { id, claims } = object(value);
    const matched = result.credential_matches[String(id)]?.valid_credentials ?? [];
    const fits: Fits = matched.map((credential) => {
      const [first] = credential.claims.valid_claim_sets;
      const shown = [...new Set(first.valid_claim_indexes ?? [])].map((n) => JSON.stringify(object(list(claims)[n]).path));
      return { credential: credential.input_credential_index, claimSet: first.claim_set_index ?? null, claims: shown.sort() };
    });
    return [String(id), fits] as const;
  });
  const outcome: Outcome = { satisfiable: result.can_be_satisfied, queries: Object.fromEntries(found) };
  if (result.credential_sets) outcome.sets = result.credential_sets.map((set) => (set.matching_options ?? []) as Json);
  return outcome;
}

function translated(credential: JsonObject): DcqlCredential {
  const { format, bound, types, claims, ...rest } = structuredClone(credential);
  const made: JsonObject = { ...rest, credential_format: format ?? null, cryptographic_holder_binding: bound ?? null };
  if (types !== undefined) made.type = types;
  made[format === 'mso_mdoc' ? 'namespaces' : 'claims'] = claims ?? null;
  return made as unknown as DcqlCredential;
}

/** The clauses on which the two differ: each claim is asked for by itself of each credential. */
async function explain(bridge: Bridge, query: JsonObject, credentials: JsonObject[]): Promise<Set<string>> {
  const clauses = new Set<string>();
  for (const value of list(query.credentials)) {
    const { id = null, format = null, meta = null, claims } = object(value);
    for (const claim of list(claims)) {
      for (const credential of credentials.filter((one) => one.format === format)) {
        const alone: JsonObject = { id, format, meta, claims: [claim], require_cryptographic_holder_binding: false };
        const single = { credentials: [alone] };
        const mine = await ours(bridge, single, [credential]);
        if (JSON.stringify(mine) === JSON.stringify(theirs(single, [credential]))) continue;
        const clause = clauseOf(list(object(claim).path), object(credential.claims), mine.satisfiable);
        if (clause === undefined) throw new Error(`${JSON.stringify(claim)} in ${JSON.stringify(credential)}: ours ${mine.satisfiable}`);
        clauses.add(clause);
      }
    }
  }
  return clauses;
}

/** What is special about where `path` leads; only what explains that we find the claim, or do not. */
function clauseOf(path: Json[], claims: JsonObject, found: boolean): string | undefined {
  let selected: Json[] = [claims];
  for (const step of path) {
    const next: Json[] = [];
    for (const value of selected) {
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (typeof step === 'string' ? !isObject : !Array.isArray(value)) return found ? undefined : KIND;
      if (typeof step === 'string') {
        const member = object(value)[step];
        if (member !== undefined) next.push(member);
      } else if (step === null) next.push(...list(value));
      else next.push(...list(value).slice(Number(step), Number(step) + 1));
    }
    selected = next;
  }
  if (selected.length === 0) return found ? undefined : EMPTY;
  return found && selected.includes(null) ? NULL : undefined;
}
