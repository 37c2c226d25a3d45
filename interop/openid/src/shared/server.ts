/** A small HTTP server on the loopback, for the libraries that bring none. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestLike } from '@openid4vc/oauth2';

export interface Arrived {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** An object becomes JSON. */
  body?: object | string;
}

export interface Running {
  origin: string;
  close(): void;
}

/** Answers with what `handle` returns; what it throws becomes a 400 with the thrown `errorResponse`, if it has one. */
export async function listen(handle: (request: Arrived) => Promise<Answer>, host = '127.0.0.1'): Promise<Running> {
  let origin = '';
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const headers = new Headers(Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]));
      const url = new URL(incoming.url ?? '/', origin);
      const request = { method: incoming.method ?? 'GET', url, headers, body: Buffer.concat(chunks).toString() };
      const answer = await handle(request).catch(refusal);
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
      const kind = typeof answer.body === 'string' ? 'text/plain' : 'application/json';
      outgoing.writeHead(answer.status ?? 200, { 'content-type': kind, 'cache-control': 'no-store', ...answer.headers });
      outgoing.end(answer.body === undefined ? '' : text);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  return { origin, close: () => server.close() };
}

/** The request as the @openid4vc libraries see it. */
export function requestLike(request: Arrived): RequestLike {
  return { headers: request.headers, method: request.method as RequestLike['method'], url: request.url.href };
}

export function form(body: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

function refusal(error: unknown): Answer {
  const known = (error as { errorResponse?: object }).errorResponse;
  const message = error instanceof Error ? error.message : String(error);
  return { status: 400, body: known ?? { error: 'invalid_request', error_description: message } };
}
