/** Versions of the installed peers, read from the lock file that installed them. */
import { readFileSync } from 'node:fs';

interface Lock {
  packages: Record<string, { version?: string }>;
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as Lock;

export function version(name: string): string {
  const found = lock.packages[`node_modules/${name}`]?.version;
  if (!found) throw new Error(`${name} is not in the lock file`);
  return found;
}
