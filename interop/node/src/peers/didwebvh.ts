/** `didwebvh-ts`: logs made by one side and resolved by the other: create, update, pre-rotation, deactivate. */
import {
  AbstractCrypto, MultibaseEncoding, createDID, deactivateDID, deriveNextKeyHash, multibaseEncode, prepareDataForSigning,
  resolveDIDFromLog, updateDID,
} from 'didwebvh-ts';
import type { DIDLog, SigningInput, SigningOutput } from 'didwebvh-ts';
import { refuses } from '../shared/bridge.ts';
import type { Bridge } from '../shared/bridge.ts';
import { newKeyPair, signRaw, verifyRaw } from '../shared/jwk.ts';
import type { KeyPair } from '../shared/jwk.ts';
import { object, string } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { rejects } from '../shared/refusal.ts';
import { Tally } from '../shared/tally.ts';
import { altered } from '../shared/tamper.ts';
import { version } from '../shared/version.ts';

const ED25519_PUBLIC = [0xed, 0x01];

/** Their signer and verifier with a key of ours (Node's Ed25519). */
class Signer extends AbstractCrypto {
  readonly multikey: string;

  constructor(readonly pair: KeyPair) {
    const raw = Buffer.from(string(pair.public.x), 'base64url');
    const multikey = multibaseEncode(Uint8Array.from([...ED25519_PUBLIC, ...raw]), MultibaseEncoding.BASE58_BTC);
    super({ verificationMethod: { id: `did:key:${multikey}#${multikey}`, type: 'Multikey', publicKeyMultibase: multikey } });
    this.multikey = multikey;
  }

  override async sign({ document, proof }: SigningInput): Promise<SigningOutput> {
    const signature = signRaw(this.pair.private, 'EdDSA', await prepareDataForSigning(document, proof));
    return { proofValue: multibaseEncode(new Uint8Array(signature), MultibaseEncoding.BASE58_BTC) };
  }

  override async verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') };
    return verifyRaw(jwk, 'EdDSA', message, signature);
  }
}

interface Made {
  did: string;
  log: string;
}

const newSigner = (): Signer => new Signer(newKeyPair('EdDSA'));
const asText = (log: DIDLog): string => log.map((entry) => `${JSON.stringify(entry)}\n`).join('');
const asLog = (text: string): DIDLog => text.trim().split('\n').map((line) => JSON.parse(line) as DIDLog[number]);


/** What they accept against did:webvh 1.0 §3.7.2 (every entry is hashed and proven); we refuse it. */
const accepted = new Set<string>();

export async function didwebvh(bridge: Bridge): Promise<boolean> {
  const tally = new Tally('didwebvh-ts', version('didwebvh-ts'));
  const makers: [string, boolean, () => Promise<Made>][] = [
    ['they create', false, () => theirs('create')],
    ['they create and update with pre-rotation', false, () => theirs('update')],
    ['they create and deactivate', true, () => theirs('deactivate')],
    ['we create', false, () => ours(bridge, 'create')],
    ['we create and update with pre-rotation', false, () => ours(bridge, 'update')],
    ['we create and deactivate', true, () => ours(bridge, 'deactivate')],
  ];
  for (const [label, deactivated, make] of makers) await both(tally, bridge, label, deactivated, make);
  for (const fault of accepted) tally.unsupported(`${fault} is not checked by them (the specification demands it; we refuse)`);
  return tally.finish();
}

async function both(tally: Tally, bridge: Bridge, label: string, deactivated: boolean, make: () => Promise<Made>): Promise<void> {
  let made: Made | undefined;
  await tally.check(`${label}, both resolve`, async () => {
    made = await make();
    const own = await weResolve(bridge, made);
    const their = await theyResolve(made);
    const metadata = object(own.metadata, 'metadata');
    if ((metadata.deactivated === true) !== deactivated) throw new Error(`our deactivated is ${String(metadata.deactivated)}`);
    if (their.meta.deactivated !== deactivated) throw new Error(`their deactivated is ${their.meta.deactivated}`);
    if (metadata.versionId !== their.meta.versionId) throw new Error('the versions differ');
    if (!deactivated && object(own.document, 'document').id !== made.did) throw new Error('another document');
  });
  const twins: [string, (log: string) => string, string?][] = [
    ['an altered proof', (log) => inFirst(log, /("proofValue":"z.{20})(.)/)],
    ['an altered document', (log) => log.replace('"state":{', '"state":{"alsoKnownAs":["did:example:mallory"],')],
    ['an altered entry hash', (log) => inFirst(log, /("versionId":"1-.{12})(.)/), 'the entry hash of a log of one entry'],
    ['a missing proof', (log) => log.replace(/"proof":\[[^\]]*\]/, '"proof":[]'), 'an entry without proofs'],
  ];
  for (const [what, twin, fault] of twins) {
    await tally.check(`${label}, both refuse ${what}`, async () => {
      if (!made) throw new Error('there is no log');
      const changed = { did: made.did, log: twin(made.log) };
      if (changed.log === made.log) throw new Error('the twin equals the log');
      await refuses(weResolve(bridge, changed));
      if (fault === undefined) await rejects(theyResolve(changed));
      else await theyResolve(changed).then(() => accepted.add(fault), () => undefined);
    });
  }
}

/** Alters the character of the second group of the first match. */
function inFirst(log: string, pattern: RegExp): string {
  return log.replace(pattern, (_all, before: string, character: string) => before + altered(character, 0));
}

type Kind = 'create' | 'update' | 'deactivate';

async function theirs(kind: Kind): Promise<Made> {
  const [first, second, third] = [newSigner(), newSigner(), newSigner()];
  const prerotated = kind === 'update';
  const created = await createDID({
    address: 'issuer.example',
    signer: first,
    verifier: first,
    updateKeys: [first.multikey],
    ...(prerotated ? { nextKeyHashes: [await deriveNextKeyHash(second.multikey)] } : {}),
    verificationMethods: [{ type: 'Multikey', publicKeyMultibase: first.multikey, purpose: 'assertionMethod' }],
    created: hourAgo(),
  });
  if (kind === 'create') return { did: created.did, log: asText(created.log) };
  if (kind === 'deactivate') {
    const done = await deactivateDID({ log: created.log, signer: first, verifier: first });
    return { did: done.did, log: asText(done.log) };
  }
  const updated = await updateDID({
    log: created.log,
    signer: second,
    verifier: second,
    updateKeys: [second.multikey],
    nextKeyHashes: [await deriveNextKeyHash(third.multikey)],
    verificationMethods: [{ type: 'Multikey', publicKeyMultibase: second.multikey, purpose: 'assertionMethod' }],
  });
  return { did: updated.did, log: asText(updated.log) };
}

async function ours(bridge: Bridge, kind: Kind): Promise<Made> {
  const [first, second, third] = [newSigner(), newSigner(), newSigner()];
  const created = await bridge.call('webvh.create', {
    domain: 'issuer.example',
    key: first.pair.private,
    ...(kind === 'update' ? { nextKey: second.pair.private } : {}),
    document: {},
    versionTime: hourAgo(),
  });
  const did = string(created.did, 'did');
  let log = string(created.log, 'log');
  if (kind === 'update') {
    const answer = await bridge.call('webvh.update', {
      log,
      key: second.pair.private,
      nextKey: third.pair.private,
      document: { ...newest(log), alsoKnownAs: ['https://issuer.example/about'] },
    });
    log = string(answer.log, 'log');
  }
  if (kind === 'deactivate') {
    log = string((await bridge.call('webvh.deactivate', { log, key: first.pair.private })).log, 'log');
  }
  return { did, log };
}

/** The document of the last entry. */
const newest = (log: string): JsonObject => object((asLog(log).at(-1) as unknown as JsonObject).state, 'state');

const hourAgo = (): string => new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');

function weResolve(bridge: Bridge, { did, log }: Made): Promise<JsonObject> {
  return bridge.call('webvh.resolve', { did, log });
}

async function theyResolve({ log }: Made) {
  const result = await resolveDIDFromLog(asLog(log), { verifier: newSigner() });
  if (result.meta.error) throw new Error(`${result.meta.error}: ${result.meta.problemDetails?.detail ?? ''}`);
  return result;
}
