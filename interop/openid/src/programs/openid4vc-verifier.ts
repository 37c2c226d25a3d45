/** `@openid4vc/*` as a verifier for our wallet, which holds credentials of their issuer. */
import { setGlobalConfig } from '@openid4vc/oauth2';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tally } from '../../../node/src/shared/tally.ts';
import { CARD, LICENCE, TheirIssuer } from '../peers/oid4vc-issuer.ts';
import { TheirVerifier } from '../peers/oid4vc-verifier.ts';
import type { Asked, Transaction } from '../peers/oid4vc-verifier.ts';
import { newAuthority } from '../shared/certificates.ts';
import { newKey } from '../shared/keys.ts';
import { OurWallet } from '../shared/our-wallet.ts';
import { keyIn } from '../shared/town.ts';
import { version } from '../shared/version.ts';

setGlobalConfig({ allowInsecureUrls: true });
const folder = mkdtempSync(join(tmpdir(), 'sinpyo-openid-verifier-'));
const tally = new Tally('@openid4vc as verifier', version('@openid4vc/openid4vp'));
const authority = await newAuthority(newKey(), 'Interop Root');
const root = authority.root.toString('pem');
const issuer = new TheirIssuer(authority);
const verifier = new TheirVerifier(authority, [root], (didUrl) => keyIn({}, didUrl));
await issuer.start();
await verifier.start();
const wallet = new OurWallet(folder);
wallet.trust(root);

const card = { id: 'card', format: 'dc+sd-jwt' as const, meta: { vct_values: [CARD.vct] }, claims: [{ path: ['given_name'] }, { path: ['member'] }] };
const licence = {
  id: 'licence', format: 'mso_mdoc' as const, meta: { doctype_value: LICENCE.docType }, claims: [{ path: [LICENCE.namespace, 'given_name'] }],
};
const absent = { id: 'absent', format: 'dc+sd-jwt' as const, meta: { vct_values: ['https://credentials.example/nobody-has-this'] } };
const query = (credentials: object[], sets?: object[]) => ({ credentials, ...(sets ? { credential_sets: sets } : {}) }) as Asked['query'];
const base: Asked = { query: query([card]), prefix: 'x509_hash', mode: 'direct_post.jwt' };

/** Our wallet answers, and their verifier accepts exactly what was asked. */
async function accepted(name: string, asked: Asked, expected: string[]): Promise<void> {
  await tally.check(name, async () => {
    const transaction = await verifier.ask(asked);
    await wallet.present(transaction.link);
    const seen = Object.keys(transaction.accepted ?? {}).sort();
    if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error(`they saw ${seen.join()}; ${transaction.refused}`);
    const text = JSON.stringify(transaction.accepted);
    if (!text.includes('한별')) throw new Error('the name is missing');
    if (text.includes('"김"')) throw new Error('more was shown than was asked for');
  });
}

/** Nothing may be accepted; says who refused. */
async function refused(name: string, asked: Asked, by: 'wallet' | 'verifier', ...more: string[]): Promise<void> {
  await tally.check(name, async () => {
    const transaction: Transaction = await verifier.ask(asked);
    const outcome = await wallet.run('present', transaction.link, '--yes', '--development', ...more);
    if (transaction.accepted) throw new Error('their verifier accepted it');
    if (by === 'verifier' && !transaction.refused) throw new Error(`their verifier saw nothing: ${outcome.told}`);
    if (by === 'wallet' && (outcome.status !== 1 || transaction.refused)) throw new Error(`not refused by the wallet: ${outcome.told}; ${transaction.refused}`);
  });
}

const holds = await tally.check('our wallet holds credentials of their issuer', async () => {
  for (const configuration of [CARD.id, LICENCE.id]) {
    await wallet.receive((await issuer.offer({ configuration, grant: 'pre-authorized' })).link);
  }
});
if (holds) {
  await accepted('signed, x509_hash, direct_post.jwt: SD-JWT VC', base, ['card']);
  await accepted('signed, DID, direct_post: SD-JWT VC', { ...base, prefix: 'decentralized_identifier', mode: 'direct_post' }, ['card']);
  await accepted('signed, x509_san_dns, direct_post.jwt: SD-JWT VC', { ...base, prefix: 'x509_san_dns' }, ['card']);
  await accepted('unsigned, redirect_uri, direct_post.jwt: SD-JWT VC', { ...base, prefix: 'redirect_uri' }, ['card']);
  await accepted('signed, x509_hash, direct_post.jwt: mdoc', { ...base, query: query([licence]) }, ['licence']);
  await accepted('signed, x509_hash, direct_post: mdoc', { ...base, mode: 'direct_post', query: query([licence]) }, ['licence']);
  const sets = [{ options: [['absent'], ['card']] }, { options: [['licence']] }];
  await accepted('DCQL with sets', { ...base, query: query([absent, card, licence], sets) }, ['card', 'licence']);
  await refused('twin: an altered request object', { ...base, fault: 'signature' }, 'wallet');
  await refused('twin: a request object of another client', { ...base, fault: 'other-client' }, 'wallet');
  await refused('twin: transaction data of a kind that the wallet does not know', { ...base, transactionData: { type: 'https://bank.example/payment', credential_ids: ['card'] } }, 'wallet');
  await refused('twin: our wallet misbehaves with an mdoc (nonce)', { ...base, query: query([licence]) }, 'verifier', '--misbehave', 'nonce');
  for (const fault of ['nonce', 'audience', 'wrong-sd-hash', 'other-key', 'tampered-credential', 'plain-instead-of-encrypted']) {
    await refused(`twin: our wallet misbehaves (${fault})`, base, 'verifier', '--misbehave', fault);
  }
}
issuer.stop();
verifier.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(tally.finish() ? 0 : 1);
