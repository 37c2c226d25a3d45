/** The VC-API client: drives the release binary over HTTPS through the contract, and prints each case. */
import { Tally } from './shared/tally.ts';
import { described } from './vcapi/described.ts';
import { documents } from './vcapi/documents.ts';
import { hostile } from './vcapi/hostile.ts';
import { Api } from './vcapi/http.ts';
import { instances } from './vcapi/instances.ts';
import { issue } from './vcapi/issue.ts';
import { legacy } from './vcapi/legacy.ts';
import { mutations } from './vcapi/mutations.ts';
import { presentations } from './vcapi/presentations.ts';
import { resolution } from './vcapi/resolution.ts';
import { selective } from './vcapi/selective.ts';
import { start } from './vcapi/server.ts';
import { statusLists } from './vcapi/status.ts';
import { vectors } from './vcapi/vectors.ts';
import type { World } from './vcapi/world.ts';

const GROUPS = { instances, issue, documents, vectors, mutations, selective, presentations, statusLists, resolution, legacy, hostile, described };

const wanted = process.argv.slice(2);
const tally = new Tally('vc-api client', '1');
const server = await start();
try {
  const world: World = { api: new Api(server.url), tally, instances: new Map() };
  for (const [name, run] of Object.entries(GROUPS)) {
    if (wanted.length > 0 && name !== 'instances' && !wanted.includes(name)) continue;
    // What a group does outside its cases must not hide the groups after it.
    await run(world).catch((error: unknown) => tally.check(`group ${name}`, () => Promise.reject(error)));
  }
} finally {
  await server.stop();
}
process.exitCode = tally.finish() ? 0 : 1;
