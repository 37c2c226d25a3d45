// Our side of OpenID4VC: a ledger with organisations, an issuer's and a verifier's service, a holder's wallet in the browser.
// Each is the program itself, in a process of its own, on a folder that is made for it.

import { execFile, type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Desk } from "./desk.ts";
import { Proxy } from "./proxy.ts";

const run = promisify(execFile);

/** How long the verifier may rely on a status list, in seconds: half of this. */
export const FRESHNESS = 2;
export const ACCOUNT = { name: "kim", password: "a long enough passphrase" };
export const WALLET_PASSWORD = "correct horse battery staple";

/** Text that others might try to have shown: markup, directions, what templates and attributes could be broken by. */
export const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "\"><svg/onload=alert(1)>'",
  "javascript:alert(1)//{{7*7}}${7*7}",
  "\u202Etest\u202E ﷽ Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤ 👾 田中さん",
];

export type Started = { url: string; start?: string };

export class Town {
  readonly folder = mkdtempSync(join(tmpdir(), "sinpyo-pages-"));
  readonly home = join(this.folder, "home");
  private readonly children: ChildProcess[] = [];

  private constructor(
    private readonly program: string,
    /** Where a service takes browsers back. */
    readonly returnTo: string,
    /** Stands before the verifier, and knows what it was asked. */
    readonly before: Proxy,
  ) {}

  issuer!: Desk;
  verifier!: Desk;

  static async build(program: string, returnTo: string): Promise<Town> {
    const town = new Town(program, returnTo, await Proxy.start("", "127.0.0.1"));
    try {
      await town.found();
    } catch (error) {
      town.stop();
      throw error;
    }
    return town;
  }

  private async found(): Promise<void> {
    const issuerData = join(this.folder, "issuer");
    const verifierData = join(this.folder, "verifier");
    for (const folder of [issuerData, verifierData]) mkdirSync(folder, { mode: 0o700 });
    const password = join(this.folder, "password");
    writeFileSync(password, ACCOUNT.password, { mode: 0o600 });

    await this.organisation("mois", "행정안전부", "Ministry of the Interior and Safety");
    await this.tell("accredit", "issue", "--by", "mois", "--to", "mois", "--profile", "K01");
    await this.asker("post", ["우정사업본부", "Korea Post"]);
    await this.asker("evil", [HOSTILE[0] ?? "", HOSTILE[1] ?? ""]);
    const names: [string, string, string][] = [
      ["mois", "행정안전부", "Ministry of the Interior and Safety"],
      ["evil", HOSTILE[2] ?? "", HOSTILE[3] ?? ""],
    ];
    const settings = join(this.folder, "tenant.json");
    writeFileSync(settings, JSON.stringify({ identity: "mois" }));
    for (const [id, ko, en] of names) {
      await this.tell("service", "tenant", "add", id, "--service", "issuer", "--data", issuerData, "--ko", ko, "--en", en, "--settings", settings);
    }
    for (const [id, ko, en] of [["post", "우정사업본부", "Korea Post"], ["evil", HOSTILE[2] ?? "", HOSTILE[4] ?? ""]] as const) {
      await this.tell(
        "service", "tenant", "add", id, "--service", "verifier", "--data", verifierData, "--ko", ko, "--en", en,
        "--did", this.dids[id] ?? "", "--return-to", this.returnTo,
      );
    }
    await this.tell("service", "account", "add", ACCOUNT.name, "--data", issuerData, "--password-file", password);
    await this.tell("service", "account", "add", ACCOUNT.name, "--data", verifierData, "--password-file", password);
    const key = (data: string) => join(data, "town.jwk");
    const scopes = { issuer: "issue,status,read,admin", verifier: "request,result,read,admin" };
    await this.tell("service", "client", "add", "town", "--service", "issuer", "--data", issuerData, "--scopes", scopes.issuer, "--generate", key(issuerData));
    await this.tell("service", "client", "add", "town", "--service", "verifier", "--data", verifierData, "--scopes", scopes.verifier, "--generate", key(verifierData));

    const issuer = await this.serve("serve", "issuer", "--listen", "127.0.0.1:0", "--data", issuerData, "--as", "mois", "--development");
    const port = await freePort();
    await this.serve(
      "--freshness", String(FRESHNESS),
      "serve", "verifier", "--listen", `127.0.0.1:${port}`, "--base", this.before.url, "--data", verifierData, "--as", "post", "--as", "evil", "--development",
    );
    this.before.upstream = `http://127.0.0.1:${port}`;
    this.issuer = await Desk.enter(issuer.url, key(issuerData), scopes.issuer);
    this.verifier = await Desk.enter(this.before.url, key(verifierData), scopes.verifier);
  }

  private readonly dids: Record<string, string> = {};

  private async organisation(name: string, ko: string, en: string): Promise<void> {
    this.dids[name] = String((await this.tell("did", "create", name, "--ko", ko, "--en", en))["did"]);
  }

  /** An organisation that may ask for parts of resident certificates. */
  private async asker(name: string, [ko, en]: readonly [string, string]): Promise<void> {
    await this.organisation(name, ko, en);
    const claims = ["age_over_18", "given_name", "family_name"].flatMap((claim) => ["--claim", claim]);
    await this.tell("accredit", "request", "--by", "mois", "--to", name, "--service", `${name}.login`, "--profile", "K01", ...claims);
  }

  /** Runs the program; what it says last. */
  async tell(...args: string[]): Promise<Record<string, unknown>> {
    const { stdout } = await run(this.program, ["--home", this.home, "--json", ...args]);
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}");
  }

  /** The holder's wallet, served; `start` lets one browser in. */
  async wallet(): Promise<Required<Started>> {
    const started = await this.serve("wallet", "serve", "--development", "--listen", "127.0.0.1:0");
    if (started.start === undefined) throw new Error("the wallet did not say how to enter it");
    return { url: started.url, start: started.start };
  }

  private async serve(...args: string[]): Promise<Started> {
    const child = spawn(this.program, ["--home", this.home, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    this.children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const told = JSON.parse(line);
      if (told.ready === true) return told;
    }
    throw new Error(`${args.join(" ")} did not say where it listens`);
  }

  stop(): void {
    for (const child of this.children) child.kill();
    this.before.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
