/** mdoc by `@owf/mdoc`: issued, shown and read by the peers. */
import { X509Certificate, createHash, randomBytes } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import {
  CoseKey, DeviceKey, DeviceRequest, DeviceResponse, DocRequest, Issuer, IssuerSigned, ItemsRequest, SessionTranscript,
  SignatureAlgorithm, Verifier,
} from '@owf/mdoc';
import type { MdocContext } from '@owf/mdoc';
import { trustedKey } from './certificates.ts';
import type { Key, PublicJwk } from './keys.ts';
import { signRaw, verifyRaw } from './keys.ts';

const DAY = 86_400_000;

export interface Handover {
  clientId: string;
  nonce: string;
  responseUri: string;
  /** Of the key that the response is encrypted to. */
  jwkThumbprint?: Uint8Array;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const jwkOf = (key: CoseKey): PublicJwk & { d?: string } => key.jwk as PublicJwk & { d?: string };
const notUsed = (): never => {
  throw new Error('device MAC is not used');
};

/** Cryptography and certificates for the peer, by Node. */
const context: MdocContext = {
  crypto: {
    random: (length) => randomBytes(length),
    digest: ({ digestAlgorithm, bytes }) => createHash(digestAlgorithm.replace('-', '')).update(bytes).digest(),
    calculateEphemeralMacKey: notUsed,
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) => {
        const { kty, crv, x, y, d } = jwkOf(key);
        return signRaw({ public: { kty, crv, x, y }, private: { kty, crv, x, y, d } as JsonWebKey, kid: '' }, toBeSigned);
      },
      verify: ({ key, sign1 }) => {
        const { kty, crv, x, y } = jwkOf(key);
        return verifyRaw({ kty, crv, x, y }, sign1.toBeSigned, sign1.signature);
      },
    },
    mac0: { sign: notUsed, verify: notUsed },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      new X509Certificate(certificate).issuer.split('\n').flatMap((part) => (part.startsWith(`${field}=`) ? [part.slice(field.length + 1)] : [])),
    getPublicKey: async ({ certificate }) =>
      CoseKey.fromJwk(new X509Certificate(certificate).publicKey.export({ format: 'jwk' }) as PublicJwk),
    verifyCertificateChain: async ({ trustedCertificates, x5chain }) => {
      if (!trustedKey(x5chain.map(base64), trustedCertificates.map(base64))) throw new Error('the chain is not trusted');
    },
    getCertificateData: async ({ certificate }) => {
      const read = new X509Certificate(certificate);
      return {
        issuerName: read.issuer,
        subjectName: read.subject,
        serialNumber: read.serialNumber,
        thumbprint: read.fingerprint,
        notBefore: new Date(read.validFrom),
        notAfter: new Date(read.validTo),
        pem: read.toString(),
      };
    },
  },
};

export interface Order {
  docType: string;
  namespace: string;
  elements: Record<string, unknown>;
  signer: Key;
  /** Base64 DER of the document signer. */
  certificate: string;
  device: PublicJwk;
}

/** An IssuerSigned as base64url. */
export async function issue(order: Order): Promise<string> {
  const issuer = new Issuer(order.docType, context);
  issuer.addIssuerNamespace(order.namespace, order.elements);
  const now = new Date(Math.floor(Date.now() / 1000) * 1000);
  const signed = await issuer.sign({
    signingKey: CoseKey.fromJwk(order.signer.private as PublicJwk),
    algorithm: SignatureAlgorithm.ES256,
    digestAlgorithm: 'SHA-256',
    validityInfo: { signed: now, validFrom: now, validUntil: new Date(now.getTime() + 8 * DAY) },
    deviceKeyInfo: { deviceKey: DeviceKey.fromJwk(order.device) },
    certificates: [Buffer.from(order.certificate, 'base64')],
  });
  return signed.encodedForOid4Vci;
}

/** A DeviceResponse with the named elements, as base64url. */
export async function present(
  holder: Key,
  issuerSigned: string,
  asked: { docType: string; namespace: string; elements: string[] },
  handover: Handover,
): Promise<string> {
  const wanted = Object.fromEntries(asked.elements.map((element) => [element, false]));
  const itemsRequest = ItemsRequest.create({ docType: asked.docType, namespaces: { [asked.namespace]: wanted } });
  const response = await DeviceResponse.createWithDeviceRequest(
    {
      deviceRequest: DeviceRequest.create({ docRequests: [DocRequest.create({ itemsRequest })] }),
      sessionTranscript: await SessionTranscript.forOid4Vp(handover, context),
      issuerSigned: [IssuerSigned.fromEncodedForOid4Vci(issuerSigned)],
      signature: { signingKey: CoseKey.fromJwk({ ...(holder.private as PublicJwk), alg: 'ES256' }) },
    },
    context,
  );
  return response.encodedForOid4Vp;
}

export interface Shown {
  docType: string;
  namespaces: Record<string, Record<string, unknown>>;
}

/** What a DeviceResponse shows, if it holds for the handover. */
export async function verify(response: string, handover: Handover, roots: string[]): Promise<Shown> {
  const bytes = Buffer.from(response, 'base64url');
  const sessionTranscript = await SessionTranscript.forOid4Vp(handover, context);
  const trust = { sessionTranscript, trustedCertificates: roots.map(der), now: new Date() };
  await Verifier.verifyDeviceResponse({ deviceResponse: bytes, ...trust }, context);
  const [document] = DeviceResponse.decode(bytes).documents ?? [];
  if (!document) throw new Error('no document');
  return { docType: document.docType, namespaces: elementsOf(document.issuerSigned) };
}

/** What an IssuerSigned (base64url) states, if its signature and digests hold. */
export async function verifyIssued(issuerSigned: string, roots: string[]): Promise<Shown> {
  const signed = IssuerSigned.fromEncodedForOid4Vci(issuerSigned);
  const verificationCallback = ({ status, check, reason }: { status: string; check: string; reason?: string }) => {
    if (status === 'FAILED') throw new Error(`${check}: ${reason}`);
  };
  await signed.verify({ trustedCertificates: roots.map(der), now: new Date(), verificationCallback }, context);
  return { docType: signed.issuerAuth.mobileSecurityObject.docType, namespaces: elementsOf(signed) };
}

const der = (certificate: string): Uint8Array =>
  certificate.includes('BEGIN') ? new X509Certificate(certificate).raw : Buffer.from(certificate, 'base64');

function elementsOf(signed: IssuerSigned): Shown['namespaces'] {
  const out: Shown['namespaces'] = {};
  for (const [namespace, items] of signed.issuerNamespaces.issuerNamespaces) {
    out[namespace] = Object.fromEntries(items.map((item) => [item.elementIdentifier, item.elementValue]));
  }
  return out;
}
