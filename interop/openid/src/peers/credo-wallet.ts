/** A full Credo agent as the wallet of the suite. */
import { agentDependencies } from '@credo-ts/node';
import { browse as atPages } from '../shared/browser.ts';
import type { PublicJwk } from '../shared/keys.ts';
import { readJws } from '../shared/keys.ts';
import { Meddler } from '../shared/meddler.ts';
import { WALLET } from '../shared/town.ts';
import type { Town } from '../shared/town.ts';
import type { Answered, Given, Got, PeerWallet } from '../shared/wallet-suite.ts';
import { newAgent, present, receive } from './credo-agent.ts';
import type { Credo } from './credo-agent.ts';

export class CredoWallet implements PeerWallet {
  readonly meddler = new Meddler();
  #agent: Promise<Credo>;

  constructor(readonly town: Town) {
    this.#agent = this.#newAgent();
  }

  #newAgent(): Promise<Credo> {
    const documents = async (did: string) => this.town.documents[did] ?? {};
    return newAgent(this.town.roots, documents, { ...agentDependencies, fetch: this.meddler.fetch });
  }

  async receive(link: string, given: Given = {}): Promise<Got> {
    const { accessCode, ...options } = given;
    const got = await receive(await this.#agent, link, {
      ...options,
      ...(accessCode === undefined
        ? {}
        : { clientId: WALLET.clientId, redirectUri: WALLET.redirect, browse: (url: string) => atPages(url, accessCode, WALLET.redirect) }),
    });
    const keys = got.credentials.flatMap((wire) => (wire.includes('~') ? [boundKey(wire)] : []));
    return { credentials: got.credentials, keys, deferred: got.deferred, dpop: got.dpop };
  }

  /** A fresh agent without records. */
  forget(): void {
    this.#agent = this.#newAgent();
  }

  async present(link: string): Promise<Answered> {
    const { ok, prefix, response } = await present(await this.#agent, link);
    return { ok, prefix, status: response?.status ?? 0, body: (response?.body ?? {}) as Record<string, unknown> };
  }
}

function boundKey(wire: string): PublicJwk {
  return (readJws(wire).payload.cnf as { jwk: PublicJwk }).jwk;
}
