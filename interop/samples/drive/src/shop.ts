/** One shop in a language of its own: bought in, and deceived. */
import { createHmac } from 'node:crypto';
import { Browser, walletLink, type Page } from './browser.ts';
import type { Tally } from '../../../node/src/shared/tally.ts';
import { Program, until } from './program.ts';
import type { World } from './world.ts';

export interface Sample {
  name: string;
  version: string;
  command: [string, ...string[]];
  folder: string;
}

const SECRET_OF_NOBODY = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Runs the shop of `sample` through every case. */
export async function drive(sample: Sample, world: World, tally: Tally): Promise<void> {
  const { SERVER_PORT, SHOP_URL: shop = '', WEBHOOK_SECRET: secret = '' } = world.shop;
  const env = { ...world.environment, ...world.shop };
  const program = new Program(sample.command, { cwd: sample.folder, env });
  try {
    await until(`${sample.name} at ${SERVER_PORT}`, async () => (await fetch(shop)).ok);
    await tally.check('sold to somebody of age, who came back with the code', () => sold(shop, world));
    await tally.check('a forged code sells nothing, and spends nothing', () => forged(shop, world));
    await tally.check("somebody else's browser gets nothing for the right code", () => stolen(shop, world));
    await tally.check('a result counts once', () => twice(shop, world));
    await tally.check('a spoilt response sells nothing', () => spoilt(shop, world));
    await tally.check('the verifier tells, and is believed', () => told(shop, world));
    await tally.check('nobody else is believed', () => untold(shop, secret));
  } finally {
    program.stop();
    await program.ended;
  }
}

/** A visit up to the point at which the browser is about to come back to the shop. */
async function answered(shop: string, world: World): Promise<{ browser: Browser; back: string }> {
  const { browser, page } = await asked(shop);
  const sent = await world.present(walletLink(page));
  if (!sent.redirect) throw new Error(`the wallet was not sent on: ${sent.said}`);
  const { url } = await browser.open(sent.redirect, `${shop}/return`);
  expect(url.startsWith(`${shop}/return?response_code=`), `sent to ${url}`);
  return { browser, back: url };
}

async function asked(shop: string): Promise<{ browser: Browser; page: Page }> {
  const browser = new Browser();
  const page = await browser.submit(`${shop}/buy`, shop);
  expect(page.status === 200, `the verifier's page: ${page.status} ${page.text.slice(0, 300)}`);
  return { browser, page };
}

async function sold(shop: string, world: World): Promise<void> {
  const { browser, back } = await answered(shop, world);
  shows(await browser.open(back), 200, 'Sold');
}

async function forged(shop: string, world: World): Promise<void> {
  const { browser, back } = await answered(shop, world);
  const code = new URL(back).searchParams.get('response_code') ?? '';
  const other = code.slice(0, -2) + (code.endsWith('AA') ? 'BB' : 'AA');
  shows(await browser.open(back.replace(code, other)), 403, 'Not sold');
  shows(await browser.open(`${shop}/return`), 403, 'Not sold');
  shows(await browser.open(back), 200, 'Sold');
}

async function stolen(shop: string, world: World): Promise<void> {
  const { back } = await answered(shop, world);
  shows(await new Browser().open(back), 403, 'Not sold');
  // Nor for the code of one visit in another.
  const { browser } = await asked(shop);
  shows(await browser.open(back), 403, 'Not sold');
}

async function twice(shop: string, world: World): Promise<void> {
  const { browser, back } = await answered(shop, world);
  shows(await browser.open(back), 200, 'Sold');
  shows(await browser.open(back), 403, 'Not sold');
}

async function spoilt(shop: string, world: World): Promise<void> {
  const { browser, page } = await asked(shop);
  const sent = await world.present(walletLink(page), '--misbehave', 'nonce');
  if (sent.redirect) {
    const { url } = await browser.open(sent.redirect, `${shop}/return`);
    const code = new URL(url).searchParams.get('response_code') ?? '';
    shows(await browser.open(`${shop}/return?response_code=${code}`), 403, 'Not sold');
  } else {
    shows(await browser.open(`${shop}/return`), 403, 'Not sold');
  }
  await hears(browser, shop, 'request.refused');
}

async function told(shop: string, world: World): Promise<void> {
  const { browser, back } = await answered(shop, world);
  await hears(browser, shop, 'request.answered');
  shows(await browser.open(back), 200, 'Sold');
  await hears(browser, shop, 'request.accepted');
}

async function hears(browser: Browser, shop: string, event: string): Promise<void> {
  let heard = '';
  const listen = async () => {
    heard = (await browser.open(`${shop}/told`)).text;
    return heard.endsWith(event);
  };
  await until('a notice', listen).catch((error: Error) => {
    throw new Error(`${error.message}: ${heard}`);
  });
}

async function untold(shop: string, secret: string): Promise<void> {
  const body = JSON.stringify({ id: '0', event: 'request.accepted', at: '2026-11-22T00:00:00Z' });
  const now = Math.floor(Date.now() / 1000);
  const signed = (key: string, time: number, over = body) =>
    `t=${time},v1=${createHmac('sha256', key).update(`${time}.${over}`).digest('hex')}`;
  const send = async (signature: string | undefined, sent = body) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (signature !== undefined) headers['webhook-signature'] = signature;
    return (await fetch(`${shop}/webhook`, { method: 'POST', headers, body: sent })).status;
  };
  expect((await send(signed(secret, now))) === 204, 'a notice that is well signed is taken');
  const genuine = signed(secret, now);
  const cases: [string, string | undefined, string?][] = [
    ['without a signature', undefined],
    ['with an empty one', ''],
    ['by another secret', signed(SECRET_OF_NOBODY, now)],
    ['over another body', genuine, body.replace('accepted', 'refused')],
    ['with a space after the body', genuine, `${body} `],
    ['from an hour ago', signed(secret, now - 3600)],
    ['from an hour ahead', signed(secret, now + 3600)],
    ['at another time than was signed', genuine.replace(String(now), String(now + 1))],
    ['cut short', genuine.slice(0, -2)],
    ['of another version', genuine.replace('v1=', 'v0=')],
  ];
  for (const [name, signature, sent] of cases) {
    const status = await send(signature, sent);
    expect(status === 401, `${name}: ${status}`);
  }
}

function shows(page: Page, status: number, words: string): void {
  const isSo = page.status === status && page.text.includes(words);
  expect(isSo, `${status} "${words}" was expected at ${page.url}, not ${page.status}: ${page.text.slice(0, 400)}`);
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
