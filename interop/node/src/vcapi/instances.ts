/** `GET /instances`, and routes that do not exist. */
import { list, object, string } from '../shared/json.ts';
import { status } from './http.ts';
import type { Instance, World } from './world.ts';

const CODES = { Ed25519: 'z6Mk', P256: 'zDna', P384: 'z82L', Bls: 'zUC7' };

/** Name, cryptosuite and the beginning of the did:key that the key's curve gives. */
const EXPECTED: [string, string | undefined, string | undefined][] = [
  ['eddsa-rdfc-2022', 'eddsa-rdfc-2022', CODES.Ed25519],
  ['eddsa-jcs-2022', 'eddsa-jcs-2022', CODES.Ed25519],
  ['ecdsa-rdfc-2019-p256', 'ecdsa-rdfc-2019', CODES.P256],
  ['ecdsa-rdfc-2019-p384', 'ecdsa-rdfc-2019', CODES.P384],
  ['ecdsa-jcs-2019-p256', 'ecdsa-jcs-2019', CODES.P256],
  ['ecdsa-jcs-2019-p384', 'ecdsa-jcs-2019', CODES.P384],
  ['ecdsa-sd-2023', 'ecdsa-sd-2023', CODES.P256],
  ['bbs-2023', 'bbs-2023', CODES.Bls],
  ['status', undefined, undefined],
  ['vc-jwt', undefined, undefined],
];

export async function instances(world: World): Promise<void> {
  const { api, tally } = world;
  await tally.check('GET /instances lists them', async () => {
    const answer = await api.get('/instances');
    status(answer, 200);
    for (const entry of list(answer.json)) {
      const { instance, did, cryptosuite, key } = object(entry, 'instance');
      const read: Instance = {
        instance: string(instance, 'instance'),
        did: string(did, 'did'),
        cryptosuite: typeof cryptosuite === 'string' ? cryptosuite : '',
        key: typeof key === 'string' ? key : '',
      };
      world.instances.set(read.instance, read);
    }
  });
  for (const [name, cryptosuite, prefix] of EXPECTED) {
    await tally.check(`instance ${name}`, () => {
      const found = world.instances.get(name);
      if (!found) throw new Error('missing');
      if (cryptosuite !== undefined && found.cryptosuite !== cryptosuite) throw new Error(`its suite is ${found.cryptosuite}`);
      if (!found.did.startsWith(`did:key:${prefix ?? 'z'}`)) throw new Error(`its DID is ${found.did}`);
    });
  }
  await tally.check('the description of the interface is OpenAPI 3.1', async () => {
    const answer = await api.get('/openapi.json');
    status(answer, 200);
    if (!string(object(answer.json).openapi).startsWith('3.1')) throw new Error('another version');
    const paths = Object.keys(object(object(answer.json).paths));
    for (const path of ['/credentials/verify', '/presentations/verify', '/credentials/derive', '/instances']) {
      if (!paths.includes(path)) throw new Error(`${path} is not described`);
    }
  });
  const missing: ['GET' | 'POST' | 'PUT' | 'DELETE', string, number[]][] = [
    ['GET', '/', [404]],
    ['GET', '/no/such/path', [404]],
    ['POST', '/issuers/no-such-instance/credentials/issue', [404]],
    ['GET', '/credentials/verify', [404, 405]],
    ['PUT', '/credentials/verify', [404, 405]],
    ['DELETE', '/instances', [404, 405]],
    ['GET', '/status-lists/no-such-list', [404]],
    ['GET', '/%00', [400, 404]],
    ['GET', '/..%2f..%2fetc%2fpasswd', [400, 404]],
  ];
  for (const [method, path, allowed] of missing) {
    await tally.check(`${method} ${path} is refused`, async () => {
      const body = method === 'POST' ? { body: '{"credential":{}}', headers: { 'Content-Type': 'application/json' } } : {};
      status(await api.send(path, { method, ...body }), ...allowed);
    });
  }
}
