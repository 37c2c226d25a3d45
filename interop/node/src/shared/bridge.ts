/** Our side, reached by JSON lines over a child process (`sinpyo-conformance bridge`). */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Json, JsonObject } from './json.ts';
import { brief, object } from './json.ts';

/** A refusal by our side, with the rule that it names. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

interface Waiting {
  resolve(value: JsonObject): void;
  reject(error: Error): void;
}

export class Bridge {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #next = 0;
  #gone: Error | undefined;

  constructor(program = required('SINPYO_BRIDGE')) {
    this.#child = spawn(program, ['bridge'], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.pipe(process.stderr);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answered(line));
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('exit', (code) => this.#end(new Error(`the bridge ended with ${code}`)));
  }

  /** Calls an operation. Rejects with `Refused` when our side refuses. */
  call(op: string, args: JsonObject): Promise<JsonObject> {
    if (this.#gone) return Promise.reject(this.#gone);
    this.#next += 1;
    const request = `${JSON.stringify({ id: this.#next, op, args })}\n`;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(request);
    });
  }

  close(): void {
    this.#child.stdin.end();
  }

  /** Answers come in the order of the requests. */
  #answered(line: string): void {
    const waiting = this.#waiting.shift();
    if (!waiting) return;
    const answer = JSON.parse(line) as Record<string, Json>;
    if (answer.ok !== undefined) waiting.resolve(object(answer.ok, 'ok'));
    else {
      const error = object(answer.error, 'error');
      waiting.reject(new Refused(String(error.code), String(error.message)));
    }
  }

  #end(error: Error): void {
    this.#gone = error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}

/** Fails unless our side refuses by naming a rule (a fault of the bridge or of the call is not a refusal). */
export async function refuses(call: Promise<unknown>): Promise<void> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (error instanceof Refused && /^[A-Z0-9]{2,6}-[A-Z0-9-]+[a-z]?$/.test(error.code)) return;
    throw new Error(`not a refusal by a rule: ${brief(error instanceof Error ? error.message : error)}`);
  }
  throw new Error(`accepted: ${brief(value)}`);
}

/** An environment variable that must be set. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
