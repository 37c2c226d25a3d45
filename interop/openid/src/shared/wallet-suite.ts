/** What a wallet of others is put through against our issuer and our verifier: every flow, and one tampered twin each. */
import type { Tally } from '../../../node/src/shared/tally.ts';
import { altered, alteredPart } from '../../../node/src/shared/tamper.ts';
import type { PublicJwk } from './keys.ts';
import { readJws, thumbprint } from './keys.ts';
import { Service } from './management.ts';
import type { Offer, Opened } from './management.ts';
import type { Meddler } from './meddler.ts';
import { inForm, inJson } from './meddler.ts';
import { PERSON } from './town.ts';
import type { Town } from './town.ts';
import { refused, spoilBytes, spoilCredential, spoilDisclosure, spoilEnd, without, withoutNotification } from './twins.ts';

export interface Given {
  txCode?: string;
  copies?: number;
  /** What the institution gave the person for the authorization page. */
  accessCode?: string;
}

export interface Got {
  credentials: string[];
  keys: PublicJwk[];
  deferred: boolean;
  dpop: boolean;
}

export interface Answered {
  ok: boolean;
  prefix: string;
  status: number;
  body: Record<string, unknown>;
}

export interface PeerWallet {
  readonly meddler: Meddler;
  receive(link: string, given?: Given): Promise<Got>;
  present(link: string): Promise<Answered>;
  /** Empties it. */
  forget(): void;
}

export interface Configuration {
  id: string;
  /** Who offers it. */
  tenant: string;
  format: string;
  vct?: string;
  doctype?: string;
  credential_metadata?: { claims?: { path: string[] }[] };
}

/** Kinds of credentials that a tenant of our issuer offers for the profile K01. */
export async function configurations(base: string, tenant: string, get = fetch): Promise<(format: string) => Configuration> {
  const response = await get(`${base}/.well-known/openid-credential-issuer/${tenant}`);
  const { credential_configurations_supported: all } = (await response.json()) as { credential_configurations_supported: Record<string, Configuration> };
  return (format) => {
    const found = Object.entries(all).find(([id, one]) => id.includes('K01') && one.format === format);
    if (!found) throw new Error(`our issuer offers no K01 as ${format}: ${Object.keys(all).join(', ')}`);
    return { ...found[1], id: found[0], tenant };
  };
}

export class WalletSuite {
  readonly #issuer: Service;
  readonly #verifier: Service;
  #card!: Configuration;
  #mobile!: Configuration;

  constructor(
    readonly tally: Tally,
    readonly town: Town,
    readonly wallet: PeerWallet,
    /** Which of our tenants issues the SD-JWT VCs: one with a certificate, or one that is known by its DID alone. */
    readonly cardsBy: 'certified' | 'plain',
  ) {
    this.#issuer = new Service(town.issuer);
    this.#verifier = new Service(town.verifier);
  }

  async run(): Promise<void> {
    const { base } = this.town.issuer;
    this.#card = (await configurations(base, this.town.tenants[this.cardsBy]))('dc+sd-jwt');
    this.#mobile = (await configurations(base, this.town.tenants.certified))('mso_mdoc');
    if (this.cardsBy === 'plain') await this.#certifiedCard(base);
    await this.#preAuthorized();
    await this.#mobileDocument();
    await this.#authorizationCode();
    await this.#batch();
    await this.#deferred();
    await this.#presentations();
    this.#walletNonce();
    this.tally.unsupported('encrypted credential requests and responses [VCI 1.0 §10]: @openid4vc/openid4vci exports nothing for them; `jose` reads ours');
  }

  /** What a wallet says when it fetches a request by POST. */
  #walletNonce(): void {
    const posted = this.wallet.meddler.sent.filter(({ url, body }) => url.includes('/request/') && body !== '');
    const fetched = this.wallet.meddler.sent.find(({ url }) => url.includes('/request/'));
    if (fetched && !posted.some(({ body }) => body.includes('wallet_nonce='))) {
      this.tally.unsupported('wallet_nonce [VP 1.0 §5.10]: it fetches request objects without one, also by POST');
    }
  }

  #offer(configuration: Configuration, more: object = {}): Promise<Offer> {
    const order = { configurations: [configuration.id], claims: PERSON, tx_code: false, grants: ['pre-authorized_code'] };
    return this.#issuer.offer({ ...order, ...more }, configuration.tenant);
  }

  /** The twin of a reception: something is changed on its way, and no credential may come of it. */
  async #refusedReception(name: string, meddling: Parameters<Meddler['during']>[0], configuration: Configuration, given: Given = {}): Promise<void> {
    await this.tally.check(name, async () => {
      const more = given.accessCode === '' ? { grants: ['authorization_code'] } : {};
      const offer = await this.#offer(configuration, more);
      const code = given.accessCode === '' ? { accessCode: accessCode(offer) } : {};
      await this.wallet.meddler.during(meddling, () => refused(() => this.wallet.receive(offer.link, { ...given, ...code })));
    });
  }

  /** A card whose issuer names its key by DID and by certificate. */
  async #certifiedCard(base: string): Promise<void> {
    const card = (await configurations(base, this.town.tenants.certified))('dc+sd-jwt');
    const offer = await this.#offer(card);
    const told = await this.wallet.receive(offer.link).then(() => undefined, (error: Error) => error.message);
    if (told === undefined) await this.tally.check('SD-JWT VC with a DID as iss, and kid and x5c', () => undefined);
    else this.tally.unsupported(`SD-JWT VC with a DID as iss, and kid and x5c: ${/"message":"([^"]*)/.exec(told)?.[1] ?? told.slice(0, 120)}`);
  }

  async #preAuthorized(): Promise<void> {
    const { tally, wallet } = this;
    await tally.check('pre-authorized code, tx_code, DPoP, nonce, notification: SD-JWT VC', async () => {
      const offer = await this.#offer(this.#card, { tx_code: true });
      const got = await wallet.receive(offer.link, { txCode: String(offer.tx_code) });
      this.#boundCards(got, 1);
      if (!got.dpop) throw new Error('the token is not bound by DPoP');
    });
    await tally.check('twin: a wrong tx_code is refused, and the right one still works', async () => {
      const offer = await this.#offer(this.#card, { tx_code: true });
      const right = String(offer.tx_code);
      await refused(() => wallet.receive(offer.link, { txCode: altered(right, 0).replace(/[AB]/, right.startsWith('1') ? '2' : '1') }), 'invalid_grant');
      this.#boundCards(await wallet.receive(offer.link, { txCode: right }), 1);
    });
    await tally.check('twin: a code is good once', async () => {
      const offer = await this.#offer(this.#card);
      await wallet.receive(offer.link);
      await refused(() => wallet.receive(offer.link), 'invalid_grant');
    });
    const spoilProof = inJson((body) => { body.proofs.jwt[0] = alteredPart(body.proofs.jwt[0], 2); });
    await this.#refusedReception('twin: an altered proof', { at: '/credential', request: spoilProof }, this.#card);
    const otherNonce = (text: string) => {
      const answer = JSON.parse(text) as { c_nonce: string };
      return JSON.stringify({ ...answer, c_nonce: altered(answer.c_nonce, -5) });
    };
    await this.#refusedReception('twin: another nonce', { at: '/nonce', response: otherNonce }, this.#card);
    await this.#refusedReception('twin: an altered credential', { at: '/credential', response: spoilCredential }, this.#card);
  }

  async #mobileDocument(): Promise<void> {
    await this.tally.check('pre-authorized code: mdoc', async () => {
      const got = await this.wallet.receive((await this.#offer(this.#mobile)).link);
      if (got.credentials.length !== 1) throw new Error(`${got.credentials.length} credentials`);
    });
    const spoil = (text: string) => text.replace(/"credential":"([^"]*)"/, (_, wire: string) => `"credential":"${spoilBytes(wire)}"`);
    await this.#refusedReception('twin: an altered mdoc', { at: '/credential', response: spoil }, this.#mobile);
  }

  async #authorizationCode(): Promise<void> {
    await this.tally.check('authorization code: PAR, PKCE, iss, DPoP, page with access code', async () => {
      const offer = await this.#offer(this.#card, { grants: ['authorization_code'] });
      const got = await this.wallet.receive(offer.link, { accessCode: accessCode(offer) });
      this.#boundCards(got, 1);
      if (!got.dpop) throw new Error('the token is not bound by DPoP');
    });
    const verifier = inForm('code_verifier', (text) => altered(text, 3));
    await this.#refusedReception('twin: another code_verifier', { at: '/token', request: verifier }, this.#card, { accessCode: '' });
    const proof = (sent: { headers: Headers }) => sent.headers.set('dpop', alteredPart(sent.headers.get('dpop') ?? '', 2));
    await this.#refusedReception('twin: an altered DPoP proof', { at: '/token', request: proof }, this.#card, { accessCode: '' });
  }

  async #batch(): Promise<void> {
    await this.tally.check('batch: three copies for three keys, with nothing in common but what they state', async () => {
      const got = await this.wallet.receive((await this.#offer(this.#card, { copies: 3 })).link, { copies: 3 });
      this.#boundCards(got, 3);
      const digests = got.credentials.flatMap((card) => readJws(card).payload._sd as string[]);
      if (new Set(digests).size !== digests.length) throw new Error('copies share digests');
    });
    const twice = inJson((body) => { body.proofs.jwt[1] = body.proofs.jwt[0]; });
    await this.#refusedReception('twin: one key for two copies', { at: '/credential', request: twice }, this.#card, { copies: 2 });
  }

  async #deferred(): Promise<void> {
    await this.tally.check('deferred: waits until the institution releases it', async () => {
      const { got, told } = await this.#later({ at: '/deferred_credential', response: withoutNotification });
      if (!got) throw told;
      if (!got.deferred) throw new Error('it was not deferred');
      this.#boundCards(got, 1);
    });
    const { told } = await this.#later({ at: '/deferred_credential' });
    if (told) this.tally.unsupported(`notification_id in a deferred response [VCI 1.0 §9.2]: ${told.message.split('\n')[0]}; the condition in their schema is inverted, so it is taken off on its way`);
    await this.tally.check('twin: another transaction', async () => {
      const offer = await this.#offer(this.#card, { deferred: true });
      const other = inJson((body) => { body.transaction_id = altered(body.transaction_id, 2); });
      await this.wallet.meddler.during({ at: '/deferred_credential', request: other }, () => refused(() => this.wallet.receive(offer.link)));
    });
  }

  async #later(meddling: Parameters<Meddler['during']>[0]): Promise<{ got?: Got; told?: Error }> {
    const offer = await this.#offer(this.#card, { deferred: true });
    const release = setTimeout(() => void this.#issuer.release(offer.id, this.#card.tenant), 1000);
    try {
      return { got: await this.wallet.meddler.during(meddling, () => this.wallet.receive(offer.link)) };
    } catch (error) {
      return { told: error as Error };
    } finally {
      clearTimeout(release);
    }
  }

  #boundCards(got: Got, count: number): void {
    if (got.credentials.length !== count) throw new Error(`${got.credentials.length} credentials instead of ${count}`);
    const bound = got.credentials.map((card) => thumbprint((readJws(card).payload.cnf as { jwk: PublicJwk }).jwk));
    const known = new Set(got.keys.map(thumbprint));
    if (new Set(bound).size !== count || !bound.every((key) => known.has(key))) throw new Error('bound to other keys');
    for (const card of got.credentials) {
      const { iss, vct } = readJws(card).payload;
      if (vct !== this.#card.vct) throw new Error(`another type: ${String(vct)}`);
      if (iss !== this.town.dids[this.cardsBy]) throw new Error(`another issuer: ${String(iss)}`);
    }
  }

  async #presentations(): Promise<void> {
    this.wallet.forget();
    const holds = await this.tally.check('a wallet with both formats', async () => {
      await this.wallet.receive((await this.#offer(this.#card)).link);
      await this.wallet.receive((await this.#offer(this.#mobile)).link);
    });
    if (!holds) return;
    const card = this.#cardQuery();
    const mobile = this.#mobileQuery();
    await this.#shown('signed by DID, direct_post: SD-JWT VC', { client_id_prefix: 'decentralized_identifier', response_mode: 'direct_post' }, { credentials: [card] });
    await this.#shown('x509_hash, direct_post.jwt: SD-JWT VC', { client_id_prefix: 'x509_hash' }, { credentials: [card] });
    await this.#shown('x509_san_dns, direct_post.jwt: mdoc', { client_id_prefix: 'x509_san_dns' }, { credentials: [mobile] });
    await this.#shown('x509_hash, direct_post: mdoc', { client_id_prefix: 'x509_hash', response_mode: 'direct_post' }, { credentials: [mobile] });
    await this.#shown('DCQL with sets: one of two, and both', { client_id_prefix: 'x509_hash' }, this.#sets(card, mobile));
    await this.#presentationTwins(card, mobile);
  }

  #cardQuery(): object {
    return { id: 'card', format: 'dc+sd-jwt', meta: { vct_values: [this.#card.vct] }, claims: [{ path: ['given_name'] }, { path: ['region_sigungu'] }] };
  }

  #mobileQuery(): object {
    const paths = (this.#mobile.credential_metadata?.claims ?? []).map(({ path }) => path);
    const name = paths.find((path) => path.at(-1) === 'given_name') ?? paths[0] ?? [];
    return { id: 'mobile', format: 'mso_mdoc', meta: { doctype_value: this.#mobile.doctype }, claims: [{ path: name }] };
  }

  #sets(card: object, mobile: object): object {
    const absent = { id: 'absent', format: 'dc+sd-jwt', meta: { vct_values: ['https://credentials.example/nobody-has-this'] } };
    const sets = [{ options: [['absent'], ['card']] }, { options: [['mobile']] }];
    return { credentials: [absent, card, mobile], credential_sets: sets };
  }

  #ask(more: object, query: object): Promise<Opened> {
    return this.#verifier.ask({
      query, mode: 'cross_device', number_matching: false, trust: { accredited: true, roots: this.town.roots }, ...more,
    });
  }

  async #shown(name: string, more: object, query: object): Promise<void> {
    await this.tally.check(name, async () => {
      const opened = await this.#ask(more, query);
      const answered = await this.wallet.present(opened.link);
      if (!answered.ok) throw new Error(`our verifier answers ${answered.status} ${JSON.stringify(answered.body)}; ${await this.#end(opened)}`);
      const end = await this.#end(opened);
      if (end !== 'accepted') throw new Error(end);
      const result = JSON.stringify(await this.#verifier.result(opened.id));
      if (!result.includes(PERSON.given_name)) throw new Error(`the result lacks the name: ${result}`);
    });
  }

  async #end(opened: Opened): Promise<string> {
    const { state, rule } = await this.#verifier.state(opened.id);
    return rule ? `${state} by ${rule}` : state;
  }

  async #presentationTwins(card: object, mobile: object): Promise<void> {
    const { meddler } = this.wallet;
    const plain = { client_id_prefix: 'decentralized_identifier', response_mode: 'direct_post' };
    await this.tally.check('twin: an altered request object is refused by the wallet', async () => {
      const opened = await this.#ask(plain, { credentials: [card] });
      const response = (text: string) => alteredPart(text, 2);
      await meddler.during({ at: '/request/', response }, () => refused(() => this.wallet.present(opened.link)));
      if ((await this.#end(opened)).startsWith('accepted')) throw new Error('accepted');
    });
    const [one, mdoc] = [{ credentials: [card] }, { credentials: [mobile] }];
    const mobilePlain = { response_mode: 'direct_post' };
    await this.#refusedAnswer('twin: an altered key binding', plain, one, inForm('vp_token', (text) => spoilEnd(text, 20)));
    await this.#refusedAnswer('twin: an altered disclosure', plain, one, inForm('vp_token', spoilDisclosure));
    await this.#refusedAnswer('twin: an altered encrypted response', {}, one, inForm('response', (text) => alteredPart(text, 3)));
    await this.#refusedAnswer('twin: an altered device signature', mobilePlain, mdoc, inForm('vp_token', (text) => spoilEnd(text, 40)));
    await this.#refusedAnswer('twin: a set that is not answered', mobilePlain, this.#sets(card, mobile), inForm('vp_token', without('mobile')));
    await this.#replay(plain, card);
  }

  async #refusedAnswer(name: string, more: object, query: object, request: (sent: { headers: Headers; body: string }) => void): Promise<void> {
    await this.tally.check(name, async () => {
      const opened = await this.#ask({ client_id_prefix: 'x509_hash', ...more }, query);
      await this.#notAccepted(opened, { at: '/response/', request });
    });
  }

  /** The wallet answers, something is changed on the way, and our verifier says no: by an error or by its verdict. */
  async #notAccepted(opened: Opened, meddling: Parameters<Meddler['during']>[0]): Promise<void> {
    const answered = await this.wallet.meddler.during(meddling, () => this.wallet.present(opened.link).catch((error: Error) => error));
    const end = await this.#end(opened);
    if (end.startsWith('accepted')) throw new Error(`accepted: ${JSON.stringify(answered)}`);
    const last = this.wallet.meddler.answered.filter(({ url }) => url.includes('/response/')).at(-1)?.response.status ?? 0;
    if (last >= 500) throw new Error(`our verifier answers ${last}`);
    if (!end.startsWith('refused') && last < 400) throw new Error(`no verdict: ${end} after ${last}`);
  }

  /** An answer to one transaction is sent to another one. */
  async #replay(more: object, card: object): Promise<void> {
    await this.tally.check('twin: the answer to another transaction', async () => {
      const [first, second] = [await this.#ask(more, { credentials: [card] }), await this.#ask(more, { credentials: [card] })];
      await this.wallet.present(first.link);
      const stolen = new URLSearchParams(this.wallet.meddler.sent.filter(({ url }) => url.includes('/response/')).at(-1)?.body);
      const token = stolen.get('vp_token') ?? '';
      const request = inForm('vp_token', () => token);
      await this.#notAccepted(second, { at: '/response/', request });
    });
  }
}

/** The access code of an offer for the authorization page. */
function accessCode(offer: Offer): string {
  return String((offer as unknown as { access_code?: string }).access_code ?? offer.tx_code);
}
