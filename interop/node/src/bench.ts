/** How long Digital Bazaar's libraries take, per suite: medians in µs as JSON lines. */
import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';
import { documentLoader } from './shared/contexts.ts';
import * as bazaar from './shared/digital-bazaar.ts';
import { MANDATORY, SELECTIVE, residentCard } from './shared/documents.ts';
import type { JsonObject } from './shared/json.ts';
import { object } from './shared/json.ts';
import { version } from './shared/version.ts';

const WARM_UP = 10;
const RUNS = 60;
const QUADS = 27;

/** The credential of the comparison: 27 statements; `BENCH_DOCUMENT` names a file with another. */
function document(issuer: string): JsonObject {
  const path = process.env.BENCH_DOCUMENT;
  if (path) return { ...(JSON.parse(readFileSync(path, 'utf8')) as JsonObject), issuer };
  const card = residentCard(issuer);
  return {
    ...card,
    id: 'urn:uuid:0c9d4f0a-77fd-4b1e-9c6c-2a1f0f6b8a11',
    credentialSubject: {
      ...object(card.credentialSubject),
      id: 'did:example:b34ca6cd37bbf23',
      additionalName: 'Q',
      commuterClassification: 'C1',
      formerNationality: ['Utopia', 'Arcadia', 'Laputa'],
    },
  };
}

async function median(run: () => Promise<unknown>): Promise<number> {
  for (let index = 0; index < WARM_UP; index += 1) await run();
  const times: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const start = process.hrtime.bigint();
    await run();
    times.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  times.sort((a, b) => a - b);
  return Math.round(((times[RUNS / 2 - 1] ?? 0) + (times[RUNS / 2] ?? 0)) / 2);
}

function row(suite: bazaar.Suite, operation: string, value: number, quads: number): void {
  const library = `${suite.package} ${version(suite.package)} (Node ${process.version})`;
  console.log(JSON.stringify({ name: `${suite.name} ${operation}`, value, unit: 'us', library, algorithm: suite.algorithm, runs: RUNS, quads }));
}

async function quadsOf(credential: JsonObject): Promise<number> {
  const text = await jsonld.canonize(credential, {
    algorithm: 'RDFC-1.0',
    format: 'application/n-quads',
    safe: true,
    rdfDirection: 'i18n-datatype',
    documentLoader,
  });
  return text.trimEnd().split('\n').length;
}

for (const suite of bazaar.SUITES) {
  const key = await bazaar.newKey(suite);
  const credential = document(key.controller);
  const quads = await quadsOf(credential);
  if (!process.env.BENCH_DOCUMENT && quads !== QUADS) throw new Error(`${quads} statements, not ${QUADS}`);
  let signed = await bazaar.issue(suite, key, credential, MANDATORY);
  if (suite.disclose) {
    const base = signed;
    row(suite, 'derive', await median(() => bazaar.derive(suite, base, SELECTIVE)), quads);
    signed = await bazaar.derive(suite, base, SELECTIVE);
  }
  const wire = JSON.stringify(signed);
  row(suite, 'verify', await median(() => bazaar.verify(suite, JSON.parse(wire) as JsonObject)), quads);
}
