/**
 * A TLS front for our issuer under a name of its own, for a peer that speaks https and an older draft only.
 *
 * The compatibility switch is here and nowhere in our server: what the peer wants beyond OpenID4VCI 1.0 is added on the way.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPrivateKey } from 'node:crypto';
import { request } from 'node:http';
import { certify } from './certificates.ts';
import type { Authority } from './certificates.ts';
import { newKey } from './keys.ts';

export const NAME = 'issuer.interop.example';

/** Listens for `https://NAME:port` and passes everything to `behind`; returns how to stop. */
export async function front(port: number, behind: string, authority: Authority): Promise<() => void> {
  const key = newKey();
  const certificate = await certify(authority, key, { dns: NAME });
  const cert = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
  const pem = createPrivateKey({ key: key.private, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
  const server = createServer({ cert, key: pem }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const answer = await send(`${behind}${incoming.url}`, incoming.method ?? 'GET', incoming.headers as Record<string, string>, Buffer.concat(chunks));
      const body = await compatible(incoming.url ?? '', answer, behind, `${NAME}:${port}`);
      const kind = answer.headers.get('content-type') ?? 'application/json';
      outgoing.writeHead(answer.status, { 'content-type': kind, 'cache-control': 'no-store' });
      outgoing.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  if ((server.address() as AddressInfo).port !== port) throw new Error('another port');
  return () => server.close();
}

/** `fetch` sets `Host` itself; the server must see the name that the peer used. */
function send(url: string, method: string, headers: Record<string, string>, body: Buffer): Promise<Response> {
  return new Promise((done, failed) => {
    const outgoing = request(url, { method, headers: { ...headers, connection: 'close' } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const status = answer.statusCode ?? 500;
        const named = { 'content-type': String(answer.headers['content-type'] ?? '') };
        done(new Response(status === 204 ? null : Buffer.concat(chunks), { status, headers: named }));
      });
    });
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}

/** A `fetch` that reaches `https://NAME:port` behind the front. */
export function straight(behind: string, port: number): typeof fetch {
  return (input, init) => {
    const url = new URL(String(input));
    const headers = new Headers({ ...Object.fromEntries(new Headers(init?.headers)), host: `${NAME}:${port}` });
    if (init?.body instanceof URLSearchParams) headers.set('content-type', 'application/x-www-form-urlencoded');
    return send(`${behind}${url.pathname}`, init?.method ?? 'GET', Object.fromEntries(headers), Buffer.from(String(init?.body ?? '')));
  };
}

async function compatible(path: string, answer: Response, behind: string, host: string): Promise<string> {
  const text = await answer.text();
  if (!answer.ok || !text.startsWith('{')) return text;
  const json = JSON.parse(text) as Record<string, unknown>;
  if (path.startsWith('/.well-known/openid-credential-issuer')) {
    const at = path.replace('openid-credential-issuer', 'oauth-authorization-server');
    const server = (await (await send(`${behind}${at}`, 'GET', { host }, Buffer.alloc(0))).json()) as Record<string, unknown>;
    const types = { authorization_details_types_supported: ['openid_credential'] };
    return JSON.stringify({ ...json, ...types, issuer: json.credential_issuer, token_endpoint: server.token_endpoint });
  }
  if (json.token_type) return JSON.stringify({ ...json, token_type: 'bearer' });
  return text;
}
