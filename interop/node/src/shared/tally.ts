/** Counts the cases of one peer and prints them as JSON lines. */
import { brief } from './json.ts';

type Show = 'all' | 'failures';

export class Tally {
  #passed = 0;
  #failed = 0;
  readonly #unsupported: string[] = [];
  readonly #facts: Record<string, unknown> = {};

  constructor(
    readonly peer: string,
    readonly version: string,
    readonly show: Show = 'all',
  ) {}

  /** Runs a case: it passes unless it throws. */
  async check(name: string, body: () => Promise<void> | void): Promise<boolean> {
    try {
      await body();
    } catch (error) {
      this.#failed += 1;
      const detail = brief(error instanceof Error ? error.message : error, 700);
      print({ of: this.peer, case: name, outcome: 'failed', detail });
      return false;
    }
    this.#passed += 1;
    if (this.show === 'all') print({ of: this.peer, case: name, outcome: 'passed' });
    return true;
  }

  /** Names what the peer cannot do, with the reason. */
  unsupported(reason: string): void {
    this.#unsupported.push(reason);
  }

  /** Adds a figure to the summary. */
  fact(name: string, value: unknown): void {
    this.#facts[name] = value;
  }

  /** Prints the line of this peer. Returns whether all is well: something ran and nothing failed. */
  finish(): boolean {
    print({
      peer: this.peer,
      version: this.version,
      passed: this.#passed,
      failed: this.#failed,
      unsupported: this.#unsupported,
      ...this.#facts,
    });
    return this.#failed === 0 && this.#passed > 0;
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
