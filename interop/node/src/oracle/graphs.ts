/** Random RDF datasets as N-Quads; many have blank nodes that only a search can tell apart. */
import { Random } from '../shared/random.ts';

export interface Graph {
  nquads: string;
  /** Whether a cycle of alike blank nodes is inside. */
  symmetric: boolean;
}

const IRIS = ['urn:a', 'urn:b', 'https://example.org/ns#x', 'https://example.org/한글'];
const PREDICATES = ['urn:p', 'urn:q', 'https://example.org/ns#knows'];
const LITERALS = [
  '"plain"',
  '"with \\"quotes\\" and \\\\"',
  '"line\\nbreak\\ttab"',
  '"한국어"@ko',
  '"colour"@en-GB',
  '"2024-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
  '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
  '"\\u0001control\\u007F"',
];

/** The random dataset of a seed. */
export function graph(seed: number): Graph {
  const random = new Random(seed);
  const symmetric = random.chance(0.65);
  const quads = symmetric ? cycles(random) : [];
  const labels = Array.from({ length: 2 + random.below(5) }, (_, index) => `_:r${index}`);
  const extra = symmetric ? random.below(3) : 2 + random.below(12);
  for (let index = 0; index < extra; index += 1) quads.push(anyQuad(random, labels));
  return { nquads: relabelled(random, quads), symmetric };
}

/** One or two copies of a ring, wheel or self-looped ring whose nodes look alike. */
function cycles(random: Random): string[] {
  const quads: string[] = [];
  const size = 2 + random.below(4);
  const copies = 1 + random.below(2);
  const looped = random.chance(0.3);
  const spoked = random.chance(0.25);
  const both = random.chance(0.3);
  const named = random.chance(0.25);
  const predicate = random.pick(PREDICATES);
  for (let copy = 0; copy < copies; copy += 1) {
    const node = (index: number) => `_:c${copy}n${index % size}`;
    const graphName = named ? ` _:g${copy}` : '';
    for (let index = 0; index < size; index += 1) {
      quads.push(`${node(index)} <${predicate}> ${node(index + 1)}${graphName} .`);
      if (both) quads.push(`${node(index + 1)} <${predicate}> ${node(index)}${graphName} .`);
      if (looped) quads.push(`${node(index)} <urn:self> ${node(index)}${graphName} .`);
      if (spoked) quads.push(`_:hub${copy} <urn:spoke> ${node(index)} .`);
    }
  }
  return quads;
}

function anyQuad(random: Random, labels: string[]): string {
  const node = () => (random.chance(0.7) ? random.pick(labels) : `<${random.pick(IRIS)}>`);
  const subject = node();
  const object = random.chance(0.3) ? random.pick(LITERALS) : random.chance(0.1) ? subject : node();
  const name = random.chance(0.15) ? ` ${random.chance(0.5) ? random.pick(labels) : `<${random.pick(IRIS)}>`}` : '';
  return `${subject} <${random.pick(PREDICATES)}> ${object}${name} .`;
}

/** Other labels and another order, so that neither can help. */
function relabelled(random: Random, quads: string[]): string {
  const labels = [...new Set(quads.flatMap((quad) => quad.match(/_:\w+/g) ?? []))];
  const others = new Map(random.shuffled(labels).map((label, index) => [label, `_:x${index}`]));
  const text = random.shuffled([...new Set(quads)]).map((quad) => quad.replace(/_:\w+/g, (label) => others.get(label) ?? label));
  return `${text.join('\n')}\n`;
}
