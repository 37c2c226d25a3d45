// The program itself: `sinpyo serve registry` on a folder of its own, and its client on another.

import { execFile, type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

export class Served {
  private constructor(
    readonly url: string,
    private readonly program: string,
    private readonly folder: string,
    private readonly process: ChildProcess,
  ) {}

  /** A new ledger, served. */
  static async start(program: string): Promise<Served> {
    const folder = mkdtempSync(join(tmpdir(), "served-"));
    const data = join(folder, "data");
    await run(program, ["did", "create", "moi", "--ko", "행정안전부", "--en", "MOIS", "--home", data]);
    const child = spawn(program, ["serve", "registry", "--listen", "127.0.0.1:0", "--data", data, "--open-creation"], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line);
      if (told.ready === true) return new Served(told.url, program, folder, child);
    }
    throw new Error("the program did not say where it listens");
  }

  /** Makes an organisation over HTTP; returns when it is acknowledged. */
  async organisation(name: string): Promise<void> {
    const home = join(this.folder, "client");
    await run(this.program, ["did", "create", name, "--ko", "우정사업본부", "--en", "Korea Post", "--registry", this.url, "--home", home]);
  }

  stop(): void {
    this.process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
