/** A root (IACA) and a document signer certificate after ISO/IEC 18013-5 Annex B, and how the peer reads certificates. */
import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { JsonObject } from '../shared/json.ts';

x509.cryptoProvider.set(webcrypto as unknown as Crypto);

const MDL_SIGNER = '1.0.18013.5.1.2';
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;

export interface Issuer {
  root: Uint8Array;
  signer: Uint8Array;
  privateJwk: JsonObject;
}

export async function newIssuer(now: Date): Promise<Issuer> {
  const rootKeys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const signerKeys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const period = { notBefore: new Date(now.getTime() - DAY), notAfter: new Date(now.getTime() + 300 * DAY) };
  const location = new x509.Extension('2.5.29.18', false, alternativeName('https://issuer.example'));
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '51b3f0a1c2d3e4f5061728394a5b6c7d',
    name: 'C=KR,CN=Sinpyo Interop IACA',
    ...period,
    notAfter: new Date(now.getTime() + 3000 * DAY),
    keys: rootKeys as CryptoKeyPair,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey as CryptoKey),
      location,
      new x509.CRLDistributionPointsExtension(['https://issuer.example/crl']),
    ],
  });
  const signer = await x509.X509CertificateGenerator.create({
    serialNumber: '61b3f0a1c2d3e4f5061728394a5b6c7e',
    subject: 'C=KR,CN=Sinpyo Interop Document Signer',
    issuer: root.subject,
    ...period,
    publicKey: signerKeys.publicKey as CryptoKey,
    signingKey: rootKeys.privateKey as CryptoKey,
    signingAlgorithm: ECDSA,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([MDL_SIGNER], true),
      await x509.SubjectKeyIdentifierExtension.create(signerKeys.publicKey as CryptoKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey as CryptoKey),
      location,
      new x509.CRLDistributionPointsExtension(['https://issuer.example/crl']),
    ],
  });
  const jwk = (await webcrypto.subtle.exportKey('jwk', signerKeys.privateKey)) as unknown as JsonObject;
  const { kty = null, crv = null, x = null, y = null, d = null } = jwk;
  return {
    root: new Uint8Array(root.rawData),
    signer: new Uint8Array(signer.rawData),
    privateJwk: { kty, crv, x, y, d },
  };
}

/** GeneralNames with one URI [RFC 5280 §4.2.1.6]: SEQUENCE { [6] IA5String }. */
function alternativeName(uri: string): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(uri, 'ascii');
  return new Uint8Array([0x30, text.length + 2, 0x86, text.length, ...text]);
}

/** What `@owf/mdoc` asks of an X.509 library. */
export const reader = {
  getIssuerNameField({ certificate, field }: { certificate: Uint8Array; field: string }): string[] {
    return parse(certificate).issuerName.getField(field);
  },
  async publicJwk(certificate: Uint8Array): Promise<JsonObject> {
    const key = await parse(certificate).publicKey.export();
    const jwk = await webcrypto.subtle.exportKey('jwk', key as webcrypto.CryptoKey);
    return jwk as unknown as JsonObject;
  },
  async verifyCertificateChain(input: { trustedCertificates: Uint8Array[]; x5chain: Uint8Array[]; now?: Date }) {
    const chain = [...input.x5chain.map(parse)];
    const roots = input.trustedCertificates.map(parse);
    for (const [index, certificate] of chain.entries()) {
      const issuer = chain[index + 1] ?? roots.find((root) => root.subject === certificate.issuer);
      if (!issuer) throw new Error('no trusted issuer');
      const good = await certificate.verify({ publicKey: issuer.publicKey, date: input.now ?? new Date() });
      if (!good) throw new Error('a certificate of the chain does not verify');
    }
  },
  async getCertificateData({ certificate }: { certificate: Uint8Array }) {
    const read = parse(certificate);
    return {
      issuerName: read.issuer,
      subjectName: read.subject,
      serialNumber: read.serialNumber,
      thumbprint: Buffer.from(await read.getThumbprint()).toString('hex'),
      notBefore: read.notBefore,
      notAfter: read.notAfter,
      pem: read.toString('pem'),
    };
  },
};

function parse(certificate: Uint8Array): x509.X509Certificate {
  return new x509.X509Certificate(new Uint8Array(certificate));
}
