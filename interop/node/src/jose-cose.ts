/** Drives `sinpyo conformance jose-cose` as W3C's suite does, and verifies what it issued (and its altered twins). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CASES } from './jose-cose/mapping.ts';
import type { Case, Function } from './jose-cose/mapping.ts';
import { required } from './shared/bridge.ts';
import { brief, object, string } from './shared/json.ts';
import type { JsonObject } from './shared/json.ts';
import { Tally } from './shared/tally.ts';
import { altered } from './shared/tamper.ts';

/** Between the `iat` and the `exp` of the presentations that must verify. */
const NOW = '2024-12-16T02:00:00Z';
const TYPES: Record<string, string> = { jose: '+jwt', sdjwt: '+sd-jwt' };

const fixtures = join(required('SINPYO_VECTORS'), 'vc-jose-cose-testsuite-input');
const scratch = mkdtempSync(join(tmpdir(), 'jose-cose-'));

interface Call {
  run: Function;
  input: string;
  key: string;
  feature: string;
  paths?: string[];
}
interface Answer {
  result: string;
  data: string;
}

let calls = 0;

/** Runs the command once; it must end with 0 and write its answer. */
function command(call: Call): Answer {
  calls += 1;
  const output = join(scratch, `output-${calls}.json`);
  const parameters = ['conformance', 'jose-cose', call.run, '--input', call.input, '--key', call.key];
  parameters.push('--feature', call.feature, '--output', output, '--now', NOW);
  if (call.paths) parameters.push('--sd', JSON.stringify(call.paths));
  const done = spawnSync(required('SINPYO_BIN'), parameters, { cwd: fixtures, encoding: 'utf8', timeout: 60_000 });
  if (done.status !== 0) throw new Error(`ended with ${done.status}: ${brief(done.stderr)}`);
  const answer = JSON.parse(readFileSync(output, 'utf8')) as JsonObject;
  const data = typeof answer.data === 'string' ? answer.data : JSON.stringify(answer.data ?? '');
  return { result: string(answer.result, 'result'), data };
}

const keyFile = (key: Case['key']): string => join(fixtures, `vm-${key}.json`);

function expect(answer: Answer, result: string): void {
  if (answer.result !== result) throw new Error(`result is ${answer.result}, not ${result}: ${brief(answer.data)}`);
}

function written(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

/** The issued token verifies with its key, says what went in, and no twin of it verifies. */
async function issued(tally: Tally, one: Case, token: string): Promise<void> {
  const { feature } = one;
  const verify = (input: string, key: Case['key']) => command({ run: 'verify', input, key: keyFile(key), feature });
  await tally.check(`${one.number}: what was issued verifies and says what went in`, () => {
    const answer = verify(written(`${one.number}.txt`, token), one.key);
    expect(answer, 'success');
    const [seen, given] = [answer.data, readFileSync(join(fixtures, one.input), 'utf8')].map(
      (text) => object(JSON.parse(text), 'document'),
    );
    for (const [name, value] of Object.entries(given ?? {})) {
      if (canonical(seen?.[name]) !== canonical(value)) throw new Error(`${name} differs: ${brief(seen?.[name])}`);
    }
  });
  await tally.check(`${one.number}: its header names the media type`, () => {
    const kind = feature.startsWith('credential') ? 'vc' : 'vp';
    const form = feature.split('_')[1] ?? '';
    if (form === 'cose') {
      const bytes = Buffer.from(token, 'base64');
      if (bytes[0] !== 0xd2 || !bytes.includes(`application/${kind}+cose`)) throw new Error('not a COSE_Sign1 of this type');
      return;
    }
    const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as JsonObject;
    if (header.typ !== `${kind}${TYPES[form]}`) throw new Error(`typ is ${brief(header.typ)}`);
    if (!header.kid) throw new Error('there is no kid');
  });
  const signature = token.includes('~') ? token.indexOf('~') - 20 : -20;
  const twins: [string, string, Case['key']][] = [
    ['an altered signature', altered(token, signature), one.key],
    ['another key', token, one.key === 'p256' ? 'p384' : 'p256'],
    ['an altered payload', altered(token, Math.floor((token.split('~')[0] ?? '').length / 2)), one.key],
    ['half of it', token.slice(0, Math.floor(token.length / 2)), one.key],
    ['nothing', '', one.key],
  ];
  for (const [what, text, key] of twins) {
    await tally.check(`${one.number}: ${what} does not verify`, () => {
      const answer = verify(written(`${one.number}-twin.txt`, text), key);
      if (answer.result === 'success') throw new Error('it verified');
    });
  }
}

/** JSON with sorted members: order does not matter in the comparison. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? 'undefined';
}

const tally = new Tally('vc-jose-cose', 'ff6be51');
await tally.check('every fixture is used', () => {
  const used = new Set(CASES.map((one) => one.input));
  const unused = readdirSync(fixtures).filter((name) => !name.startsWith('vm-') && !used.has(name));
  if (unused.length > 0) throw new Error(unused.join(', '));
});
for (const one of CASES) {
  let token = '';
  await tally.check(`${one.number}: ${one.run} ${one.feature} ${one.input}: ${one.expected}`, () => {
    const input = join(fixtures, one.input);
    const answer = command({ ...one, input, key: keyFile(one.key) });
    expect(answer, one.expected);
    token = answer.data;
  });
  if (one.run === 'issue' && one.expected === 'success') await issued(tally, one, token);
}
const fine = tally.finish();
rmSync(scratch, { recursive: true });
process.exitCode = fine ? 0 : 1;
