/** A shell that types what a document shows, one block after the other. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE = 60_000;

export interface Typed {
  /** Whether every command ended well. */
  isWell: boolean;
  output: string;
  errors: string;
}

export class Shell {
  readonly #bash: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  #count = 0;

  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: folder,
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    this.#lines = createInterface({ input: this.#bash.stdout! })[Symbol.asyncIterator]();
    // `set -e` would end the shell and with it the servers that it runs.
    this.#bash.stdin!.write('set -o pipefail; trap failed=1 ERR\n');
  }

  async type(text: string): Promise<Typed> {
    this.#count += 1;
    const [output, errors] = ['out', 'err'].map((kind) => join(this.#folder, `.${this.#count}.${kind}`)) as [string, string];
    this.#bash.stdin!.write(`failed=0\n{\n${text}\n} > ${output} 2> ${errors} < /dev/null\necho $failed\n`);
    const line = await inTime(this.#lines.next(), `not done in ${PATIENCE / 1000} s: ${text}`);
    const read = (file: string) => readFileSync(file, 'utf8');
    return { isWell: line.value === '0', output: read(output), errors: read(errors) };
  }

  /** What a variable holds. */
  async value(name: string): Promise<string> {
    const { output } = await this.type(`printf %s "\$${name}"`);
    return output;
  }

  /** Ends it, and everything that it started. */
  end(): void {
    if (this.#bash.pid && this.#bash.exitCode === null) process.kill(-this.#bash.pid, 'SIGTERM');
  }
}

async function inTime<T>(work: Promise<T>, late: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(late)), PATIENCE);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
