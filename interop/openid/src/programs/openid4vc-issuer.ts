/** `@openid4vc/*` as an issuer for our wallet. */
import { setGlobalConfig } from '@openid4vc/oauth2';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tally } from '../../../node/src/shared/tally.ts';
import { CARD, LICENCE, TheirIssuer } from '../peers/oid4vc-issuer.ts';
import type { Offered, Session } from '../peers/oid4vc-issuer.ts';
import { newAuthority } from '../shared/certificates.ts';
import { newKey } from '../shared/keys.ts';
import { OurWallet } from '../shared/our-wallet.ts';
import { version } from '../shared/version.ts';

setGlobalConfig({ allowInsecureUrls: true });
const folder = mkdtempSync(join(tmpdir(), 'sinpyo-openid-issuer-'));
const tally = new Tally('@openid4vc as issuer', version('@openid4vc/openid4vci'));
const authority = await newAuthority(newKey(), 'Interop Root');
const issuer = new TheirIssuer(authority);
await issuer.start();
const wallet = new OurWallet(folder);
wallet.trust(authority.root.toString('pem'));

const PIN = '493536';

/** Our wallet fetches; the issuer must have seen its keys and its word that it keeps them. */
async function fetched(order: Offered, keys: number, ...more: string[]): Promise<void> {
  const { link, session } = await issuer.offer(order);
  await wallet.receive(link, ...more);
  if (session.bound.length < keys) throw new Error(`proofs for ${session.bound.length} keys`);
  if (!order.deferred && !session.events.includes('credential_accepted')) throw new Error(`told: ${session.events.join()}`);
}

/** Our wallet must refuse, and keep nothing. */
async function refused(order: Offered, ...more: string[]): Promise<Session> {
  const before = await held();
  const { link, session } = await issuer.offer(order);
  await wallet.refuses('receive', link, '--development', ...more);
  if ((await held()) !== before) throw new Error('it keeps what it refused');
  return session;
}

async function held(): Promise<string> {
  return JSON.stringify((await wallet.run('list')).answer.credentials ?? []);
}

const pin = ['--tx-code', PIN];
await tally.check('pre-authorized code, tx_code, DPoP, nonce, notification: SD-JWT VC', () =>
  fetched({ configuration: CARD.id, grant: 'pre-authorized', txCode: PIN }, 1, ...pin));
await tally.check('offer by reference', () => fetched({ configuration: CARD.id, grant: 'pre-authorized', byReference: true }, 1));
await tally.check('pre-authorized code: mdoc', () => fetched({ configuration: LICENCE.id, grant: 'pre-authorized' }, 1));
await tally.check('authorization code: PAR, PKCE, iss, DPoP', () => fetched({ configuration: CARD.id, grant: 'authorization-code' }, 1));
await tally.check('deferred', () => fetched({ configuration: CARD.id, grant: 'pre-authorized', deferred: true }, 1));
await tally.check('twin: a wrong tx_code', async () => {
  const session = await refused({ configuration: CARD.id, grant: 'pre-authorized', txCode: PIN }, '--tx-code', '111111');
  if (session.refused.length === 0) throw new Error('the issuer did not refuse it');
});
await tally.check('twin: an altered SD-JWT VC', async () => void (await refused({ configuration: CARD.id, grant: 'pre-authorized', fault: 'signature' })));
await tally.check('twin: an altered mdoc', async () => void (await refused({ configuration: LICENCE.id, grant: 'pre-authorized', fault: 'signature' })));
await tally.check('twin: a code from another issuer [RFC 9207]', async () =>
  void (await refused({ configuration: CARD.id, grant: 'authorization-code', fault: 'issuer-of-code' })));
await tally.check('twin: a proof for another nonce is refused by the issuer', async () => {
  const session = await refused({ configuration: CARD.id, grant: 'pre-authorized' }, '--misbehave', 'proof-nonce');
  if (session.refused.length === 0) throw new Error('the issuer did not refuse it');
});
tally.unsupported('encrypted credential requests and responses [VCI 1.0 §10]: @openid4vc/openid4vci exports nothing for them');
issuer.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(tally.finish() ? 0 : 1);
