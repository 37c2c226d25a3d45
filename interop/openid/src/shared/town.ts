/** Our side: a ledger with two organisations, an issuer's and a verifier's service, each a process of its own. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NAME } from './https-front.ts';
import type { Key, PublicJwk } from './keys.ts';
import type { Program } from './management.ts';

export const WALLET = { clientId: 'https://wallet.example', redirect: 'http://127.0.0.1:9/callback' };
export const PERSON = { family_name: '김', given_name: '한별', birth_date: '1990-03-01', region_sido: '11', region_sigungu: '11010' };

/** What a peer has to know of our side. */
export interface Town {
  issuer: Program;
  verifier: Program;
  /** An issuer under an https name, for which a front stands on `port`. */
  fronted: { issuer: Program; behind: string; port: number };
  documents: Record<string, object>;
  /** Roots in PEM form. */
  roots: string[];
  /** The issuer's tenants: one has a certificate, the other is known by its DID alone. */
  tenants: { certified: string; plain: string };
  dids: { certified: string; plain: string };
  home: string;
}

/** The program of this checkout. */
export function sinpyo(home: string, args: string[]): Record<string, unknown> {
  const text = execFileSync(required('SINPYO_BIN'), ['--home', home, '--json', ...args], { encoding: 'utf8', env: { ...process.env, LANG: 'en_US.UTF-8' } });
  return JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
}

export class Running {
  readonly #children: ChildProcess[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'sinpyo-openid-'));

  /** Starts a server and waits until it says that it is ready. */
  async serve(args: string[]): Promise<string> {
    const child = spawn(required('SINPYO_BIN'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    return new Promise((done, failed) => {
      child.on('exit', (code) => failed(new Error(`${args.join(' ')} ended with ${code}`)));
      createInterface({ input: child.stdout }).once('line', (line) => done((JSON.parse(line) as { url: string }).url));
    });
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Sets everything up. */
export async function build(running: Running): Promise<Town> {
  const home = join(running.folder, 'home');
  const here = (name: string) => join(running.folder, name);
  const certified = organisation(home, 'mois', '행정안전부', 'Ministry of the Interior and Safety');
  const plain = organisation(home, 'moe', '교육부', 'Ministry of Education');
  const verifierDid = organisation(home, 'nec', '중앙선거관리위원회', 'National Election Commission');
  for (const to of ['mois', 'moe']) sinpyo(home, ['accredit', 'issue', '--by', 'mois', '--to', to, '--profile', 'K01']);
  const rights = ['age_over_18', 'region_sigungu', 'given_name'].flatMap((claim) => ['--claim', claim]);
  sinpyo(home, ['accredit', 'request', '--by', 'mois', '--to', 'nec', '--service', 'vote.register', '--profile', 'K01', ...rights]);
  const root = String(sinpyo(home, ['service', 'certificate', 'authority']).file);
  sinpyo(home, ['service', 'certificate', 'issue', '--as', 'mois', '--host', 'localhost', '--document-signer']);
  sinpyo(home, ['service', 'certificate', 'issue', '--as', 'nec', '--host', 'localhost']);

  const wallets = [{ client_id: WALLET.clientId, redirect_uris: [WALLET.redirect], authentication: 'public' }];
  writeFileSync(here('issuer.json'), JSON.stringify({ wallets, batch_size: 5 }));
  const issuers = ['mois', 'moe'].map((id) => ({ id, more: ['--settings', here('issuer.json')] }));
  const issuerScopes = 'issue,status,read,admin';
  const issuer = await service(running, home, { kind: 'issuer', tenants: issuers, scopes: issuerScopes });
  const verifiers = [{ id: 'nec', more: ['--did', verifierDid] }];
  const verifier = await service(running, home, { kind: 'verifier', tenants: verifiers, scopes: 'request,result,read,admin' });
  writeFileSync(here('offered.json'), JSON.stringify({ dpop: 'offered' }));
  const [port, inside] = [await freePort(), await freePort()];
  const offered = [{ id: 'moe', more: ['--settings', here('offered.json')] }];
  const base = `https://${NAME}:${port}`;
  const fronted = await service(running, home, { kind: 'issuer', tenants: offered, scopes: issuerScopes, at: { base, port: inside } });
  const dids = { certified, plain };
  const documents = Object.fromEntries([certified, plain, verifierDid].map((did) => [did, document(home, did)]));
  return { issuer, verifier, fronted: { issuer: fronted, behind: `http://127.0.0.1:${inside}`, port }, documents, roots: [readFileSync(root, 'utf8')], tenants: { certified: 'mois', plain: 'moe' }, dids, home };
}

function organisation(home: string, name: string, ko: string, en: string): string {
  return String(sinpyo(home, ['did', 'create', name, '--ko', ko, '--en', en]).did);
}

function document(home: string, did: string): object {
  const answer = sinpyo(home, ['did', 'resolve', did]);
  return (answer.didDocument ?? answer.document ?? answer) as object;
}

interface Tenant {
  id: string;
  more: string[];
}

interface Wanted {
  kind: 'issuer' | 'verifier';
  tenants: Tenant[];
  scopes: string;
  /** Where others reach it, and where it listens, if these differ. */
  at?: { base: string; port: number };
}

async function service(running: Running, home: string, { kind, tenants, scopes, at }: Wanted): Promise<Program> {
  const port = at?.port ?? (await freePort());
  // Issuers are named by address, so that plain http is allowed; certificates of verifiers name hosts.
  const base = at?.base ?? `http://${kind === 'issuer' ? '127.0.0.1' : 'localhost'}:${port}`;
  const data = join(running.folder, `${kind}-${port}`);
  mkdirSync(data, { mode: 0o700 });
  const where = ['--service', kind, '--data', data];
  for (const { id, more } of tenants) {
    sinpyo(home, ['service', 'tenant', 'add', id, ...where, '--ko', '기관', '--en', 'Institution', ...more]);
  }
  const keyFile = join(data, 'town.jwk');
  sinpyo(home, ['service', 'client', 'add', 'town', ...where, '--scopes', scopes, '--generate', keyFile]);
  const as = tenants.flatMap(({ id }) => ['--as', id]);
  await running.serve(['--home', home, 'serve', kind, '--listen', `127.0.0.1:${port}`, '--base', base, '--data', data, '--development', ...as]);
  return { base, tenant: tenants[0]?.id ?? '', clientId: 'town', key: keyFrom(keyFile), scopes: scopes.replaceAll(',', ' ') };
}

function keyFrom(file: string): Key {
  const jwk = JSON.parse(readFileSync(file, 'utf8')) as PublicJwk & { d: string; kid: string };
  const { kty, crv, x, y, d, kid } = jwk;
  return { public: { kty, crv, x, y }, private: { kty, crv, x, y, d }, kid };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

/** An environment variable that must be set. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** The key of a DID URL in the documents of the town. */
export async function keyIn(documents: Record<string, object>, didUrl: string): Promise<PublicJwk> {
  const [did = '', fragment] = didUrl.split('#');
  if (did.startsWith('did:jwk:')) return JSON.parse(Buffer.from(did.slice(8), 'base64url').toString()) as PublicJwk;
  const document = documents[did] as { verificationMethod?: Method[] } | undefined;
  const method = document?.verificationMethod?.find(({ id }) => id.endsWith(`#${fragment}`));
  if (method?.publicKeyJwk) return method.publicKeyJwk;
  if (method?.publicKeyMultibase) return fromMultikey(method.publicKeyMultibase);
  throw new Error(`no key ${didUrl}`);
}

interface Method {
  id: string;
  publicKeyJwk?: PublicJwk;
  publicKeyMultibase?: string;
}

/** A P-256 Multikey as a JWK, by Node's point arithmetic. */
function fromMultikey(text: string): PublicJwk {
  const bytes = base58(text.slice(1));
  if (bytes[0] !== 0x80 || bytes[1] !== 0x24) throw new Error('not a P-256 key');
  const prefix = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  const der = Buffer.concat([prefix, bytes.subarray(2)]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ format: 'jwk' }) as PublicJwk;
}

function base58(text: string): Buffer {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let number = 0n;
  for (const letter of text) number = number * 58n + BigInt(alphabet.indexOf(letter));
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** The town that this process was started in. */
export function town(): Town {
  return JSON.parse(readFileSync(required('SINPYO_TOWN'), 'utf8')) as Town;
}
