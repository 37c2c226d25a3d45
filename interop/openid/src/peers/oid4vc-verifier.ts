/** A verifier out of `@openid4vc/openid4vp`, with `dcql`, `@sd-jwt` and `@owf/mdoc` to read what arrives. */
import { createHash, randomUUID } from 'node:crypto';
import type { CallbackContext, JwtSigner } from '@openid4vc/oauth2';
import { Openid4vpVerifier } from '@openid4vc/openid4vp';
import type { Openid4vpAuthorizationRequest } from '@openid4vc/openid4vp';
import { DcqlPresentationResult, DcqlQuery } from 'dcql';
import { callbacks } from '../shared/callbacks.ts';
import { certify, namesOf } from '../shared/certificates.ts';
import type { Authority } from '../shared/certificates.ts';
import { didJwk, newKey, thumbprint } from '../shared/keys.ts';
import type { PublicJwk } from '../shared/keys.ts';
import * as mdoc from '../shared/mdoc.ts';
import * as sdJwt from '../shared/sd-jwt.ts';
import { form, listen } from '../shared/server.ts';
import type { Answer, Arrived, Running } from '../shared/server.ts';

/** Its name in its certificate, which a wallet compares with where the response goes. */
const HOST = 'localhost';

export interface Asked {
  query: DcqlQuery.Input;
  prefix: 'x509_hash' | 'x509_san_dns' | 'decentralized_identifier' | 'redirect_uri';
  mode: 'direct_post' | 'direct_post.jwt';
  transactionData?: object;
  /** A fault that the wallet should find. */
  fault?: 'signature' | 'other-client';
}

export interface Transaction extends Asked {
  id: string;
  request: Openid4vpAuthorizationRequest;
  link: string;
  object?: string;
  /** What was accepted, by query id. */
  accepted?: Record<string, unknown>;
  /** Why the response was refused, or the wallet's own error. */
  refused?: string;
}

export class TheirVerifier {
  readonly #transactions = new Map<string, Transaction>();
  readonly #signer = newKey();
  readonly #encryption = newKey();
  readonly #context: CallbackContext;
  readonly #verifier: Openid4vpVerifier;
  #running: Running | undefined;
  #certificate = '';

  constructor(
    readonly authority: Authority,
    readonly roots: string[],
    readonly resolve: (didUrl: string) => Promise<PublicJwk>,
  ) {
    const keys = [this.#signer, this.#encryption];
    const own = didJwk(this.#signer.public).kid;
    const world = { keys, roots, resolve: async (url: string) => (url === own ? this.#signer.public : resolve(url)) };
    this.#context = callbacks(world);
    this.#verifier = new Openid4vpVerifier({ callbacks: this.#context });
  }

  async start(): Promise<void> {
    this.#running = await listen((request) => this.#answer(request), HOST);
    this.#certificate = await certify(this.authority, this.#signer, { dns: HOST });
  }

  stop(): void {
    this.#running?.close();
  }

  /** Opens a transaction; its `link` is for the wallet. */
  async ask(asked: Asked): Promise<Transaction> {
    const id = randomUUID();
    const responseUri = `${this.#running?.origin}/response/${id}`;
    const payload = this.#payload(id, responseUri, asked);
    const unsigned = asked.prefix === 'redirect_uri';
    const made = await this.#verifier.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: payload,
      ...(unsigned ? {} : { jar: this.#jar(asked, `${this.#running?.origin}/request/${id}`) }),
    });
    const object = made.jar?.authorizationRequestJwt;
    const transaction: Transaction = { ...asked, id, request: payload, link: made.authorizationRequest, ...(object ? { object } : {}) };
    this.#transactions.set(id, transaction);
    return transaction;
  }

  #payload(id: string, responseUri: string, asked: Asked): Openid4vpAuthorizationRequest {
    const encryption = { ...this.#encryption.public, kid: this.#encryption.kid, use: 'enc', alg: 'ECDH-ES' };
    const formats = {
      'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
      mso_mdoc: { issuerauth_alg_values: [-7, -9], deviceauth_alg_values: [-7, -9] },
    };
    return {
      response_type: 'vp_token',
      client_id: this.#clientId(asked.prefix, responseUri),
      response_mode: asked.mode,
      response_uri: responseUri,
      nonce: randomUUID(),
      state: id,
      dcql_query: asked.query as Record<string, unknown>,
      client_metadata: {
        vp_formats_supported: formats,
        ...(asked.mode === 'direct_post.jwt' ? { jwks: { keys: [encryption] }, encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM'] } : {}),
      },
      ...(asked.transactionData ? { transaction_data: [Buffer.from(JSON.stringify(asked.transactionData)).toString('base64url')] } : {}),
    } as Openid4vpAuthorizationRequest;
  }

  #clientId(prefix: Asked['prefix'], responseUri: string): string {
    switch (prefix) {
      case 'redirect_uri':
        return `redirect_uri:${responseUri}`;
      case 'decentralized_identifier':
        return `decentralized_identifier:${didJwk(this.#signer.public).did}`;
      case 'x509_hash':
        return `x509_hash:${namesOf(this.#certificate).hash}`;
      case 'x509_san_dns':
        return `x509_san_dns:${namesOf(this.#certificate).sanDnsNames[0]}`;
    }
  }

  #jar(asked: Asked, requestUri: string) {
    const jwtSigner: JwtSigner =
      asked.prefix === 'decentralized_identifier'
        ? { method: 'did', didUrl: didJwk(this.#signer.public).kid, alg: 'ES256' }
        : { method: 'x5c', x5c: [this.#certificate], alg: 'ES256' };
    return { requestUri, jwtSigner, expiresInSeconds: 300, additionalJwtPayload: { aud: 'https://self-issued.me/v2' } };
  }

  async #answer(request: Arrived): Promise<Answer> {
    const [, route = '', id = ''] = request.url.pathname.split('/');
    const transaction = this.#transactions.get(id);
    if (!transaction) return { status: 404 };
    if (route === 'request') return { headers: { 'content-type': 'application/oauth-authz-req+jwt' }, body: this.#object(transaction) };
    try {
      transaction.accepted = await this.#read(transaction, form(request.body));
      return { body: {} };
    } catch (error) {
      transaction.refused = `${(error as Error).message} ${(error as { cause?: Error }).cause?.message ?? ''}`.trim();
      throw error;
    }
  }

  #object(transaction: Transaction): string {
    const object = transaction.object ?? '';
    const [header, payload = '', signature] = object.split('.');
    if (transaction.fault === undefined) return object;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    if (transaction.fault === 'signature') claims.nonce = randomUUID();
    else claims.client_id = `${String(claims.client_id)}x`;
    return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
  }

  /** Reads a response: the library parses and decrypts, the format libraries verify, `dcql` compares with the question. */
  async #read(transaction: Transaction, fields: Record<string, string>): Promise<Record<string, unknown>> {
    if (fields.error) throw new Error(`the wallet says ${fields.error}`);
    const parsed = await this.#verifier.parseOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: transaction.request, authorizationResponse: fields, callbacks: this.#context,
    });
    if (parsed.type !== 'dcql') throw new Error('not an answer to a DCQL query');
    if (parsed.authorizationResponsePayload.state !== transaction.id) throw new Error('another state');
    const query = DcqlQuery.parse(transaction.query);
    const seen: Record<string, [Candidate, ...Candidate[]]> = {};
    for (const [id, presentations] of Object.entries(parsed.dcql.presentations)) {
      const format = query.credentials.find((wanted) => wanted.id === id)?.format;
      const each = presentations.map((text) => (format === 'mso_mdoc' ? this.#mdoc(transaction, String(text)) : this.#sdJwt(transaction, String(text))));
      seen[id] = (await Promise.all(each)) as [Candidate, ...Candidate[]];
    }
    const result = DcqlPresentationResult.fromDcqlPresentation(seen as never, { dcqlQuery: query });
    if (!result.can_be_satisfied) throw new Error('the query is not satisfied');
    return seen;
  }

  async #sdJwt(transaction: Transaction, text: string): Promise<Candidate> {
    const { header, payload } = decode(text);
    const key = await this.resolve(String(header.kid ?? '').startsWith('did:') ? String(header.kid) : `${payload.iss}#0`);
    const claims = await sdJwt.verify(text, key, { aud: transaction.request.client_id, nonce: transaction.request.nonce });
    if (transaction.transactionData) checkHashes(text, transaction.request.transaction_data ?? []);
    return { credential_format: 'dc+sd-jwt', vct: String(claims.vct), claims, cryptographic_holder_binding: true };
  }

  async #mdoc(transaction: Transaction, response: string): Promise<Candidate> {
    const encrypted = transaction.mode === 'direct_post.jwt';
    const handover = {
      clientId: transaction.request.client_id,
      nonce: transaction.request.nonce,
      responseUri: String(transaction.request.response_uri),
      ...(encrypted ? { jwkThumbprint: Buffer.from(thumbprint(this.#encryption.public), 'base64url') } : {}),
    };
    const { docType, namespaces } = await mdoc.verify(response, handover, this.roots);
    return { credential_format: 'mso_mdoc', doctype: docType, namespaces, cryptographic_holder_binding: true };
  }
}

type Candidate = Record<string, unknown>;

function decode(text: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  const [header = '', payload = ''] = (text.split('~')[0] ?? '').split('.');
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { header: json(header), payload: json(payload) };
}

/** VP 1.0 Appendix B.3.3.1: the key binding holds the hash of each datum. */
function checkHashes(text: string, data: string[]): void {
  const binding = decode(text.split('~').at(-1) ?? '').payload;
  const hashes = data.map((datum) => createHash('sha256').update(datum).digest('base64url'));
  if (JSON.stringify(binding.transaction_data_hashes) !== JSON.stringify(hashes)) throw new Error('other transaction data');
}
