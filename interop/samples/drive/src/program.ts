/** Programs that are started and ended here. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface Ended {
  status: number;
  output: string;
  errors: string;
}

/** Runs a program to its end. */
export function ran(file: string, given: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, given, { ...options, timeout: 60_000 }, (error, output, errors) => {
      const status = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ status, output, errors });
    });
  });
}

/** A program that goes on. */
export class Program {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly ended: Promise<number>;

  constructor(command: [string, ...string[]], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const [file, ...given] = command;
    this.#process = spawn(file, given, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => this.#process.on('exit', (status) => resolve(status ?? -1)));
  }

  /** The next line that it writes, as JSON. */
  async says(): Promise<Record<string, unknown>> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended with ${await this.ended}`);
    return JSON.parse(value) as Record<string, unknown>;
  }

  stop(): void {
    this.#process.kill('SIGTERM');
  }
}

/** Tries until `done` holds. */
export async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await done().catch(() => false))) {
    if (Date.now() > end) throw new Error(`${what}: not in 30 s`);
    await pause(200);
  }
}
