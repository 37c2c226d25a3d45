import { setGlobalConfig } from '@openid4vc/oauth2';
import { Running, build, PERSON, keyIn } from './shared/town.ts';
import { Service } from './shared/management.ts';
import { TheirWallet } from './peers/oid4vc-wallet.ts';
import { readJws } from './shared/keys.ts';
import { configurations } from './shared/wallet-suite.ts';
setGlobalConfig({ allowInsecureUrls: true });
const r = new Running();
try {
const here = await build(r);
const w = new TheirWallet({ roots: here.roots, resolve: (u) => keyIn(here.documents, u) });
const s = new Service(here.issuer);
const f = await configurations(here.issuer.base, 'mois');
const card = f('dc+sd-jwt');
const got = await w.receive((await s.offer({ configurations: [card.id], claims: PERSON, tx_code: false, grants: ['pre-authorized_code'] }, 'mois')).link);
const uri = (readJws(got.credentials[0]!).payload.status as any).status_list.uri;
for (const a of ['application/statuslist+jwt', 'application/statuslist+cwt', '*/*']) {
const res = await fetch(uri, { headers: { accept: a } });
const t = await res.text();
console.log(res.status, res.headers.get('content-type'), t.startsWith('ey') ? JSON.stringify(readJws(t)).slice(0, 700) : t.length);
}
} finally { r.stop(); }
