/** A `fetch` for the peers that changes one request or answer on its way: how the tampered twins are made. */

export interface Meddling {
  /** The end of the path that it waits for, or what the path holds if it ends in a slash. */
  at: string;
  /** Changes what is sent. */
  request?: (sent: Sent) => void | Promise<void>;
  /** Changes what comes back. */
  response?: (text: string) => string;
}

export interface Sent {
  headers: Headers;
  body: string;
}

export class Meddler {
  #meddling: Meddling | undefined;
  /** Bodies that were sent, by address. */
  readonly sent: { url: string; body: string }[] = [];
  readonly answered: { url: string; response: Response }[] = [];
  #met: 'seen' | 'not seen' | Error = 'not seen';

  readonly fetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const meddling = this.#meddling && isAt(url, this.#meddling.at) ? this.#meddling : undefined;
    const sent = { headers: new Headers(init?.headers), body: text(init?.body) };
    this.sent.push({ url, body: sent.body });
    if (meddling) this.#met = 'seen';
    await this.#changed(() => meddling?.request?.(sent));
    const response = await fetch(url, { ...init, headers: sent.headers, ...(init?.body ? { body: sent.body } : {}) });
    this.answered.push({ url, response: response.clone() });
    if (!meddling?.response) return response;
    const { status, headers } = response;
    const original = await response.text();
    return new Response(await this.#changed(() => meddling.response?.(original)), { status, headers });
  };

  /** Runs `body` with the change; fails if the change was never applied. */
  async during<T>(meddling: Meddling, body: () => Promise<T>): Promise<T> {
    this.#meddling = meddling;
    this.#reset();
    try {
      return await body();
    } finally {
      this.#meddling = undefined;
      if (this.#met !== 'seen') throw new Error(`the twin was not made at ${meddling.at}: ${String(this.#met)}`);
    }
  }

  #reset(): void {
    this.#met = 'not seen';
  }

  /** What fails here is a fault of the test, not a refusal. */
  async #changed<T>(change: () => T): Promise<Awaited<T>> {
    try {
      return await change();
    } catch (error) {
      this.#met = error as Error;
      throw error;
    }
  }
}

function isAt(url: string, at: string): boolean {
  const { pathname } = new URL(url);
  return at.endsWith('/') ? pathname.includes(at) : pathname.endsWith(at);
}

function text(body: BodyInit | null | undefined): string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new Error('a body of another kind');
}

/** Changes one member of a JSON body. */
export function inJson(change: (body: Record<string, any>) => void): (sent: Sent) => void {
  return (sent) => {
    const body = JSON.parse(sent.body) as Record<string, unknown>;
    change(body);
    sent.body = JSON.stringify(body);
  };
}

/** Changes one field of a form. */
export function inForm(field: string, change: (value: string) => string): (sent: Sent) => void {
  return (sent) => {
    const form = new URLSearchParams(sent.body);
    form.set(field, change(form.get(field) ?? ''));
    sent.body = form.toString();
  };
}
