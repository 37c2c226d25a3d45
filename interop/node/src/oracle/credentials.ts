/** Random credentials and presentations that use what JSON-LD contexts offer. */
import type { Json, JsonObject } from '../shared/json.ts';
import { Random } from '../shared/random.ts';

const V2 = 'https://www.w3.org/ns/credentials/v2';
const EXAMPLES = 'https://www.w3.org/ns/credentials/examples/v2';
const CITIZENSHIP = 'https://w3id.org/citizenship/v4rc1';
const NS = 'https://example.org/ns#';

/** Where the context of courses is registered. */
export const COURSE_URL = 'https://example.org/contexts/course/v1';

/** A context with every container form, nested contexts and language settings; registered or inline. */
export const COURSE: JsonObject = {
  '@version': 1.1,
  ex: NS,
  Course: { '@id': 'ex:Course', '@context': { grade: { '@id': 'ex:grade', '@type': 'http://www.w3.org/2001/XMLSchema#integer' } } },
  CourseCredential: 'ex:CourseCredential',
  courses: { '@id': 'ex:courses', '@container': '@list' },
  tags: { '@id': 'ex:tags', '@container': '@set' },
  label: { '@id': 'ex:label', '@container': '@language' },
  labels: { '@id': 'ex:labels', '@container': ['@language', '@set'] },
  byId: { '@id': 'ex:byId', '@container': '@id' },
  byType: { '@id': 'ex:byType', '@container': '@type' },
  byIndex: { '@id': 'ex:byIndex', '@container': '@index' },
  inGraph: { '@id': 'ex:inGraph', '@container': '@graph', '@type': '@id' },
  graphs: { '@id': 'ex:graphs', '@container': ['@graph', '@set'] },
  note: { '@id': 'ex:note', '@language': 'ko' },
  home: { '@id': 'ex:home', '@type': '@id' },
  kind: { '@id': 'ex:kind', '@type': '@vocab' },
  when: { '@id': 'ex:when', '@type': 'http://www.w3.org/2001/XMLSchema#dateTime' },
  raw: { '@id': 'ex:raw', '@type': '@json' },
  taughtBy: { '@reverse': 'ex:teaches', '@type': '@id' },
  detail: { '@id': 'ex:detail', '@context': { inner: 'ex:inner', detail: 'ex:deeper' } },
};

/** Few carry their context inline: a registered one has its own URL. */
const FORMS = [
  ...Array<'examples'>(5).fill('examples'),
  ...Array<'citizenship'>(3).fill('citizenship'),
  ...Array<'course'>(5).fill('course'),
  'inline',
] as const;

/** The random credential or presentation of a seed. */
export function document(seed: number): JsonObject {
  const random = new Random(seed);
  if (random.chance(0.2)) return presentation(random);
  return credential(random);
}

function presentation(random: Random): JsonObject {
  const credentials = Array.from({ length: random.below(3) }, () => credential(random));
  return {
    '@context': [V2],
    type: ['VerifiablePresentation'],
    ...(random.chance(0.5) ? { id: uuid(random) } : {}),
    ...(random.chance(0.7) ? { holder: did(random) } : {}),
    ...(credentials.length > 0 ? { verifiableCredential: credentials } : {}),
  };
}

function credential(random: Random): JsonObject {
  const form = random.pick(FORMS);
  const body: JsonObject = {
    ...(random.chance(0.7) ? { id: uuid(random) } : {}),
    issuer: random.chance(0.5) ? did(random) : { id: did(random), name: text(random) },
    validFrom: '2024-01-01T00:00:00Z',
    ...(random.chance(0.3) ? { validUntil: '2031-12-31T23:59:59+09:00' } : {}),
    ...(random.chance(0.4) ? { name: text(random) } : {}),
    ...(random.chance(0.3) ? { description: languages(random) } : {}),
    ...(random.chance(0.3) ? { credentialStatus: status(random) } : {}),
    ...(random.chance(0.2) ? { evidence: [{ type: ['https://example.org/Evidence'], id: uuid(random) }] } : {}),
    ...(random.chance(0.2) ? { termsOfUse: { type: 'https://example.org/Terms', id: uuid(random) } } : {}),
  };
  if (form === 'citizenship') return { '@context': [V2, CITIZENSHIP], ...body, ...resident(random) };
  if (form === 'course') return { '@context': [V2, COURSE_URL], ...body, ...course(random) };
  if (form === 'inline') return { '@context': [V2, COURSE], ...body, ...course(random) };
  return { '@context': [V2, EXAMPLES], ...body, ...example(random) };
}

function resident(random: Random): JsonObject {
  return {
    type: ['VerifiableCredential', 'PermanentResidentCardCredential'],
    credentialSubject: {
      ...(random.chance(0.5) ? { id: did(random) } : {}),
      type: ['PermanentResident', 'Person'],
      givenName: word(random),
      familyName: word(random),
      birthDate: '1978-07-17',
      ...(random.chance(0.5)
        ? { permanentResidentCard: { type: ['PermanentResidentCard'], lprCategory: 'C09', lprNumber: '999-999-999' } }
        : {}),
    },
  };
}

function example(random: Random): JsonObject {
  const subject = (): JsonObject => ({
    ...(random.chance(0.6) ? { id: did(random) } : {}),
    alumniOf: random.chance(0.5) ? text(random) : { id: did(random), name: languages(random) },
    ...(random.chance(0.4) ? { degree: { type: 'ExampleBachelorDegree', name: text(random) } } : {}),
    ...(random.chance(0.3) ? { score: random.pick<Json>([1, -7, 0.5, 1e21, 12.25, true, false]) } : {}),
    ...(random.chance(0.3) ? { nested: { deeper: [{ leaf: word(random) }, { leaf: word(random) }] } } : {}),
    ...(random.chance(0.2) ? { spouse: { name: word(random) }, child: { name: word(random) } } : {}),
  });
  return {
    type: ['VerifiableCredential', 'ExampleAlumniCredential'],
    credentialSubject: random.chance(0.2) ? [subject(), subject()] : subject(),
  };
}

function course(random: Random): JsonObject {
  const fields: Record<string, () => Json> = {
    courses: () => [word(random), { type: 'Course', grade: random.below(9) }, word(random)],
    tags: () => random.shuffled(['a', 'b', 'c', 'a']),
    label: () => ({ en: word(random), ko: '과목' }),
    labels: () => ({ en: [word(random), word(random)], de: 'Fach' }),
    byId: (): JsonObject => ({ [uuid(random)]: { note: '메모' }, [uuid(random)]: { tags: ['x'] } }),
    byType: (): JsonObject => ({ Course: [{ grade: 3 }, { id: uuid(random), grade: 4 } as JsonObject] }),
    byIndex: () => ({ first: { note: '가' }, second: { note: '나' } }),
    inGraph: () => ({ id: uuid(random), note: '그래프' }),
    graphs: () => [{ note: '하나' }, { note: '둘' }],
    note: () => text(random) as string,
    home: () => 'https://example.org/~home',
    kind: () => random.pick(['Course', 'https://example.org/other']),
    when: () => '2024-02-29T12:00:00Z',
    raw: () => ({ b: [1, 'x', null, 1e3], a: { '€': '€' } }),
    taughtBy: () => ({ id: did(random), tags: ['teacher'] }),
    detail: () => ({ inner: word(random), detail: word(random) }),
  };
  const chosen = random.shuffled(Object.keys(fields)).slice(0, 1 + random.below(6));
  const values = Object.fromEntries(chosen.map((name) => [name, fields[name]?.() ?? null]));
  const subject = { ...(random.chance(0.5) ? { id: did(random) } : {}), ...values, note: '주제' };
  return { type: ['VerifiableCredential', 'CourseCredential'], credentialSubject: subject };
}

function status(random: Random): JsonObject {
  return {
    type: 'BitstringStatusListEntry',
    statusPurpose: 'revocation',
    statusListIndex: String(random.below(131072)),
    statusListCredential: 'https://issuer.example/status/3',
  };
}

const WORDS = ['Seoul', '부산', 'naïve', 'line\nbreak', 'quote"d', 'tab\tbed', 'back\\slash', '𐍈', 'x'];
const word = (random: Random): string => random.pick(WORDS);
const text = (random: Random): Json => (random.chance(0.6) ? word(random) : random.pick(languages(random) as Json[]));

function languages(random: Random): Json {
  return [
    { '@value': word(random), '@language': 'en' },
    { '@value': word(random), '@language': 'ko-KR' },
    ...(random.chance(0.3) ? [{ '@value': word(random), '@language': 'ar', '@direction': 'rtl' }] : []),
  ];
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const did = (random: Random): string => `did:example:${random.below(1e9).toString(36)}`;
