/** A wallet out of `@openid4vc/openid4vci` and `openid4vp`, with `@sd-jwt` and `@owf/mdoc` for the credentials. */
import { HashAlgorithm, Oauth2Client, calculateJwkThumbprint, clientAuthenticationNone } from '@openid4vc/oauth2';
import type { CallbackContext, Jwk, JwtSignerJwk, RequestDpopOptions } from '@openid4vc/oauth2';
import { Openid4vciClient } from '@openid4vc/openid4vci';
import type { CredentialOfferObject, IssuerMetadataResult } from '@openid4vc/openid4vci';
import { Openid4vpClient, extractEncryptionJwkFromJwks } from '@openid4vc/openid4vp';
import { callbacks } from '../shared/callbacks.ts';
import type { World } from '../shared/callbacks.ts';
import { newKey } from '../shared/keys.ts';
import type { Key } from '../shared/keys.ts';

/** Where the browser ends after the authorization page: the wallet's own address. */
export const REDIRECT = 'http://127.0.0.1:9/callback';
export const CLIENT_ID = 'https://wallet.example';

export interface ReceiveOptions {
  txCode?: string;
  copies?: number;
  /** Goes through the authorization page as a person would; returns where the browser is sent at the end. */
  browse?: (url: string) => Promise<string>;
  more?: Record<string, unknown>;
}

export interface Received {
  credentials: string[];
  keys: Key[];
  deferred: boolean;
  token: string;
  tokenType: string;
  notificationId?: string;
}

/** A grant: what the next requests go with. */
interface Admission {
  accessToken: string;
  dpop?: RequestDpopOptions;
}

export class TheirWallet {
  readonly keys: Key[] = [];
  readonly #dpopKey = this.newKey();
  readonly #context: CallbackContext;
  readonly #oauth: Oauth2Client;
  readonly #vci: Openid4vciClient;
  readonly vp: Openid4vpClient;

  constructor(world: Omit<World, 'keys'>, readonly clientId: string | undefined = undefined) {
    const clientAuthentication = clientId ? { clientAuthentication: clientAuthenticationNone({ clientId }) } : {};
    this.#context = callbacks({ ...world, ...clientAuthentication, keys: this.keys });
    this.#oauth = new Oauth2Client({ callbacks: this.#context });
    this.#vci = new Openid4vciClient({ callbacks: this.#context });
    this.vp = new Openid4vpClient({ callbacks: this.#context });
  }

  newKey(): Key {
    const key = newKey();
    this.keys.push(key);
    return key;
  }

  /** The whole way from an offer to the credentials. */
  async receive(link: string, options: ReceiveOptions = {}): Promise<Received> {
    const credentialOffer = await this.#vci.resolveCredentialOffer(link);
    const issuerMetadata = await this.#vci.resolveIssuerMetadata(credentialOffer.credential_issuer);
    const granted = options.browse
      ? await this.#byBrowser(credentialOffer, issuerMetadata, options.browse)
      : await this.#vci.retrievePreAuthorizedCodeAccessTokenFromOffer({
          credentialOffer, issuerMetadata, dpop: { signer: this.#dpopSigner() },
          ...(options.txCode ? { txCode: options.txCode } : {}),
        });
    const { access_token: token, token_type: tokenType } = granted.accessTokenResponse;
    const admission = { accessToken: token, ...(granted.dpop ? { dpop: granted.dpop } : {}) };
    const credentialConfigurationId = credentialOffer.credential_configuration_ids[0] ?? '';
    const keys = Array.from({ length: options.copies ?? 1 }, () => this.newKey());
    const proofs = await this.#proofs(issuerMetadata, credentialConfigurationId, keys, options);
    const { credentialResponse } = await this.#vci.retrieveCredentials({
      issuerMetadata, credentialConfigurationId, ...admission, proofs: { jwt: proofs },
      ...(options.more ? { additionalRequestPayload: options.more } : {}),
    });
    const deferred = credentialResponse.transaction_id;
    const last = deferred ? await this.#wait(issuerMetadata, admission, deferred, Number(credentialResponse.interval)) : credentialResponse;
    const credentials = (last.credentials ?? []).map((entry) => String((entry as { credential: unknown }).credential));
    const { notification_id: notificationId } = last;
    if (notificationId) {
      const notification = { notificationId, event: 'credential_accepted' as const };
      await this.#vci.sendNotification({ issuerMetadata, notification, ...admission });
    }
    return { credentials, keys, deferred: deferred !== undefined, token, tokenType, ...(notificationId ? { notificationId } : {}) };
  }

  async #byBrowser(credentialOffer: CredentialOfferObject, issuerMetadata: IssuerMetadataResult, browse: (url: string) => Promise<string>) {
    const state = crypto.randomUUID();
    const configuration = credentialOffer.credential_configuration_ids[0] ?? '';
    const scope = issuerMetadata.knownCredentialConfigurations[configuration]?.scope;
    const [authorizationServerMetadata] = issuerMetadata.authorizationServers;
    if (!authorizationServerMetadata) throw new Error('no authorization server');
    // Their Openid4vciClient takes `state` and does not send it; the client below it does.
    const begun = await this.#oauth.createAuthorizationRequestUrl({
      authorizationServerMetadata, clientId: this.clientId ?? CLIENT_ID, redirectUri: REDIRECT, state,
      ...(scope ? { scope } : {}), dpop: { signer: this.#dpopSigner() }, resource: issuerMetadata.credentialIssuer.credential_issuer,
      additionalRequestPayload: { issuer_state: credentialOffer.grants?.authorization_code?.issuer_state },
    });
    const redirected = await browse(begun.authorizationRequestUrl);
    const answer = this.#vci.parseAndVerifyAuthorizationResponseRedirectUrl({ url: redirected, authorizationServerMetadata });
    if (answer.state !== state || answer.code === undefined) throw new Error(`the page says ${JSON.stringify(answer)}`);
    return this.#vci.retrieveAuthorizationCodeAccessTokenFromOffer({
      credentialOffer, issuerMetadata, authorizationCode: answer.code, redirectUri: REDIRECT,
      ...(begun.pkce ? { pkceCodeVerifier: begun.pkce.codeVerifier } : {}), dpop: { signer: this.#dpopSigner() },
    });
  }

  async #proofs(issuerMetadata: IssuerMetadataResult, configuration: string, keys: Key[], options: ReceiveOptions): Promise<[string, ...string[]]> {
    const { c_nonce } = await this.#vci.requestNonce({ issuerMetadata });
    const each = keys.map(async (key) => {
      const { jwt } = await this.#vci.createCredentialRequestJwtProof({
        issuerMetadata, credentialConfigurationId: configuration, nonce: c_nonce, signer: signerOf(key),
        ...(options.browse ? { clientId: this.clientId ?? CLIENT_ID } : {}),
      });
      return jwt;
    });
    return (await Promise.all(each)) as [string, ...string[]];
  }

  async #wait(issuerMetadata: IssuerMetadataResult, admission: Admission, transactionId: string, interval: number) {
    for (let tries = 0; tries < 3; tries += 1) {
      await new Promise((done) => setTimeout(done, interval * 1000 + 100));
      const { deferredCredentialResponse } = await this.#vci.retrieveDeferredCredentials({ issuerMetadata, transactionId, ...admission });
      if (deferredCredentialResponse.credentials) return deferredCredentialResponse;
    }
    throw new Error('still not ready');
  }

  #dpopSigner(): JwtSignerJwk {
    return signerOf(this.#dpopKey);
  }

  /** Reads and authenticates a request; the twin of a request is refused here. */
  async read(link: string) {
    const { params } = this.vp.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
    return this.vp.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params });
  }

  /** Sends presentations, encrypted if the request asks for it. */
  async answer(request: Awaited<ReturnType<TheirWallet['read']>>, vpToken: Record<string, [string, ...string[]]>) {
    const { authorizationRequestPayload } = request;
    const encrypted = authorizationRequestPayload.response_mode === 'direct_post.jwt';
    const serverMetadata = {
      authorization_signing_alg_values_supported: ['ES256'],
      authorization_encryption_alg_values_supported: ['ECDH-ES'],
      authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
    };
    const created = await this.vp.createOpenid4vpAuthorizationResponse({
      authorizationRequestPayload, authorizationResponsePayload: { vp_token: vpToken },
      ...(encrypted ? { jarm: { encryption: { nonce: crypto.randomUUID() }, serverMetadata } } : {}),
    });
    const { response } = await this.vp.submitOpenid4vpAuthorizationResponse({
      authorizationRequestPayload: authorizationRequestPayload as { response_uri: string },
      authorizationResponsePayload: created.authorizationResponsePayload, ...(created.jarm ? { jarm: created.jarm } : {}),
    });
    return { status: response.status, body: (await response.json().catch(() => ({}))) as Record<string, unknown> };
  }

  /** The thumbprint that the mdoc handover holds, if the response is encrypted. */
  async handoverThumbprint(request: Awaited<ReturnType<TheirWallet['read']>>): Promise<Uint8Array | undefined> {
    const { client_metadata: metadata, response_mode: mode } = request.authorizationRequestPayload;
    if (mode !== 'direct_post.jwt' || !metadata?.jwks) return undefined;
    const jwk = extractEncryptionJwkFromJwks(metadata.jwks as { keys: Jwk[] }, { supportedAlgValues: ['ECDH-ES'] });
    if (!jwk) return undefined;
    const text = await calculateJwkThumbprint({ jwk, hashAlgorithm: HashAlgorithm.Sha256, hashCallback: this.#context.hash });
    return Buffer.from(text, 'base64url');
  }
}

function signerOf(key: Key): JwtSignerJwk {
  return { method: 'jwk', publicJwk: key.public as Jwk, alg: 'ES256' };
}
