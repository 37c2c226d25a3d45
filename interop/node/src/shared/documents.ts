/** Credentials that several programs issue. */
import type { JsonObject } from './json.ts';

const CREDENTIALS = 'https://www.w3.org/ns/credentials/v2';

/** A credential with nested nodes, so that pointers have something to select. */
export function residentCard(issuer: string): JsonObject {
  return {
    '@context': [CREDENTIALS, 'https://w3id.org/citizenship/v4rc1'],
    type: ['VerifiableCredential', 'PermanentResidentCardCredential'],
    issuer: { id: issuer, name: 'Utopia' },
    name: 'Permanent Resident Card',
    description: 'Shown by a permanent resident of Utopia.',
    validFrom: '2024-12-16T00:00:00Z',
    validUntil: '2039-12-16T23:59:59Z',
    credentialSubject: {
      type: ['PermanentResident', 'Person'],
      givenName: 'JANE',
      familyName: 'SMITH',
      gender: 'Female',
      residentSince: '2015-01-01',
      birthDate: '1978-07-17',
      birthCountry: 'Arcadia',
      permanentResidentCard: {
        type: ['PermanentResidentCard'],
        identifier: '83627465',
        lprCategory: 'C09',
        lprNumber: '999-999-999',
      },
    },
  };
}

/** A credential whose terms the examples vocabulary defines. */
export function alumni(issuer: string): JsonObject {
  return {
    '@context': [CREDENTIALS, 'https://www.w3.org/ns/credentials/examples/v2'],
    id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33',
    type: ['VerifiableCredential', 'AlumniCredential'],
    name: 'Alumni Credential',
    description: 'A minimum viable example of an Alumni Credential.',
    issuer,
    validFrom: '2023-01-01T00:00:00Z',
    credentialSubject: { id: 'did:example:abcdefgh', alumniOf: 'The School of Examples' },
  };
}

export const MANDATORY = ['/issuer', '/validFrom', '/credentialSubject/type'];
export const SELECTIVE = ['/credentialSubject/birthCountry', '/credentialSubject/permanentResidentCard/lprCategory'];
