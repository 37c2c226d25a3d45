/** The cases of W3C's vc-jose-cose-test-suite at ff6be51, by their numbers there (22 is in its README only). */

export type Function = 'issue' | 'verify';

export interface Case {
  number: number;
  input: string;
  key: 'p256' | 'p384' | 'p521' | 'ed25519' | 'did-ed25519';
  run: Function;
  feature: string;
  /** Selectively disclosable paths, for issuing SD-JWTs. */
  paths?: string[];
  expected: 'success' | 'failure';
}

const row = (
  number: number,
  expected: Case['expected'],
  run: Function,
  feature: string,
  key: Case['key'],
  input: string,
  paths?: string[],
): Case => ({ number, expected, run, feature, key, input, ...(paths ? { paths } : {}) });

export const CASES: readonly Case[] = [
  row(1, 'success', 'issue', 'credential_jose', 'p256', 'credential-minimal.json'),
  row(2, 'success', 'issue', 'credential_jose', 'p384', 'credential-full.json'),
  row(3, 'success', 'issue', 'presentation_jose', 'p256', 'presentation-single.json'),
  row(4, 'success', 'issue', 'presentation_jose', 'p521', 'presentation-multiple.json'),
  row(5, 'failure', 'issue', 'credential_jose', 'p521', 'credential-unknown-extensions.json'),
  row(6, 'success', 'verify', 'credential_jose', 'p256', 'credential-jose-minimal.txt'),
  row(7, 'success', 'verify', 'presentation_jose', 'p384', 'presentation-jose-multiple.txt'),
  row(8, 'success', 'verify', 'credential_jose', 'ed25519', 'credential-issuer-match-signed.txt'),
  row(9, 'failure', 'verify', 'credential_jose', 'ed25519', 'credential-jose-unknown-extensions.txt'),
  row(10, 'failure', 'verify', 'credential_jose', 'ed25519', 'credential-minimal.json'),
  row(11, 'failure', 'verify', 'presentation_jose', 'ed25519', 'presentation-single.json'),
  row(12, 'failure', 'verify', 'credential_jose', 'ed25519', 'credential-jose-bad-signature.txt'),
  row(13, 'failure', 'verify', 'credential_jose', 'ed25519', 'credential-jose-bad-media-type.txt'),
  row(14, 'failure', 'verify', 'presentation_jose', 'ed25519', 'presentation-jose-bad-media-type.txt'),
  row(15, 'failure', 'verify', 'credential_jose', 'ed25519', 'credential-jose-vc-vp-claims.txt'),
  row(16, 'failure', 'verify', 'presentation_jose', 'ed25519', 'presentation-jose-bad-credential.txt'),
  row(17, 'success', 'issue', 'credential_sdjwt', 'p384', 'credential-selective.json', [
    'credentialSubject.firstName',
    'credentialSubject.lastName',
  ]),
  row(18, 'success', 'issue', 'credential_sdjwt', 'p521', 'credential-nested-selective.json', [
    'credentialSubject.address.street',
    'credentialSubject.address.city',
    'credentialSubject.phoneNumbers[0]',
  ]),
  row(19, 'success', 'issue', 'presentation_sdjwt', 'p384', 'presentation-selective.json', [
    'holder',
    'verifiableCredential[0]',
  ]),
  row(20, 'success', 'verify', 'credential_sdjwt', 'p384', 'credential-sdjwt-selective.txt'),
  row(21, 'success', 'verify', 'credential_sdjwt', 'p521', 'credential-sdjwt-nested.txt'),
  row(22, 'success', 'verify', 'presentation_sdjwt', 'p384', 'presentation-sdjwt-selective.txt'),
  row(23, 'failure', 'verify', 'credential_sdjwt', 'p384', 'credential-sdjwt-bad-signature.txt'),
  row(24, 'failure', 'verify', 'credential_sdjwt', 'ed25519', 'credential-sdjwt-bad-media-type.txt'),
  row(25, 'failure', 'verify', 'presentation_sdjwt', 'ed25519', 'presentation-sdjwt-bad-media-type.txt'),
  row(26, 'failure', 'verify', 'presentation_sdjwt', 'p521', 'presentation-sdjwt-bad-credential.txt'),
  row(27, 'success', 'issue', 'credential_cose', 'did-ed25519', 'credential-minimal.json'),
  row(28, 'success', 'issue', 'presentation_cose', 'p384', 'presentation-single.json'),
  row(29, 'success', 'verify', 'credential_cose', 'p256', 'credential-cose-minimal.txt'),
  row(30, 'failure', 'verify', 'credential_cose', 'p256', 'credential-cose-minimal-not-base64.txt'),
  row(31, 'success', 'verify', 'presentation_cose', 'p384', 'presentation-cose-single.txt'),
  row(32, 'failure', 'verify', 'credential_cose', 'ed25519', 'credential-cose-bad-signature.txt'),
  row(33, 'failure', 'verify', 'credential_cose', 'p384', 'credential-cose-bad-media-type.txt'),
  row(34, 'failure', 'verify', 'presentation_cose', 'p384', 'presentation-cose-bad-media-type.txt'),
  row(35, 'failure', 'verify', 'presentation_cose', 'p256', 'presentation-cose-bad-credential.txt'),
];
