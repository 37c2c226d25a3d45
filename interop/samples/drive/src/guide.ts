/** docs/openid.md, typed as it stands. */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tally } from '../../../node/src/shared/tally.ts';
import { blocksOf, commandsOf, type Block } from './document.ts';
import { Shell, type Typed } from './shell.ts';

/** What the document has set up, still running. */
export interface Setting {
  environment: NodeJS.ProcessEnv;
  shop: Record<string, string>;
  end(): void;
}

const FIRST = 'The first accepted presentation';
const MOST = 10;

/** Types all commands of the document, and checks what they answer. */
export async function readDocument(
  file: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  tally: Tally,
): Promise<Setting> {
  const blocks = blocksOf(file);
  const commands = blocks.filter((block) => block.language === 'sh');
  const shell = new Shell(folder, environment);
  let accepted = '';
  try {
    await tally.check(`the first accepted presentation takes at most ${MOST} commands`, () => {
      const first = commands.filter((block) => block.section === FIRST).flatMap((block) => commandsOf(block.text));
      if (first.length === 0 || first.length > MOST) throw new Error(`${first.length}: ${first.join('\n')}`);
    });
    for (const section of new Set(commands.map((block) => block.section))) {
      const typed: Typed[] = [];
      await tally.check(`"${section}"`, async () => {
        for (const block of commands.filter((block) => block.section === section)) {
          const answer = await shell.type(block.text);
          if (!answer.isWell) throw new Error(`${block.text}\n${answer.output}\n${answer.errors}`);
          typed.push(answer);
        }
        const last = typed.at(-1)?.output ?? '';
        shows(section, last);
        if (section === FIRST) accepted = last;
      });
    }
    await tally.check('its signature check in JavaScript', () => signatures(blocks, 'js', folder));
    await tally.check('its signature check in Python', () => signatures(blocks, 'python', folder));
    const shop = await settings(shell, accepted, folder);
    return { environment: { ...environment, SINPYO_WALLET_PASSWORD: await shell.value('SINPYO_WALLET_PASSWORD') }, shop, end: () => shell.end() };
  } catch (error) {
    shell.end();
    throw error;
  }
}

/** What the last answer of a section has to hold. */
const ANSWERS: Record<string, string[]> = {
  [FIRST]: ['"state":"accepted"', '"age_over_18":true'],
  'Taking back': ['"valid"'],
  Errors: ['"rule":"VP-DCQ-', '"pointer":'],
};

function shows(section: string, output: string): void {
  const missing = (ANSWERS[section] ?? []).filter((part) => !output.includes(part));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} not in the answer: ${output}`);
  if (section === FIRST && output.includes('family_name')) throw new Error(`more than was asked for: ${output}`);
}

/** The settings of a shop, as a service engineer would set them. */
async function settings(shell: Shell, accepted: string, folder: string): Promise<Record<string, string>> {
  const did = /"issuer":"(did:[^"]+)"/.exec(accepted)?.[1];
  if (!did) throw new Error(`the issuer's DID is not in ${accepted}`);
  return {
    CLIENT_ID: 'wine-shop',
    CLIENT_KEY: join(folder, 'shop.private.jwk'),
    ISSUER_TENANT: 'mois',
    ISSUER_URL: await shell.value('I'),
    SERVER_PORT: '7090',
    SHOP_URL: 'http://127.0.0.1:7090',
    VERIFIER_ISSUERS: did,
    VERIFIER_TENANT: 'shop',
    VERIFIER_URL: await shell.value('V'),
    WEBHOOK_SECRET: readFileSync(join(folder, 'webhook.secret'), 'utf8').trim(),
  };
}

/** The few lines that the document gives for checking a notice: they take the genuine one and nothing else. */
async function signatures(blocks: Block[], language: 'js' | 'python', folder: string): Promise<void> {
  const shown = blocks.find((block) => block.language === language);
  if (!shown) throw new Error('the document shows none');
  const secret = 'whsec_5f3c8f8e0e4a53';
  const body = '{"at":"2026-11-22T00:00:00Z","event":"request.accepted","id":"한별"}';
  const now = Math.floor(Date.now() / 1000);
  const signed = (time: number, key = secret) =>
    `t=${time},v1=${createHmac('sha256', key).update(`${time}.${body}`).digest('hex')}`;
  const cases: [string, string, boolean][] = [
    [signed(now), body, true],
    [signed(now), `${body} `, false],
    [signed(now, `${secret}A`), body, false],
    [signed(now - 400), body, false],
    [signed(now).replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), body, false],
    ['', body, false],
  ];
  const found = language === 'js' ? await inJavaScript(shown.text, folder, cases, secret) : inPython(shown.text, folder, cases, secret);
  cases.forEach(([header, , expected], position) => {
    if (found[position] !== expected) throw new Error(`case ${position} (${header}): ${found[position]}`);
  });
}

async function inJavaScript(text: string, folder: string, cases: [string, string, boolean][], secret: string): Promise<unknown[]> {
  const file = join(folder, 'shown.mjs');
  writeFileSync(file, text);
  const { isFromVerifier } = (await import(pathToFileURL(file).href)) as {
    isFromVerifier(header: string, body: Buffer, secret: string): boolean;
  };
  return cases.map(([header, body]) => isFromVerifier(header, Buffer.from(body), secret));
}

function inPython(text: string, folder: string, cases: [string, string, boolean][], secret: string): unknown[] {
  const file = join(folder, 'shown.py');
  const calls = 'import json, sys\nprint(json.dumps([is_from_verifier(h, b.encode(), sys.argv[2]) for h, b, _ in json.loads(sys.argv[1])]))\n';
  writeFileSync(file, text + calls);
  return JSON.parse(execFileSync('python3', ['-B', file, JSON.stringify(cases), secret], { encoding: 'utf8' })) as unknown[];
}
