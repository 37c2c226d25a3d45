// A registry in memory, as a process of its own that takes commands.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { until } from "./until.ts";

export type Told = { index: number; did: string };

export class Registry {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** A new log whose key is number `key`, with its root accreditor on it; with witnesses if `more` says `witnessed`. */
  static async start(key: number, ...more: string[]): Promise<Registry> {
    const program = process.env["SINPYO_EXPLORED"];
    if (program === undefined) throw new Error("SINPYO_EXPLORED is not set");
    const child = spawn(program, [String(key), ...more], { stdio: ["pipe", "pipe", "inherit"] });
    const reader: Interface = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    return new Registry(JSON.parse(first.value as string).url, child, lines);
  }

  /** Does one thing, and returns when the log has acknowledged it. */
  async tell(command: string): Promise<Told> {
    this.process.stdin.write(`${command}\n`);
    const line = await this.lines.next();
    const told = JSON.parse(line.value as string);
    if (told.error !== undefined) throw new Error(`${command}: ${told.error}`);
    return told;
  }

  /** Until all that was appended is under a checkpoint. */
  published(): Promise<number> {
    return until("all is published", async () => {
      const log: { size: number; unpublished: number } = await (await fetch(`${this.url}/log`)).json();
      return log.unpublished === 0 && log.size;
    });
  }

  stop(): void {
    this.process.kill();
  }
}
