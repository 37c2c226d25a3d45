/** A full Credo agent: its own key management, DIDs, SD-JWT VC, mdoc and OpenID4VC modules. */
import 'reflect-metadata';
import { Agent, ConsoleLogger, DidsModule, JwkDidResolver, Kms, LogLevel, MdocRecord, SdJwtVcRecord, X509Module } from '@credo-ts/core';
import type { AgentContext, DidResolutionResult, DidResolver } from '@credo-ts/core';
import { DidDocument, JsonTransformer } from '@credo-ts/core';
import { NodeInMemoryKeyManagementStorage, NodeKeyManagementService, agentDependencies } from '@credo-ts/node';
import { OpenId4VcModule } from '@credo-ts/openid4vc';
import { MemoryStorageModule } from './credo-storage.ts';

/** Documents of DIDs that Credo has no resolver for. */
export type Documents = (did: string) => Promise<object>;

class GivenResolver implements DidResolver {
  readonly supportedMethods = ['tlog', 'web', 'webvh'];
  readonly allowsCaching = false;

  constructor(readonly documents: Documents) {}

  async resolve(_: AgentContext, did: string): Promise<DidResolutionResult> {
    const didDocument = JsonTransformer.fromJSON(await this.documents(did), DidDocument);
    return { didDocument, didDocumentMetadata: {}, didResolutionMetadata: { contentType: 'application/did+ld+json' } };
  }
}

export type Credo = Awaited<ReturnType<typeof newAgent>>;

/** A running agent that trusts `roots` (base64 DER or PEM) and reads DIDs through `documents`. */
export async function newAgent(roots: string[], documents: Documents, dependencies: object = agentDependencies) {
  const agent = new Agent({
    config: { allowInsecureHttpUrls: true, autoUpdateStorageOnStartup: true, logger: new ConsoleLogger(process.env.CREDO_LOG ? LogLevel.debug : LogLevel.off) },
    dependencies: dependencies as never,
    modules: {
      storage: new MemoryStorageModule(),
      kms: new Kms.KeyManagementModule({
        backends: [new NodeKeyManagementService(new NodeInMemoryKeyManagementStorage()) as unknown as Kms.KeyManagementService],
      }),
      dids: new DidsModule({ resolvers: [new JwkDidResolver(), new GivenResolver(documents)] }),
      x509: new X509Module({ trustedCertificates: roots }),
      openid4vc: new OpenId4VcModule({}),
    },
  });
  await agent.initialize();
  return agent;
}

export interface ReceiveOptions {
  txCode?: string;
  copies?: number;
  clientId?: string;
  redirectUri?: string;
  browse?: (url: string) => Promise<string>;
}

export interface Received {
  records: (SdJwtVcRecord | MdocRecord)[];
  credentials: string[];
  deferred: boolean;
  dpop: boolean;
}

/** From an offer to stored credentials, by the agent's own calls only. */
export async function receive(agent: Credo, link: string, options: ReceiveOptions = {}): Promise<Received> {
  const { holder } = agent.openid4vc;
  const resolvedCredentialOffer = await holder.resolveCredentialOffer(link);
  const token = await requestToken(agent, resolvedCredentialOffer, options);
  const granted = { accessToken: token.accessToken, ...(token.dpop ? { dpop: token.dpop } : {}) };
  const answer = await holder.requestCredentials({
    resolvedCredentialOffer, ...granted, ...(options.browse && options.clientId ? { clientId: options.clientId } : {}),
    credentialBindingResolver: async ({ issuerMaxBatchSize }) => {
      const count = Math.min(options.copies ?? 1, issuerMaxBatchSize);
      const keys = Array.from({ length: count }, () => agent.kms.createKey({ type: { kty: 'EC', crv: 'P-256' } }));
      const made = await Promise.all(keys);
      return { method: 'jwk', keys: made.map(({ publicJwk }) => Kms.PublicJwk.fromPublicJwk(publicJwk)) };
    },
  });
  const later = answer.deferredCredentials[0];
  const responses = later ? await wait(agent, resolvedCredentialOffer.metadata, granted, later) : answer.credentials;
  const records = responses.map(({ record }) => record as SdJwtVcRecord | MdocRecord);
  for (const record of records) await store(agent, record);
  for (const { notificationId } of responses) {
    if (!notificationId) continue;
    await holder.sendNotification({
      metadata: resolvedCredentialOffer.metadata, notificationId, notificationEvent: 'credential_accepted', ...granted,
    });
  }
  const credentials = records.flatMap((record) =>
    record instanceof SdJwtVcRecord ? record.credentialInstances.map(({ compactSdJwtVc }) => compactSdJwtVc) : record.credentialInstances.map(({ issuerSignedBase64Url }) => issuerSignedBase64Url),
  );
  return { records, credentials, deferred: later !== undefined, dpop: token.dpop !== undefined };
}

type Offer = Awaited<ReturnType<Credo['openid4vc']['holder']['resolveCredentialOffer']>>;

async function requestToken(agent: Credo, resolvedCredentialOffer: Offer, options: ReceiveOptions) {
  const { holder } = agent.openid4vc;
  if (!options.browse) {
    return holder.requestToken({ resolvedCredentialOffer, ...(options.txCode ? { txCode: options.txCode } : {}) });
  }
  const clientId = options.clientId ?? '';
  const redirectUri = options.redirectUri ?? '';
  const begun = await holder.resolveOpenId4VciAuthorizationRequest(resolvedCredentialOffer, {
    clientId, redirectUri, scope: scopes(resolvedCredentialOffer),
  });
  if (!('authorizationRequestUrl' in begun)) throw new Error('another flow');
  const authorizationResponseRedirectUrl = await options.browse(begun.authorizationRequestUrl);
  const { authorizationCode } = holder.parseAuthorizationCodeFromAuthorizationResponse({ authorizationResponseRedirectUrl, resolvedCredentialOffer });
  return holder.requestToken({
    resolvedCredentialOffer, code: authorizationCode, clientId, redirectUri,
    ...(begun.codeVerifier ? { codeVerifier: begun.codeVerifier } : {}), ...(begun.dpop ? { dpop: begun.dpop } : {}),
  });
}

function scopes(offer: Offer): string[] {
  return Object.values(offer.offeredCredentialConfigurations).flatMap(({ scope }) => (scope ? [scope] : []));
}

async function wait(agent: Credo, issuerMetadata: Offer['metadata'], granted: { accessToken: string }, later: Deferred) {
  for (let tries = 0; tries < 3; tries += 1) {
    await new Promise((done) => setTimeout(done, (later.interval ?? 1) * 1000 + 100));
    const { credentials } = await agent.openid4vc.holder.requestDeferredCredentials({ issuerMetadata, ...later, ...granted });
    if (credentials.length > 0) return credentials;
  }
  throw new Error('still not ready');
}

type Deferred = Awaited<ReturnType<Credo['openid4vc']['holder']['requestCredentials']>>['deferredCredentials'][number];

async function store(agent: Credo, record: SdJwtVcRecord | MdocRecord): Promise<void> {
  if (record instanceof SdJwtVcRecord) await agent.sdJwtVc.store({ record });
  else await agent.mdoc.store({ record });
}

/** Reads a request, lets the agent choose among what it holds, and answers. */
export async function present(agent: Credo, link: string) {
  const { holder } = agent.openid4vc;
  const resolved = await holder.resolveOpenId4VpAuthorizationRequest(link);
  if (!resolved.dcql) throw new Error('no DCQL query');
  const { queryResult } = resolved.dcql;
  if (!queryResult.can_be_satisfied) throw new Error(`the agent cannot satisfy the query: ${JSON.stringify(queryResult.credential_matches)}`);
  const credentials = holder.selectCredentialsForDcqlRequest(queryResult);
  const transactionData = resolved.transactionData?.map(({ matchedCredentialIds }) => ({ credentialId: matchedCredentialIds[0] ?? '' }));
  const sent = await holder.acceptOpenId4VpAuthorizationRequest({
    authorizationRequestPayload: resolved.authorizationRequestPayload, dcql: { credentials }, ...(transactionData ? { transactionData } : {}),
  });
  return { prefix: resolved.verifier.clientIdPrefix, ok: sent.ok, response: sent.serverResponse };
}
