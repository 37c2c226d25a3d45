/** The two Rust programs: a certificate is issued, and a counter asks for it. */
import { join } from 'node:path';
import type { Tally } from '../../../node/src/shared/tally.ts';
import { Browser, walletLink } from './browser.ts';
import { Program } from './program.ts';
import type { World } from './world.ts';

/** Runs both, each also with somebody who cheats. */
export async function issueAndVerify(world: World, tally: Tally): Promise<void> {
  await tally.check('a certificate is issued for the right code', () => issues(world));
  await tally.check('not for a wrong one, which spends nothing', () => refusesWrongCode(world));
  await tally.check('a counter learns that somebody is of age', () => verifies(world));
  await tally.check('not from somebody who answers another request', () => refusesReplay(world));
}

const built = () => process.env.SAMPLES_BIN ?? '';

function start(world: World, name: string, more: Record<string, string> = {}): Program {
  const env = { ...world.environment, ...world.shop, ...more };
  return new Program([join(built(), name)], { cwd: world.folder, env });
}

function issuer(world: World): Program {
  return start(world, 'issue', { CLIENT_ID: 'office', CLIENT_KEY: join(world.folder, 'office.private.jwk') });
}

async function issues(world: World): Promise<void> {
  const program = issuer(world);
  try {
    const { link, tx_code: code } = await program.says();
    const taken = await world.wallet('receive', String(link), '--development', '--tx-code', String(code));
    expect(taken.status === 0, `the wallet: ${taken.output}${taken.errors}`);
    expect((await program.says()).state === 'issued', 'it does not say that it was issued');
    expect((await program.ended) === 0, 'it does not end well');
  } finally {
    program.stop();
  }
}

async function refusesWrongCode(world: World): Promise<void> {
  const program = issuer(world);
  try {
    const { link, tx_code: code } = await program.says();
    const wrong = [...String(code)].map((digit) => (Number(digit) + 1) % 10).join('');
    const refused = await world.wallet('receive', String(link), '--development', '--tx-code', wrong);
    expect(refused.status !== 0, 'a wrong code was taken');
    const taken = await world.wallet('receive', String(link), '--development', '--tx-code', String(code));
    expect(taken.status === 0, `the right one after it: ${taken.output}${taken.errors}`);
    expect((await program.says()).state === 'issued', 'it does not say that it was issued');
  } finally {
    program.stop();
  }
}

async function verifies(world: World): Promise<void> {
  const program = start(world, 'verify');
  try {
    const { page } = await program.says();
    const link = walletLink(await new Browser().open(String(page)));
    const sent = await world.present(link);
    expect(sent.status === 0, `the wallet: ${sent.said}`);
    expect((await program.says()).of_age === true, 'it does not say that the holder is of age');
    expect((await program.ended) === 0, 'it does not end well');
  } finally {
    program.stop();
  }
}

async function refusesReplay(world: World): Promise<void> {
  const program = start(world, 'verify');
  try {
    const { page } = await program.says();
    const link = walletLink(await new Browser().open(String(page)));
    await world.present(link, '--misbehave', 'nonce');
    const said = await program.says();
    expect(said.of_age === false && said.state === 'refused', `it says ${JSON.stringify(said)}`);
  } finally {
    program.stop();
  }
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
