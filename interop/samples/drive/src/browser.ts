/** As much of a browser as the samples need: cookies by host, and redirects that can be stopped. */

export interface Page {
  url: string;
  status: number;
  text: string;
}

export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Follows redirects, up to the first address that begins with `stop`, which is not asked for. */
  async open(url: string, stop?: string): Promise<Page> {
    return this.#go(url, 'GET', undefined, stop);
  }

  /** Sends a form of the page at `from`. */
  async submit(url: string, from: string, fields: Record<string, string> = {}): Promise<Page> {
    return this.#go(url, 'POST', { body: new URLSearchParams(fields), origin: new URL(from).origin });
  }

  async #go(first: string, verb: string, form?: { body: URLSearchParams; origin: string }, stop?: string): Promise<Page> {
    let [url, method, sent] = [first, verb, form];
    for (let redirects = 0; redirects < 8; redirects += 1) {
      const jar = this.#jar(url);
      const headers: Record<string, string> = { accept: 'text/html', 'accept-language': 'ko' };
      if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      if (sent) Object.assign(headers, { origin: sent.origin, 'sec-fetch-site': 'same-origin' });
      const answer = await fetch(url, { method, headers, redirect: 'manual', ...(sent ? { body: sent.body } : {}) });
      for (const cookie of answer.headers.getSetCookie()) keep(jar, cookie);
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || !location) {
        return { url, status: answer.status, text: await answer.text() };
      }
      url = new URL(location, url).href;
      if (stop && url.startsWith(stop)) return { url, status: answer.status, text: '' };
      [method, sent] = ['GET', undefined];
    }
    throw new Error(`redirected without end: ${first}`);
  }

  /** Browsers tell hosts apart, not ports. */
  #jar(url: string): Map<string, string> {
    const host = new URL(url).hostname;
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    return jar;
  }
}

function keep(jar: Map<string, string>, cookie: string): void {
  const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
  if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) jar.delete(name);
  else jar.set(name, value);
}

/** The link that a page opens a wallet with. */
export function walletLink(page: Page): string {
  const link = /href="((?:openid4vp|haip-vp):[^"]+)"/.exec(page.text)?.[1];
  if (!link) throw new Error(`no link for a wallet at ${page.url} (${page.status}): ${page.text.slice(0, 500)}`);
  return link.replaceAll('&amp;', '&');
}
