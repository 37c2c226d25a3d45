// A shop that sells wine to people of 18 and over, and learns nothing else about them.
import express from 'express';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Verifier } from './verifier.js';
import { isFromVerifier } from './webhook.js';

const { CLIENT_ID, CLIENT_KEY, SERVER_PORT, SHOP_URL, VERIFIER_ISSUERS, VERIFIER_TENANT, VERIFIER_URL, WEBHOOK_SECRET } =
  process.env;
const verifier = new Verifier({
  url: VERIFIER_URL,
  tenant: VERIFIER_TENANT,
  issuers: VERIFIER_ISSUERS.split(','),
  client: CLIENT_ID,
  key: JSON.parse(readFileSync(CLIENT_KEY, 'utf8')),
});
// The request of each visit, by the browser's cookie; a real shop keeps this in its sessions.
const visits = new Map();
// What the verifier told of each request. A notice may come twice, and before or after the browser.
const told = new Map();

const shop = express().disable('x-powered-by');

shop.get('/', (_, answer) =>
  page(answer, 200, '<form method=post action=/buy><button>와인 사기 · Buy wine (18+)</button></form>'),
);

shop.post('/buy', async (_, answer) => {
  const request = await verifier.askForAge(`${SHOP_URL}/return`);
  const visit = randomUUID();
  visits.set(visit, request.id);
  answer.cookie('visit', visit, { httpOnly: true, sameSite: 'lax', secure: SHOP_URL.startsWith('https:') });
  answer.redirect(303, request.page);
});

// The browser comes back. The request is the one of this browser; the code alone opens nothing.
shop.get('/return', async (request, answer) => {
  const id = visits.get(visitOf(request));
  const code = request.query.response_code;
  if (!id || typeof code !== 'string' || !(await verifier.isOfAge(id, code))) {
    return page(answer, 403, '<h1>판매하지 않았습니다 · Not sold</h1>');
  }
  page(answer, 200, '<h1>판매했습니다 · Sold</h1>');
});

shop.post('/webhook', express.raw({ type: '*/*', limit: '10kb' }), (request, answer) => {
  const body = request.body ?? Buffer.alloc(0);
  if (!isFromVerifier(request.get('webhook-signature') ?? '', body, WEBHOOK_SECRET)) return answer.sendStatus(401);
  const { id, event } = JSON.parse(body);
  told.set(id, event);
  answer.sendStatus(204);
});

// What was told of this browser's request.
shop.get('/told', (request, answer) => page(answer, 200, told.get(visits.get(visitOf(request))) ?? 'nothing'));

shop.use((error, _request, answer, _next) => {
  console.error(error);
  page(answer, 503, '<h1>잠시 뒤에 다시 해 주세요 · Try again in a moment</h1>');
});

function visitOf(request) {
  return /(?:^|; )visit=([0-9a-f-]{36})(?:;|$)/.exec(request.get('cookie') ?? '')?.[1];
}

function page(answer, status, main) {
  const head = '<!doctype html><html lang=ko><meta charset=utf-8><title>와인 가게 · Wine shop</title>';
  answer.status(status).type('html').send(head + main);
}

shop.listen(Number(SERVER_PORT), '127.0.0.1');
