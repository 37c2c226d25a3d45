/** HTTPS to one server. Its self-signed certificate is accepted on these connections and nowhere else. */
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import type { Json, JsonObject } from '../shared/json.ts';
import { brief, isObject } from '../shared/json.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The body as JSON, if it is JSON. */
  json: Json | undefined;
}

export interface Sent {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers?: Record<string, string>;
  body?: string;
}

const agent = new Agent({ rejectUnauthorized: false, keepAlive: true, maxSockets: 8 });

export class Api {
  constructor(readonly url: string) {
    if (!url.startsWith('https://')) throw new Error(`not https: ${url}`);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, { method: 'GET', headers });
  }

  post(path: string, body: Json): Promise<Answer> {
    return this.postText(path, JSON.stringify(body));
  }

  postText(path: string, body: string, type = 'application/json'): Promise<Answer> {
    const headers = { 'Content-Type': type, Accept: 'application/json' };
    return this.send(path, { method: 'POST', headers, body });
  }

  /** Sends a request; an answer of 5xx is a failure whatever was asked, but for a DID method that is not supported. */
  async send(path: string, sent: Sent): Promise<Answer> {
    const url = path.startsWith('https://') ? path : `${this.url}${path}`;
    const answer = await exchange(url, sent);
    if (answer.status >= 500 && !(answer.status === 501 && path.startsWith('/1.0/identifiers/'))) {
      throw new Error(`${answer.status} for ${sent.method} ${path} ${brief(sent.body ?? '')}: ${brief(answer.text)}`);
    }
    return answer;
  }

  async issue(instance: string, credential: Json, options?: JsonObject): Promise<Answer> {
    return this.post(`/issuers/${instance}/credentials/issue`, { credential, ...(options ? { options } : {}) });
  }

  verify(verifiableCredential: Json, options: JsonObject = { checks: ['proof'] }): Promise<Answer> {
    return this.post('/credentials/verify', { verifiableCredential, options });
  }

  verifyPresentation(verifiablePresentation: Json, options?: JsonObject): Promise<Answer> {
    return this.post('/presentations/verify', { verifiablePresentation, ...(options ? { options } : {}) });
  }

  derive(verifiableCredential: Json, selectivePointers: Json): Promise<Answer> {
    return this.post('/credentials/derive', { verifiableCredential, options: { selectivePointers } });
  }
}

function exchange(url: string, { method, headers = {}, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent, timeout: 60_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const plain = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(plain) as Record<string, string>,
          text,
          json: parsed(text),
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url} within 60 s`)));
    sent.on('error', reject);
    sent.on('socket', tolerate);
    if (body !== undefined) sent.write(body);
    sent.end();
  });
}

const tolerant = new WeakSet<Socket>();

/** A server may answer and close while we still send: such a socket must not end the program. */
function tolerate(socket: Socket): void {
  if (tolerant.has(socket)) return;
  tolerant.add(socket);
  socket.on('error', () => undefined);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Fails unless the status is one of those. */
export function status(answer: Answer, ...allowed: number[]): void {
  if (allowed.includes(answer.status)) return;
  throw new Error(`${answer.status}, not ${allowed.join(' or ')}: ${brief(answer.text, 500)}`);
}

/** The issued or derived credential: under its name or as the bare body. */
export function credentialIn(answer: Answer): JsonObject {
  const body = answer.json;
  if (!isObject(body)) throw new Error(`no JSON object: ${brief(answer.text)}`);
  const inner = body.verifiableCredential ?? body;
  if (!isObject(inner)) throw new Error(`no credential: ${brief(answer.text)}`);
  return inner;
}

/** 200 and `verified: true`. */
export function verified(answer: Answer): void {
  status(answer, 200);
  if (!isObject(answer.json) || answer.json.verified !== true) throw new Error(`not verified: ${brief(answer.text)}`);
}

/** Exactly 400 and `verified: false`. */
export function notVerified(answer: Answer): void {
  status(answer, 400);
  if (!isObject(answer.json) || answer.json.verified !== false) {
    throw new Error(`400 without "verified": false: ${brief(answer.text)}`);
  }
}

/** A refusal of the caller's doing, with Problem Details [RFC 9457]. */
export function refused(answer: Answer, ...allowed: number[]): void {
  status(answer, ...(allowed.length > 0 ? allowed : [400, 422]));
  const problem = answer.json;
  if (!isObject(problem)) throw new Error(`${answer.status} without JSON: ${brief(answer.text)}`);
  for (const name of ['type', 'title', 'detail']) {
    if (typeof problem[name] !== 'string') throw new Error(`the problem has no ${name}: ${brief(answer.text)}`);
  }
  if (problem.status !== answer.status) throw new Error(`the problem says status ${brief(problem.status)}`);
  if (!String(answer.headers['content-type']).includes('json')) throw new Error('the problem is not sent as JSON');
}
