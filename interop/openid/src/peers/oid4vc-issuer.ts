/** An issuer out of `@openid4vc/openid4vci` and `oauth2`, with `@sd-jwt` and `@owf/mdoc` for the credentials. */
import { randomUUID } from 'node:crypto';
import {
  Oauth2AuthorizationServer, Oauth2ResourceServer, authorizationCodeGrantIdentifier, preAuthorizedCodeGrantIdentifier,
} from '@openid4vc/oauth2';
import type { AuthorizationServerMetadata, CallbackContext, Jwk, PkceCodeChallengeMethod } from '@openid4vc/oauth2';
import { Openid4vciIssuer } from '@openid4vc/openid4vci';
import type { CredentialIssuerMetadata, IssuerMetadataResult } from '@openid4vc/openid4vci';
import { callbacks } from '../shared/callbacks.ts';
import { certify } from '../shared/certificates.ts';
import type { Authority } from '../shared/certificates.ts';
import { didJwk, newKey } from '../shared/keys.ts';
import type { PublicJwk } from '../shared/keys.ts';
import * as mdoc from '../shared/mdoc.ts';
import * as sdJwt from '../shared/sd-jwt.ts';
import { form, listen, requestLike } from '../shared/server.ts';
import type { Answer, Arrived, Running } from '../shared/server.ts';
import { altered } from '../../../node/src/shared/tamper.ts';

export const CARD = { id: 'MemberCard', vct: 'https://credentials.example/member' };
export const LICENCE = { id: 'Licence', docType: 'org.iso.18013.5.1.mDL', namespace: 'org.iso.18013.5.1' };
export const CLAIMS = { given_name: '한별', family_name: '김', member: true };

export interface Offered {
  configuration: string;
  grant: 'pre-authorized' | 'authorization-code';
  txCode?: string;
  /** The credential is ready at the second asking. */
  deferred?: boolean;
  /** A fault that the wallet should find. */
  fault?: 'signature' | 'issuer-of-code';
  byReference?: boolean;
}

export interface Session extends Offered {
  id: string;
  code: string;
  pushed?: Record<string, unknown>;
  /** Keys that proofs were accepted for. */
  bound: PublicJwk[];
  asked: number;
  events: string[];
  refused: string[];
}

export class TheirIssuer {
  readonly #sessions: Session[] = [];
  readonly #offers = new Map<string, object>();
  readonly #nonces = new Set<string>();
  readonly #signer = newKey();
  readonly #context: CallbackContext;
  readonly #authorization: Oauth2AuthorizationServer;
  readonly #resource: Oauth2ResourceServer;
  readonly #issuer: Openid4vciIssuer;
  #running: Running | undefined;
  #certificate = '';

  constructor(readonly authority: Authority) {
    const none = () => Promise.reject(new Error('this issuer resolves no DID'));
    this.#context = callbacks({ keys: [this.#signer], roots: [], resolve: none });
    this.#authorization = new Oauth2AuthorizationServer({ callbacks: this.#context });
    this.#resource = new Oauth2ResourceServer({ callbacks: this.#context });
    this.#issuer = new Openid4vciIssuer({ callbacks: this.#context });
  }

  async start(): Promise<void> {
    this.#running = await listen((request) => this.#answer(request));
    this.#certificate = await certify(this.authority, this.#signer, { uri: this.id, mdoc: true });
  }

  stop(): void {
    this.#running?.close();
  }

  get id(): string {
    return `${this.#running?.origin}/desk`;
  }

  /** Offers, and returns the link and the session that shows what became of it. */
  async offer(order: Offered): Promise<{ link: string; session: Session }> {
    const session = { ...order, id: randomUUID(), code: randomUUID(), bound: [], asked: 0, events: [], refused: [] };
    this.#sessions.push(session);
    const prompt = order.txCode ? { tx_code: { input_mode: 'numeric' as const, length: order.txCode.length } } : {};
    const grants =
      order.grant === 'pre-authorized'
        ? { [preAuthorizedCodeGrantIdentifier]: { 'pre-authorized_code': session.code, ...prompt } }
        : { [authorizationCodeGrantIdentifier]: { issuer_state: session.id } };
    const made = await this.#issuer.createCredentialOffer({
      issuerMetadata: this.#metadata(),
      credentialConfigurationIds: [order.configuration],
      grants,
      ...(order.byReference ? { credentialOfferUri: `${this.id}/offers/${session.id}` } : {}),
    });
    this.#offers.set(session.id, made.credentialOfferObject);
    return { link: made.credentialOffer, session };
  }

  #server(): AuthorizationServerMetadata {
    return this.#authorization.createAuthorizationServerMetadata({
      issuer: this.id,
      token_endpoint: `${this.id}/token`,
      authorization_endpoint: `${this.id}/authorize`,
      pushed_authorization_request_endpoint: `${this.id}/par`,
      require_pushed_authorization_requests: true,
      jwks_uri: `${this.id}/jwks`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      grant_types_supported: [authorizationCodeGrantIdentifier, preAuthorizedCodeGrantIdentifier],
      dpop_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['none'],
      'pre-authorized_grant_anonymous_access_supported': true,
    });
  }

  #metadata(): IssuerMetadataResult {
    const proofs = { jwt: { proof_signing_alg_values_supported: ['ES256'] } };
    const credentialIssuer = this.#issuer.createCredentialIssuerMetadata({
      credential_issuer: this.id,
      credential_endpoint: `${this.id}/credential`,
      deferred_credential_endpoint: `${this.id}/deferred`,
      nonce_endpoint: `${this.id}/nonce`,
      notification_endpoint: `${this.id}/notification`,
      batch_credential_issuance: { batch_size: 5 },
      display: [{ name: '상호운용 발급소', locale: 'ko-KR' }],
      credential_configurations_supported: {
        [CARD.id]: {
          format: 'dc+sd-jwt', vct: CARD.vct, scope: CARD.id, proof_types_supported: proofs,
          cryptographic_binding_methods_supported: ['jwk'], credential_signing_alg_values_supported: ['ES256'],
        },
        [LICENCE.id]: {
          format: 'mso_mdoc', doctype: LICENCE.docType, scope: LICENCE.id, proof_types_supported: proofs,
          cryptographic_binding_methods_supported: ['cose_key'], credential_signing_alg_values_supported: [-7],
        },
      },
    } as CredentialIssuerMetadata);
    return {
      originalDraftVersion: 'V1' as IssuerMetadataResult['originalDraftVersion'],
      credentialIssuer,
      authorizationServers: [this.#server()],
      knownCredentialConfigurations: this.#issuer.getKnownCredentialConfigurationsSupported(credentialIssuer),
    };
  }

  async #answer(request: Arrived): Promise<Answer> {
    const { pathname } = request.url;
    const [, , route = '', part = ''] = pathname.split('/');
    if (pathname === '/.well-known/openid-credential-issuer/desk') return { body: this.#metadata().credentialIssuer };
    if (pathname === '/.well-known/oauth-authorization-server/desk') return { body: this.#server() };
    switch (route) {
      case 'offers':
        return { body: this.#offers.get(part) ?? {} };
      case 'jwks':
        return { body: { keys: [{ ...this.#signer.public, kid: this.#signer.kid, use: 'sig', alg: 'ES256' }] } };
      case 'par':
        return this.#push(request);
      case 'authorize':
        return this.#authorize(request);
      case 'token':
        return this.#token(request);
      case 'nonce': {
        const nonce = randomUUID();
        this.#nonces.add(nonce);
        return { body: this.#issuer.createNonceResponse({ cNonce: nonce }) };
      }
      case 'credential':
        return this.#credential(request);
      case 'deferred':
        return this.#deferred(request);
      case 'notification':
        return this.#notified(request);
      default:
        return { status: 404 };
    }
  }

  async #push(request: Arrived): Promise<Answer> {
    const parsed = await this.#authorization.parsePushedAuthorizationRequest({
      request: requestLike(request), authorizationRequest: form(request.body),
    });
    await this.#authorization.verifyPushedAuthorizationRequest({
      authorizationServerMetadata: this.#server(), request: requestLike(request),
      authorizationRequest: parsed.authorizationRequest,
      ...(parsed.dpop ? { dpop: parsed.dpop } : {}),
    });
    const session = this.#session((known) => known.id === parsed.authorizationRequest.issuer_state);
    session.pushed = { ...parsed.authorizationRequest, ...(parsed.dpop?.jwkThumbprint ? { jkt: parsed.dpop.jwkThumbprint } : {}) };
    const { pushedAuthorizationResponse } = this.#authorization.createPushedAuthorizationResponse({
      requestUri: `urn:ietf:params:oauth:request_uri:${session.id}`, expiresInSeconds: 60,
    });
    return { status: 201, body: pushedAuthorizationResponse };
  }

  /** The person agrees at once. */
  async #authorize(request: Arrived): Promise<Answer> {
    const uri = request.url.searchParams.get('request_uri') ?? '';
    const session = this.#session((known) => uri.endsWith(known.id) && known.pushed !== undefined);
    const back = new URL(String(session.pushed?.redirect_uri));
    back.searchParams.set('code', session.code);
    if (session.pushed?.state) back.searchParams.set('state', String(session.pushed.state));
    back.searchParams.set('iss', session.fault === 'issuer-of-code' ? 'https://other.example' : this.id);
    return { status: 303, headers: { location: back.href } };
  }

  async #token(request: Arrived): Promise<Answer> {
    const like = requestLike(request);
    const parsed = this.#authorization.parseAccessTokenRequest({ request: like, accessTokenRequest: form(request.body) });
    const base = { authorizationServerMetadata: this.#server(), request: like };
    const dpop = parsed.dpop ? { dpop: { ...parsed.dpop, allowedSigningAlgs: ['ES256'] } } : {};
    const { grant } = parsed;
    const given = 'preAuthorizedCode' in grant ? grant.preAuthorizedCode : 'code' in grant ? grant.code : '';
    const session = this.#session((known) => known.code === given);
    const verified = await this.#verifyGrant(session, base, dpop, parsed).catch((error: unknown) => {
      session.refused.push(String((error as Error).message));
      throw error;
    });
    session.code = randomUUID();
    const body = await this.#authorization.createAccessTokenResponse({
      authorizationServer: this.id, audience: this.id, subject: session.id, expiresInSeconds: 300,
      signer: { method: 'jwk', publicJwk: this.#signer.public as Jwk, kid: this.#signer.kid, alg: 'ES256' },
      ...(verified.dpop ? { dpop: { jwk: verified.dpop.jwk } } : {}),
    });
    return { body };
  }

  #verifyGrant(
    session: Session,
    base: { authorizationServerMetadata: AuthorizationServerMetadata; request: ReturnType<typeof requestLike> },
    dpop: object,
    parsed: ReturnType<Oauth2AuthorizationServer['parseAccessTokenRequest']>,
  ) {
    const { grant } = parsed;
    const options = { ...base, ...dpop, accessTokenRequest: parsed.accessTokenRequest };
    if ('preAuthorizedCode' in grant) {
      return this.#authorization.verifyPreAuthorizedCodeAccessTokenRequest({
        ...options, grant, expectedPreAuthorizedCode: session.code, ...(session.txCode ? { expectedTxCode: session.txCode } : {}),
      });
    }
    if (!('code' in grant)) throw new Error('another grant');
    return this.#authorization.verifyAuthorizationCodeAccessTokenRequest({
      ...options, grant, expectedCode: session.code,
      pkce: {
        codeChallenge: String(session.pushed?.code_challenge),
        codeChallengeMethod: String(session.pushed?.code_challenge_method) as PkceCodeChallengeMethod,
        ...(parsed.pkceCodeVerifier ? { codeVerifier: parsed.pkceCodeVerifier } : {}),
      },
    });
  }

  async #credential(request: Arrived): Promise<Answer> {
    const session = await this.#admitted(request);
    const issuerMetadata = this.#metadata();
    const parsed = this.#issuer.parseCredentialRequest({ issuerMetadata, credentialRequest: JSON.parse(request.body) });
    const keys: PublicJwk[] = [];
    for (const jwt of parsed.proofs?.jwt ?? []) keys.push(await this.#provenKey(session, jwt, issuerMetadata));
    if (keys.length === 0) throw new Error('no proofs');
    session.bound.push(...keys);
    session.asked += 1;
    const response = session.deferred
      ? this.#issuer.createCredentialResponse({ credentialRequest: parsed, transactionId: session.id, interval: 1 })
      : this.#issuer.createCredentialResponse({
          credentialRequest: parsed, credentials: await this.#make(session, keys), notificationId: session.id,
        });
    return { status: session.deferred ? 202 : 200, body: response };
  }

  async #provenKey(session: Session, jwt: string, issuerMetadata: IssuerMetadataResult): Promise<PublicJwk> {
    const claimed = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as { nonce?: string };
    const expectedNonce = this.#nonces.has(claimed.nonce ?? '') ? claimed.nonce : 'none was given';
    try {
      const proven = await this.#issuer.verifyCredentialRequestJwtProof({ issuerMetadata, jwt, expectedNonce: String(expectedNonce) });
      return proven.signer.publicJwk as PublicJwk;
    } catch (error) {
      const { cause, errorResponse } = error as { cause?: Error; errorResponse?: object };
      session.refused.push(`${JSON.stringify(errorResponse)} ${cause?.message}`);
      throw error;
    }
  }

  async #deferred(request: Arrived): Promise<Answer> {
    const session = await this.#admitted(request);
    const { deferredCredentialRequest } = this.#issuer.parseDeferredCredentialRequest({ deferredCredentialRequest: JSON.parse(request.body) });
    if (deferredCredentialRequest.transaction_id !== session.id) throw new Error('another transaction');
    session.asked += 1;
    if (session.asked < 2) return { status: 202, body: this.#issuer.createDeferredCredentialResponse({ transactionId: session.id, interval: 1 }) };
    const credentials = await this.#make(session, session.bound);
    return { body: this.#issuer.createDeferredCredentialResponse({ credentials }) };
  }

  async #notified(request: Arrived): Promise<Answer> {
    const session = await this.#admitted(request);
    session.events.push(String((JSON.parse(request.body) as { event?: string }).event));
    return { status: 204 };
  }

  async #admitted(request: Arrived): Promise<Session> {
    const { tokenPayload } = await this.#resource.verifyResourceRequest({
      authorizationServers: [this.#server()], request: requestLike(request), resourceServer: this.id,
    });
    return this.#session((known) => known.id === tokenPayload.sub);
  }

  #session(is: (session: Session) => boolean): Session {
    const found = this.#sessions.find(is);
    if (!found) throw Object.assign(new Error('no such session'), { errorResponse: { error: 'invalid_grant' } });
    return found;
  }

  #make(session: Session, keys: PublicJwk[]): Promise<[{ credential: string }, ...{ credential: string }[]]> {
    const each = keys.map(async (key) => {
      const made = session.configuration === CARD.id ? await this.#card(key) : await this.#licence(key);
      return { credential: session.fault === 'signature' ? spoiled(made) : made };
    });
    return Promise.all(each) as Promise<[{ credential: string }, ...{ credential: string }[]]>;
  }

  #card(key: PublicJwk): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { did, kid } = didJwk(this.#signer.public);
    const { kty, crv, x, y } = key;
    const fixed = { iss: did, vct: CARD.vct, iat: now, exp: now + 86_400, cnf: { jwk: { kty, crv, x, y } } };
    return sdJwt.issue(this.#signer, { typ: 'dc+sd-jwt', kid }, fixed, CLAIMS);
  }

  #licence(device: PublicJwk): Promise<string> {
    return mdoc.issue({
      docType: LICENCE.docType, namespace: LICENCE.namespace, elements: CLAIMS, signer: this.#signer,
      certificate: this.#certificate, device,
    });
  }
}

/** With one character of the issuer's signature altered. */
function spoiled(credential: string): string {
  const [token = '', ...rest] = credential.split('~');
  if (rest.length > 0) return [altered(token, -20), ...rest].join('~');
  const bytes = Buffer.from(credential, 'base64url');
  const at = bytes.indexOf('한별');
  if (at < 0) throw new Error('no name to alter');
  bytes.write('한솔', at);
  return bytes.toString('base64url');
}
