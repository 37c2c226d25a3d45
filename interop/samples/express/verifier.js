// The management interface of a verifier service: what the shop asks of it.
import { createPrivateKey, randomUUID, sign } from 'node:crypto';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export class Verifier {
  #url;
  #tenant;
  #issuers;
  #client;
  #key;
  #token;
  #expires = 0;

  /** @param {{url: string, tenant: string, issuers: string[], client: string, key: import('node:crypto').JsonWebKey}} settings */
  constructor({ url, tenant, issuers, client, key }) {
    this.#url = url;
    this.#tenant = tenant;
    this.#issuers = issuers;
    this.#client = client;
    this.#key = createPrivateKey({ key, format: 'jwk' });
  }

  /** Opens a request: a resident certificate that says "18 or over", and nothing else of it. */
  async askForAge(returnTo) {
    const answer = await this.#post('/requests', {
      query: {
        credentials: [
          {
            id: 'resident',
            format: 'dc+sd-jwt',
            meta: { vct_values: ['urn:sinpyo:credential:ResidentCredential'] },
            claims: [{ path: ['age_over_18'], values: [true] }],
          },
        ],
      },
      purpose: { ko: '주류 구매를 위한 나이 확인', en: 'age check for buying alcohol' },
      mode: 'same_device',
      trust: { issuers: this.#issuers },
      return_to: returnTo,
    });
    if (answer.status !== 201) throw new Error(`the verifier answered ${answer.status}: ${await answer.text()}`);
    const { id, page } = await answer.json();
    return { id, page };
  }

  /** Fetches the result, which is given once, to whoever has the code that the visitor's browser brought back. */
  async isOfAge(id, responseCode) {
    const answer = await this.#post(`/requests/${id}/result`, { response_code: responseCode });
    if (answer.status !== 200) return false;
    const { credentials } = await answer.json();
    return credentials?.resident?.[0]?.claims?.age_over_18 === true;
  }

  async #post(path, body) {
    return fetch(`${this.#url}/manage/${this.#tenant}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await this.#accessToken()}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
  }

  /** A token of 15 minutes, fetched anew a minute before it ends. */
  async #accessToken() {
    if (Date.now() < this.#expires - 60_000) return this.#token;
    const endpoint = `${this.#url}/manage/token`;
    const answer = await fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: ASSERTION,
        client_assertion: this.#assertion(endpoint),
      }),
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.status !== 200) throw new Error(`the verifier gives no token: ${answer.status} ${await answer.text()}`);
    const granted = await answer.json();
    this.#token = granted.access_token;
    this.#expires = Date.now() + granted.expires_in * 1000;
    return this.#token;
  }

  /** A signed statement of who asks, used once (private_key_jwt, RFC 7523). */
  #assertion(endpoint) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.#client, sub: this.#client, aud: endpoint, jti: randomUUID(), iat: now, exp: now + 60 };
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}
