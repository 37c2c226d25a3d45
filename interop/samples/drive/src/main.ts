/** The document's commands, and the samples, against our servers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Tally } from '../../../node/src/shared/tally.ts';
import { readDocument, type Setting } from './guide.ts';
import { issueAndVerify } from './rust.ts';
import { drive, type Sample } from './shop.ts';
import { World } from './world.ts';

const here = resolve(import.meta.dirname, '../..');
const only = process.argv.slice(2);
const binary = process.env.SINPYO_BIN;
if (!binary) throw new Error('SINPYO_BIN is not set');

const samples: Sample[] = [
  { name: 'express', version: npmVersion('express'), command: ['node', 'shop.js'], folder: join(here, 'express') },
  { name: 'flask', version: pipVersion('flask'), command: ['.venv/bin/python', '-B', 'shop.py'], folder: join(here, 'python') },
  { name: 'spring-mvc', version: '4.3.30', command: ['java', '-cp', process.env.SPRING_PATH ?? '', 'Main'], folder: join(here, 'spring') },
];

const folder = mkdtempSync(join(tmpdir(), 'sinpyo-samples-'));
const environment = { ...process.env, PATH: `${dirname(binary)}:${process.env.PATH}`, LANG: 'ko_KR.UTF-8', LC_ALL: 'C.UTF-8' };
let isFine = true;
let setting: Setting | undefined;
try {
  const guide = new Tally('docs/openid.md', '1');
  setting = await readDocument(resolve(here, '../../docs/openid.md'), folder, environment, guide);
  isFine = guide.finish();
  for (const sample of wanted(samples)) {
    const tally = new Tally(`sample ${sample.name}`, sample.version);
    const world = new World(folder, setting.environment, setting.shop);
    await tally.check('it starts and ends', () => drive(sample, world, tally));
    if (sample.name === 'spring-mvc') tally.unsupported('Spring Boot: there is no Maven repository to fetch it from');
    isFine = tally.finish() && isFine;
  }
  if (only.length === 0 || only.includes('rust')) {
    const tally = new Tally('sample rust', '2024');
    await tally.check('both start and end', () => issueAndVerify(new World(folder, setting!.environment, setting!.shop), tally));
    isFine = tally.finish() && isFine;
  }
} finally {
  setting?.end();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isFine ? 0 : 1;

function wanted(all: Sample[]): Sample[] {
  return all.filter((sample) => only.length === 0 || only.includes(sample.name));
}

function npmVersion(name: string): string {
  const file = join(here, 'express/node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function pipVersion(name: string): string {
  const pinned = readFileSync(join(here, 'python/requirements.txt'), 'utf8');
  return new RegExp(`^${name}==(\\S+)`, 'm').exec(pinned)?.[1] ?? '?';
}
