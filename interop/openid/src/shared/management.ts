/** Our services, as a program of an institution drives them. */
import { randomUUID } from 'node:crypto';
import type { Key } from './keys.ts';
import { compactJws } from './keys.ts';

export interface Program {
  base: string;
  tenant: string;
  clientId: string;
  key: Key;
  scopes: string;
}

export interface Offer {
  id: string;
  link: string;
  page: string;
  tx_code?: string;
}

export interface Opened {
  id: string;
  link: string;
  page?: string;
}

export class Service {
  #token: string | undefined;

  constructor(
    readonly program: Program,
    readonly fetch: typeof globalThis.fetch = globalThis.fetch,
  ) {}

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    this.#token ??= await this.#logIn();
    const response = await this.fetch(`${this.program.base}/manage/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  /** RFC 6749 §4.4 with RFC 7523. */
  async #logIn(): Promise<string> {
    const { base, clientId, key, scopes } = this.program;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: clientId, aud: `${base}/manage/token`, jti: randomUUID(), iat: now, exp: now + 60 };
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: scopes,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: compactJws(key, { kid: key.kid, typ: 'client-authentication+jwt' }, claims),
    });
    const response = await this.fetch(`${base}/manage/token`, { method: 'POST', body });
    const text = await response.text();
    if (!response.ok) throw new Error(`no token: ${response.status} ${text}`);
    return (JSON.parse(text) as { access_token: string }).access_token;
  }

  offer(order: object, tenant = this.program.tenant): Promise<Offer> {
    return this.call('POST', `${tenant}/offers`, order);
  }

  /** Lets a deferred offer be fetched. */
  release(offer: string, tenant = this.program.tenant): Promise<unknown> {
    return this.call('POST', `${tenant}/offers/${offer}/ready`, {});
  }

  ask(order: object): Promise<Opened> {
    return this.call('POST', `${this.program.tenant}/requests`, order);
  }

  state(request: string): Promise<{ state: string; rule?: string }> {
    return this.call('GET', `${this.program.tenant}/requests/${request}`);
  }

  result(request: string, responseCode?: string): Promise<Record<string, unknown>> {
    return this.call('POST', `${this.program.tenant}/requests/${request}/result`, responseCode ? { response_code: responseCode } : {});
  }
}
