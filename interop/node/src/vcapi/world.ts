/** What the groups of cases share. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { required } from '../shared/bridge.ts';
import type { JsonObject } from '../shared/json.ts';
import type { Tally } from '../shared/tally.ts';
import type { Api } from './http.ts';

export interface Instance {
  instance: string;
  did: string;
  cryptosuite: string;
  key: string;
}

export interface World {
  api: Api;
  tally: Tally;
  /** By name. */
  instances: Map<string, Instance>;
}

/** Instances that secure with Data Integrity; the last two only give base proofs. */
export const PLAIN = [
  'eddsa-rdfc-2022',
  'eddsa-jcs-2022',
  'ecdsa-rdfc-2019-p256',
  'ecdsa-rdfc-2019-p384',
  'ecdsa-jcs-2019-p256',
  'ecdsa-jcs-2019-p384',
] as const;
export const SELECTIVE = ['ecdsa-sd-2023', 'bbs-2023'] as const;

export function did(world: World, instance: string): string {
  const found = world.instances.get(instance);
  if (!found) throw new Error(`there is no instance ${instance}`);
  return found.did;
}

const vectors = (): string => required('SINPYO_VECTORS');

/** A JSON document of the vectors. */
export function vector(path: string): JsonObject {
  return JSON.parse(readFileSync(join(vectors(), path), 'utf8')) as JsonObject;
}

/** The JSON files below a folder of the vectors, sorted. */
export function vectorsIn(folder: string): string[] {
  const walk = (path: string): string[] =>
    readdirSync(path).flatMap((name) => {
      const inner = join(path, name);
      return statSync(inner).isDirectory() ? walk(inner) : [inner];
    });
  return walk(join(vectors(), folder))
    .filter((path) => path.endsWith('.json'))
    .map((path) => relative(vectors(), path))
    .sort();
}
