/** Our wallet, by its commands. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { required, sinpyo } from './town.ts';

export interface Outcome {
  /** 0 done, 1 refused by a rule, 2 could not be carried out. */
  status: number;
  answer: Record<string, unknown>;
  told: string;
}

export class OurWallet {
  constructor(readonly folder: string) {}

  /** Runs `sinpyo wallet …`; opens the addresses that it prints, as a browser in which the person has agreed. */
  run(...args: string[]): Promise<Outcome> {
    const env = { ...process.env, SINPYO_WALLET_PASSWORD: 'correct horse battery staple', LANG: 'en_US.UTF-8' };
    const command = ['--home', join(this.folder, 'wallet-home'), '--json', 'wallet', ...args];
    const child = spawn(required('SINPYO_BIN'), command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, told, opened] = ['', '', false];
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const url = /https?:\/\/\S+authorize\S*/.exec(told)?.[0];
      if (url && told.includes(`${url}\n`) && !opened) {
        opened = true;
        void fetch(url).catch(() => undefined);
      }
    });
    return new Promise((done) => {
      child.on('exit', (status) => {
        const last = out.trim().split('\n').at(-1) ?? '';
        const answer = last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {};
        done({ status: status ?? 2, answer, told: `${told}${out}`.trim() });
      });
    });
  }

  /** Believes certificates of this authority (PEM). */
  trust(root: string): void {
    const file = join(this.folder, 'root.pem');
    writeFileSync(file, root);
    sinpyo(join(this.folder, 'wallet-home'), ['service', 'certificate', 'trust', file]);
  }

  /** Receives what a link offers; fails unless it is done. */
  async receive(link: string, ...more: string[]): Promise<Outcome> {
    return succeeded(await this.run('receive', link, '--development', ...more));
  }

  async present(link: string, ...more: string[]): Promise<Outcome> {
    return succeeded(await this.run('present', link, '--yes', '--development', ...more));
  }

  /** Fails unless a rule refuses. */
  async refuses(...args: string[]): Promise<Outcome> {
    const outcome = await this.run(...args);
    if (outcome.status === 0) throw new Error(`accepted: ${outcome.told}`);
    if (outcome.status !== 1 && outcome.status !== 2) throw new Error(`ended with ${outcome.status}: ${outcome.told}`);
    return outcome;
  }
}

function succeeded(outcome: Outcome): Outcome {
  if (outcome.status !== 0) throw new Error(`ended with ${outcome.status}: ${outcome.told.slice(0, 600)}`);
  return outcome;
}
