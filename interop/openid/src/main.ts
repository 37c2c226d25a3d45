/** Starts our side, then each peer in a process of its own, one after the other; each prints its own lines. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Running, build } from './shared/town.ts';

const PROGRAMS = ['openid4vc-wallet', 'credo-wallet', 'digital-bazaar-wallet', 'readers', 'openid4vc-issuer', 'openid4vc-verifier'];

/** After so long a program hangs, in ms. */
const LIMIT = 300_000;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PROGRAMS.includes(name));
if (unknown.length > 0) throw new Error(`programs: ${PROGRAMS.join(', ')}`);
const running = new Running();
try {
  const file = join(running.folder, 'town.json');
  writeFileSync(file, JSON.stringify(await build(running)), { mode: 0o600 });
  for (const name of PROGRAMS.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    if (!(await ranWell(name, file))) process.exitCode = 1;
  }
} finally {
  running.stop();
}

function ranWell(name: string, file: string): Promise<boolean> {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const env = { ...process.env, SINPYO_TOWN: file };
  const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['ignore', 'inherit', 'inherit'], env });
  const limit = setTimeout(() => child.kill(), LIMIT);
  return new Promise((done) =>
    child.on('exit', (code) => {
      clearTimeout(limit);
      done(code === 0);
    }),
  );
}
