/** Every endpoint that the server describes refuses nonsense politely, and refusals say how to mend them. */
import { alumni } from '../shared/documents.ts';
import { isObject, list, object, string } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { refused, status } from './http.ts';
import type { Answer } from './http.ts';
import { did } from './world.ts';
import type { World } from './world.ts';

const BODIES = ['{}', '[]', 'null', '"x"', '{', '', '{"options":{}}', '{"credential":[],"verifiableCredential":7}'];

export async function described(world: World): Promise<void> {
  const { api, tally } = world;
  const description = await api.get('/openapi.json');
  for (const [path, operations] of Object.entries(object(object(description.json).paths, 'paths'))) {
    const url = path.replace('{instance}', 'eddsa-rdfc-2022').replace(/\{[^}]+\}/g, 'none');
    for (const method of Object.keys(object(operations)).map((name) => name.toUpperCase())) {
      if (method !== 'GET' && method !== 'POST' && method !== 'DELETE') continue;
      await tally.check(`${method} ${path}: no 5xx for nonsense`, async () => {
        for (const body of method === 'POST' ? BODIES : [undefined]) {
          const headers = { 'Content-Type': 'application/json' };
          const answer = await api.send(url, { method, headers, ...(body === undefined ? {} : { body }) });
          if (method === 'POST') status(answer, 400, 401, 404, 415);
          else if (answer.status >= 500) throw new Error(`${answer.status}`);
        }
      });
    }
  }
  await tally.check('a refusal of the issuer names rule, pointer and mend in two languages', async () => {
    const answer = await api.issue('eddsa-rdfc-2022', { ...alumni(did(world, 'eddsa-rdfc-2022')), validFrom: 'today' });
    refused(answer);
    mendable(answer, 'validFrom');
  });
  await tally.check('a refusal of the verifier names rule, pointer and mend in two languages', async () => {
    mendable(await api.verify({ ...alumni('did:example:issuer'), validFrom: 'today', proof: {} }), undefined);
  });
}

function mendable(answer: Answer, member: string | undefined): void {
  const problems = [answer.json, ...list(object(answer.json).errors)].filter(isObject);
  const complete = (one: JsonObject) =>
    ['rule', 'detail', 'detail_ko', 'mend', 'mend_ko'].every((name) => typeof one[name] === 'string') &&
    /^[A-Z0-9]+-\d+$/.test(string(one.rule)) && /[가-힣]/.test(string(one.detail_ko)) && /[가-힣]/.test(string(one.mend_ko));
  const found = problems.find((one) => complete(one) && (member === undefined || String(one.pointer).endsWith(`/${member}`)));
  if (!found) throw new Error(`no such problem: ${answer.text.slice(0, 400)}`);
}
