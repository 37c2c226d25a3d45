/** A person at the authorization page, with cookies and without scripts. */

const FORM = /<form[^>]*>([\s\S]*?)<\/form>/g;
const FIELD = /<input\b[^>]*>/g;

/** Goes through the pages until they send the browser elsewhere; fills in `code` wherever a text is asked for. */
export async function browse(start: string, code: string, redirect: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let response = await visit(url, cookies);
  for (let step = 0; step < 8; step += 1) {
    const next = response.headers.get('location');
    if (next) {
      url = new URL(next, url).href;
      if (url.startsWith(redirect)) return url;
      response = await visit(url, cookies);
      continue;
    }
    const page = await response.text();
    if (!response.ok) throw new Error(`the page says ${response.status}: ${words(page)}`);
    const { action, fields } = formOf(page, code);
    const body = new URLSearchParams(fields).toString();
    url = new URL(action, url).href;
    response = await visit(url, cookies, body);
  }
  throw new Error('the pages do not end');
}

async function visit(url: string, cookies: Map<string, string>, body?: string): Promise<Response> {
  const { origin } = new URL(url);
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(url, {
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      ...(cookie ? { cookie } : {}),
      ...(body === undefined ? {} : { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  for (const set of response.headers.getSetCookie()) {
    const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s);
    cookies.set(name, value);
  }
  return response;
}

/** The form that asks for something, sent by its first button, which has no name of its own. */
function formOf(page: string, code: string): { action: string; fields: [string, string][] } {
  const forms = [...page.matchAll(FORM)].filter(([whole]) => /method="?post/i.test(whole));
  const form = forms.find(([whole]) => /type="?(text|password)|inputmode/i.test(whole)) ?? forms[0];
  if (!form) throw new Error(`no form on the page: ${words(page)}`);
  const action = /<form[^>]*action="([^"]*)"/.exec(form[0])?.[1] ?? '';
  const fields = [...form[0].matchAll(FIELD)].flatMap(([field]): [string, string][] => {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(field)?.[1];
    const name = attribute('name');
    if (!name || attribute('type') === 'submit') return [];
    if (attribute('type') === 'checkbox') return [[name, attribute('value') ?? 'on']];
    return [[name, attribute('type') === 'hidden' ? unescape(attribute('value') ?? '') : code]];
  });
  return { action: unescape(action), fields };
}

const unescape = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const words = (page: string): string => page.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 300);
