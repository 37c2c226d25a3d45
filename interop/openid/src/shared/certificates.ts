/** A certificate authority of the peers' own, and what they read out of certificates. */
import { X509Certificate, createHash, webcrypto } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Key, PublicJwk } from './keys.ts';

x509.cryptoProvider.set(webcrypto as unknown as Crypto);

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;
/** ISO/IEC 18013-5 Annex B. */
const MDL_SIGNER = '1.0.18013.5.1.2';

export interface Authority {
  key: Key;
  root: x509.X509Certificate;
}

/** A root that lives for ten days. */
export async function newAuthority(key: Key, name: string): Promise<Authority> {
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}, C=KR`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 10 * DAY),
    keys: await pair(key),
    signingAlgorithm: ES256,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(await publicKey(key.public)),
      issuerLocation(),
      revocation(),
    ],
  });
  return { key, root };
}

/** A leaf for a key with the given names; base64 DER as `x5c` wants it. */
export async function certify(by: Authority, key: Key, names: { dns?: string; uri?: string; mdoc?: boolean }): Promise<string> {
  const alternatives: x509.JsonGeneralNames = [];
  if (names.dns) alternatives.push({ type: 'dns', value: names.dns });
  if (names.uri) alternatives.push({ type: 'url', value: names.uri });
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.SubjectAlternativeNameExtension(alternatives),
    await x509.AuthorityKeyIdentifierExtension.create(await publicKey(by.key.public)),
    await x509.SubjectKeyIdentifierExtension.create(await publicKey(key.public)),
  ];
  if (names.mdoc) extensions.push(new x509.ExtendedKeyUsageExtension([MDL_SIGNER], true), issuerLocation(), revocation());
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: 'CN=interop leaf, C=KR',
    issuer: by.root.subject,
    notBefore: new Date(Date.now() - DAY / 2),
    notAfter: new Date(Date.now() + 9 * DAY),
    publicKey: await publicKey(key.public),
    signingKey: (await pair(by.key)).privateKey,
    signingAlgorithm: ES256,
    extensions,
  });
  return Buffer.from(leaf.rawData).toString('base64');
}

/** What Annex B wants beside names and keys: where the authority is, and its list of revoked certificates. */
function issuerLocation(): x509.Extension {
  const uri = 'https://issuer.example';
  return new x509.Extension('2.5.29.18', false, new Uint8Array([0x30, uri.length + 2, 0x86, uri.length, ...Buffer.from(uri)]));
}

const revocation = () => new x509.CRLDistributionPointsExtension(['https://issuer.example/crl']);

/** The key of a certificate (base64 DER or PEM). */
export function keyOf(certificate: string): PublicJwk {
  return read(certificate).publicKey.export({ format: 'jwk' }) as PublicJwk;
}

/** What the client-id prefixes x509_san_dns and x509_hash compare. */
export function namesOf(certificate: string): { sanDnsNames: string[]; sanUriNames: string[]; hash: string } {
  const parsed = read(certificate);
  const named = (kind: string) =>
    (parsed.subjectAltName ?? '')
      .split(', ')
      .filter((name) => name.startsWith(kind))
      .map((name) => name.slice(kind.length));
  const hash = createHash('sha256').update(parsed.raw).digest('base64url');
  return { sanDnsNames: named('DNS:'), sanUriNames: named('URI:'), hash };
}

/** Whether each certificate is signed by the next, and the last by a root; the leaf's key if so. */
export function trustedKey(chain: string[], roots: string[]): PublicJwk | undefined {
  const certificates = [...chain.map(read)];
  const now = new Date();
  for (const [index, certificate] of certificates.entries()) {
    if (new Date(certificate.validFrom) > now || new Date(certificate.validTo) < now) return undefined;
    const next = certificates[index + 1];
    const above = next ? [next] : roots.map(read);
    if (!above.some((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))) return undefined;
  }
  return certificates[0]?.publicKey.export({ format: 'jwk' }) as PublicJwk | undefined;
}

function read(certificate: string): X509Certificate {
  return new X509Certificate(certificate.includes('BEGIN') ? certificate : Buffer.from(certificate, 'base64'));
}

function publicKey(jwk: PublicJwk): Promise<CryptoKey> {
  return webcrypto.subtle.importKey('jwk', jwk as JsonWebKey, ES256, true, ['verify']) as Promise<CryptoKey>;
}

async function pair(key: Key): Promise<CryptoKeyPair> {
  const privateKey = (await webcrypto.subtle.importKey('jwk', key.private, ES256, true, ['sign'])) as CryptoKey;
  return { privateKey, publicKey: await publicKey(key.public) };
}
