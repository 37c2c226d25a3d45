/** Oracles that are not in our path: `rdf-canonize` on random graphs, `jsonld` on random credentials, `dcql` on random queries. */
import jsonld from 'jsonld';
import { canonize } from 'rdf-canonize';
import { COURSE, COURSE_URL, document } from './oracle/credentials.ts';
import { graph } from './oracle/graphs.ts';
import { queries } from './oracle/queries.ts';
import { Bridge, Refused } from './shared/bridge.ts';
import { documentLoader } from './shared/contexts.ts';
import { string } from './shared/json.ts';
import type { JsonObject } from './shared/json.ts';
import { rejects } from './shared/refusal.ts';
import { Tally } from './shared/tally.ts';
import { version } from './shared/version.ts';

const GRAPHS = Number(process.env.ORACLE_GRAPHS ?? 5000);
const DOCUMENTS = Number(process.env.ORACLE_DOCUMENTS ?? 1000);
const SEED = Number(process.env.ORACLE_SEED ?? 20261122);
/** The rule by which we refuse a graph for the work that it takes. */
const WORK_LIMIT = 'RDF-01';
const THEIR_DEFAULT = 1;
const PATIENT = 3;
const RDFC = { algorithm: 'RDFC-1.0', format: 'application/n-quads' } as const;

const contexts: JsonObject = { [COURSE_URL]: { '@context': COURSE } };
const CANONIZE = {
  ...RDFC,
  safe: true,
  rdfDirection: 'i18n-datatype',
  async documentLoader(url: string) {
    if (url !== COURSE_URL) return documentLoader(url);
    return { contextUrl: null, documentUrl: url, document: { '@context': COURSE } };
  },
} as const;

/** Compares until `GRAPHS` were compared. What we refuse for its work, their default refuses too. */
async function graphs(bridge: Bridge): Promise<boolean> {
  const tally = new Tally('rdf-canonize', version('rdf-canonize'), 'failures');
  let [compared, symmetric, refused] = [0, 0, 0];
  for (let seed = SEED; compared < GRAPHS; seed += 1) {
    const made = graph(seed);
    // Every tenth with SHA-384.
    const hash = seed % 10 === 9 ? 'sha384' : 'sha256';
    await tally.check(`graph of seed ${seed}, ${hash}`, async () => {
      const ours = await bridge.call('rdf.canonicalize', { nquads: made.nquads, hash }).catch((error: unknown) => {
        if (error instanceof Refused && error.code === WORK_LIMIT) return undefined;
        throw error;
      });
      if (ours === undefined) {
        refused += 1;
        await rejects(theirs(made.nquads, hash, THEIR_DEFAULT));
        return;
      }
      compared += 1;
      symmetric += made.symmetric ? 1 : 0;
      same(string(ours.nquads, 'nquads'), await theirs(made.nquads, hash, PATIENT));
    });
    if (seed - SEED > GRAPHS * 2) throw new Error('too few graphs could be compared');
  }
  tally.fact('seed', SEED);
  tally.fact('compared', compared);
  tally.fact('symmetric', symmetric);
  tally.fact('overWorkLimit', refused);
  if (symmetric * 2 < compared) throw new Error('too few symmetric graphs');
  return tally.finish();
}

function theirs(nquads: string, hash: 'sha256' | 'sha384', maxWorkFactor: number): Promise<string> {
  return canonize(nquads, { ...RDFC, inputFormat: 'application/n-quads', messageDigestAlgorithm: hash, maxWorkFactor });
}

async function documents(bridge: Bridge): Promise<boolean> {
  const tally = new Tally('jsonld', version('jsonld'), 'failures');
  let [compiled, inline] = [0, 0];
  for (let index = 0; index < DOCUMENTS; index += 1) {
    const seed = SEED + index;
    const made = document(seed);
    inline += JSON.stringify(made).includes('"@version"') ? 1 : 0;
    await tally.check(`document of seed ${seed}`, async () => {
      const theirs = await jsonld.canonize(structuredClone(made), CANONIZE);
      const ours = await bridge.call('jsonld.canonicalize', { document: made, contexts });
      compiled += ours.compiled === true ? 1 : 0;
      same(string(ours.nquads, 'nquads'), theirs);
    });
  }
  tally.fact('seed', SEED);
  tally.fact('compared', DOCUMENTS);
  tally.fact('compiled', compiled / DOCUMENTS);
  tally.fact('inlineContexts', inline / DOCUMENTS);
  return tally.finish();
}

function same(ours: string, theirs: string): void {
  if (ours === theirs) return;
  const [left, right] = [ours.split('\n'), theirs.split('\n')];
  const only = (some: string[], others: string[]) => some.filter((line) => !others.includes(line)).slice(0, 3).join(' ');
  throw new Error(`only ours: ${only(left, right)} / only theirs: ${only(right, left)}`);
}

const bridge = new Bridge();
const results = [await graphs(bridge), await documents(bridge), await queries(bridge, SEED)];
bridge.close();
process.exitCode = results.every(Boolean) ? 0 : 1;
