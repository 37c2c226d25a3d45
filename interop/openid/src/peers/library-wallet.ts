/** The wallet of the @openid4vc libraries with a purse: `dcql` chooses, `@sd-jwt` and `@owf/mdoc` present. */
import { createHash } from 'node:crypto';
import { DcqlQuery } from 'dcql';
import type { DcqlCredential } from 'dcql';
import { browse as atPages } from '../shared/browser.ts';
import type { Key } from '../shared/keys.ts';
import { readJws } from '../shared/keys.ts';
import * as mdoc from '../shared/mdoc.ts';
import { Meddler } from '../shared/meddler.ts';
import * as sdJwt from '../shared/sd-jwt.ts';
import { WALLET, keyIn } from '../shared/town.ts';
import type { Town } from '../shared/town.ts';
import { TheirWallet } from './oid4vc-wallet.ts';
import type { Answered, Given, Got, PeerWallet } from '../shared/wallet-suite.ts';

interface Held {
  format: 'dc+sd-jwt' | 'mso_mdoc';
  wire: string;
  key: Key;
  candidate: DcqlCredential;
}

export class LibraryWallet implements PeerWallet {
  readonly meddler = new Meddler();
  readonly #wallet: TheirWallet;
  #held: Held[] = [];

  constructor(readonly town: Town) {
    const resolve = (didUrl: string) => keyIn(town.documents, didUrl);
    this.#wallet = new TheirWallet({ roots: town.roots, resolve, fetch: this.meddler.fetch });
  }

  async receive(link: string, given: Given = {}): Promise<Got> {
    const { accessCode, ...options } = given;
    const wallet = accessCode === undefined ? this.#wallet : new TheirWallet(this.#world(), WALLET.clientId);
    const got = await wallet.receive(link, {
      ...options,
      ...(accessCode === undefined ? {} : { browse: (url: string) => atPages(url, accessCode, WALLET.redirect) }),
    });
    const held = await Promise.all(got.credentials.map((wire, index) => this.#hold(wire, got.keys[index])));
    this.#held.push(...held);
    const keys = got.keys.map(({ public: key }) => key);
    return { credentials: got.credentials, keys, deferred: got.deferred, dpop: got.tokenType.toLowerCase() === 'dpop' };
  }

  #world() {
    return { roots: this.town.roots, resolve: (didUrl: string) => keyIn(this.town.documents, didUrl), fetch: this.meddler.fetch };
  }

  /** A credential and its key, for another program to show. */
  async take(link: string): Promise<{ wire: string; key: Key }> {
    await this.receive(link);
    const held = this.#held.pop();
    if (!held) throw new Error('nothing was received');
    return held;
  }

  forget(): void {
    this.#held = [];
  }

  /** Verifies what was issued before it keeps it. */
  async #hold(wire: string, key: Key | undefined): Promise<Held> {
    if (!key) throw new Error('a credential without a key');
    if (!wire.includes('~')) {
      const { docType, namespaces } = await mdoc.verifyIssued(wire, this.town.roots);
      const candidate = { credential_format: 'mso_mdoc' as const, doctype: docType, namespaces, cryptographic_holder_binding: true };
      return { format: 'mso_mdoc', wire, key, candidate: candidate as DcqlCredential };
    }
    const issuer = await keyIn(this.town.documents, String(readJws(wire).header.kid));
    const claims = await sdJwt.verify(wire, issuer);
    const candidate = { credential_format: 'dc+sd-jwt' as const, vct: String(claims.vct), claims, cryptographic_holder_binding: true };
    return { format: 'dc+sd-jwt', wire, key, candidate: candidate as DcqlCredential };
  }

  async present(link: string): Promise<Answered> {
    const request = await this.#wallet.read(link);
    const payload = request.authorizationRequestPayload as { nonce: string; response_uri: string; transaction_data?: string[] };
    const query = DcqlQuery.parse(request.dcql?.query as DcqlQuery.Input);
    const clientId = request.client.effective;
    const jwkThumbprint = await this.#wallet.handoverThumbprint(request);
    const vpToken: Record<string, [string, ...string[]]> = {};
    for (const [id, index] of this.#chosen(query)) {
      const held = this.#held[index];
      const wanted = query.credentials.find((credential) => credential.id === id);
      if (!held || !wanted) throw new Error(`nothing for ${id}`);
      const paths = (wanted.claims ?? []).map((claim) => ('path' in claim ? (claim.path as (string | number)[]) : []));
      if (held.format === 'mso_mdoc') {
        const [namespace = ''] = (paths[0] ?? []).map(String);
        const asked = { docType: (held.candidate as { doctype: string }).doctype, namespace, elements: paths.map((path) => String(path[1])) };
        const handover = { clientId, nonce: payload.nonce, responseUri: payload.response_uri, ...(jwkThumbprint ? { jwkThumbprint } : {}) };
        vpToken[id] = [await mdoc.present(held.key, held.wire, asked, handover)];
      } else {
        const hashes = payload.transaction_data?.map((datum) => createHash('sha256').update(datum).digest('base64url'));
        const to = { aud: clientId, nonce: payload.nonce, ...(hashes ? { transactionDataHashes: hashes } : {}) };
        vpToken[id] = [await sdJwt.present(held.key, held.wire, paths.map(([name]) => String(name)), to)];
      }
    }
    const answered = await this.#wallet.answer(request, vpToken);
    return { ok: answered.status === 200, prefix: request.client.prefix, ...answered };
  }

  /** Which credential for which query, as `dcql` says. */
  #chosen(query: DcqlQuery): [string, number][] {
    const result = DcqlQuery.query(query, this.#held.map(({ candidate }) => candidate));
    if (!result.can_be_satisfied) throw new Error(`dcql: not satisfied: ${JSON.stringify(result.credential_matches).slice(0, 300)}`);
    const ids = result.credential_sets
      ? result.credential_sets.flatMap((set) => (set.required ? [...(set.matching_options?.[0] ?? [])] : []))
      : query.credentials.map(({ id }) => id);
    return ids.map((id) => {
      const match = result.credential_matches[id];
      if (!match?.success) throw new Error(`dcql: ${id} is not matched`);
      return [id, match.valid_credentials[0].input_credential_index];
    });
  }
}
