// A house that votes: its office's server and relay, as docs/voting.md sets them up; trustees and voters with programs of their
// own, each in a folder of its own. All of them go by one clock, which can be put ahead.

import { execFile, type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Shell } from "../../../samples/drive/src/shell.ts";
import { Clock } from "../clock.ts";
import { Handbook } from "./handbook.ts";
import type { Started } from "../town.ts";

const SOURCE = resolve(import.meta.dirname, "../../../..");

/** How the document's server is reached. */
export const SERVICE = "http://127.0.0.1:7083";
export const RELAY = "http://127.0.0.1:7084";
const LEDGER = "http://127.0.0.1:7085";
export const ACCOUNT = { name: "kim", password: "a long enough passphrase" };

/** What a program said last, and whether it ended well. */
export type Said = { isWell: boolean; output: string };

export class Council {
  readonly folder = mkdtempSync(join(tmpdir(), "sinpyo-votes-"));
  readonly clock = Clock.in(this.folder);
  readonly handbook = new Handbook(join(SOURCE, "docs/voting.md"));
  /** Where the operator types, and observers after all is done. */
  readonly shell: Shell;
  private readonly shells = new Set<Shell>();
  private readonly children: ChildProcess[] = [];

  constructor(private readonly program: string) {
    this.shell = this.room("office");
  }

  /** A shell of somebody, in a folder that nobody else uses. */
  room(name: string, more: Record<string, string> = {}): Shell {
    const shell = new Shell(this.own(name), { ...this.environment(), SOURCE, ...more });
    this.shells.add(shell);
    return shell;
  }

  /** Ends a shell and what it runs. */
  leave(shell: Shell): void {
    if (this.shells.delete(shell)) shell.end();
  }

  /** The folder of somebody. */
  own(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  private environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.clock.environment(), PATH: `${dirname(this.program)}:${process.env["PATH"]}`, LC_ALL: "C.UTF-8" };
  }

  /** Runs the program in the folder of somebody, to its end. */
  tell(name: string, ...args: string[]): Promise<Said> {
    const options = { cwd: this.own(name), env: this.environment(), timeout: 120_000 };
    return new Promise((done) => {
      execFile(this.program, args, options, (error, stdout, stderr) => {
        done({ isWell: error === null, output: error === null ? stdout : `${error.killed === true ? "killed " : ""}${stdout}${stderr}` });
      });
    });
  }

  /** Somebody's wallet, served; `start` lets one browser in. */
  async wallet(name: string): Promise<Required<Started>> {
    const args = ["--registry", LEDGER, "wallet", "serve", "--development", "--listen", "127.0.0.1:0"];
    const child = spawn(this.program, args, { cwd: this.own(name), env: this.environment(), stdio: ["ignore", "pipe", "inherit"] });
    this.children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line);
      if (told.ready === true) return { url: told.url, start: told.start };
    }
    throw new Error(`the wallet of ${name} did not say where it is`);
  }

  stop(): void {
    for (const child of this.children) child.kill();
    for (const shell of this.shells) this.leave(shell);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
