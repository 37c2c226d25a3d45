// One election, from its title to the printed record, and who takes part.

import type { BrowserContext, Page } from "playwright-core";
import type { Shell } from "../../../samples/drive/src/shell.ts";
import type { Album } from "../album.ts";
import type { Cases } from "../cases.ts";
import type { Council } from "./council.ts";
import { Holder } from "../holder.ts";
import type { Host } from "./host.ts";
import { Expected } from "./poll.ts";
import { Voter } from "./voter.ts";

/** Screens are as fine as those that people scan from. */
const SCREEN = { deviceScaleFactor: 2, viewport: { width: 1100, height: 900 } };
const SLOW = 60_000;
const MINUTE = 60_000;

export type Profile = "ring" | "token";

export class Session {
  readonly expected = new Expected();
  readonly trustees: Shell[] = [];
  readonly opens: Date;
  readonly closes: Date;
  host!: Host;
  /** Where somebody registers, votes and checks by the commands of the document. */
  auditor!: Shell;
  /** The link of the voters' page, which knows who called the election. */
  link = "";
  /** The codes of the sheet, by district and label. */
  codes = new Map<string, string>();
  /** A ballot that counts. */
  tracking = "";
  private readonly contexts: BrowserContext[] = [];
  private readonly voters = new Map<string, Voter>();

  constructor(
    readonly council: Council,
    private readonly cases: Cases,
    private readonly album: Album,
    readonly profile: Profile,
    readonly name: string = profile,
  ) {
    const start = Math.ceil(council.clock.now().getTime() / MINUTE) * MINUTE;
    this.opens = new Date(start + 90 * MINUTE);
    this.closes = new Date(start + 150 * MINUTE);
  }

  run(name: string, work: (page: Page) => Promise<void>): Promise<void> {
    const patient = (page: Page) => {
      page.setDefaultTimeout(SLOW);
      return work(page);
    };
    return this.cases.run(`${this.name}: ${name}`, patient, SCREEN);
  }

  /** Pictures of a page that can be loaded again. Meanwhile it hears of nothing that would have it load itself again. */
  async keep(page: Page, name: string): Promise<void> {
    const live = /\/live$/;
    await page.route(live, (route) => route.abort());
    await this.album.keep(page, `${this.name}-${name}`);
    await page.unroute(live);
  }

  /** Pictures of a page that came of a form. */
  once(page: Page, name: string, lang: "ko" | "en" = "ko"): Promise<void> {
    return this.album.once(page, `${this.name}-${name}`, lang);
  }

  /** Pictures of the beginning of a page that is too long for one. */
  clip(page: Page, name: string): Promise<void> {
    return this.album.beginning(page, `${this.name}-${name}`);
  }

  /** A browser of somebody's own. */
  async browser(): Promise<Page> {
    const context = await this.cases.fresh(SCREEN);
    context.setDefaultTimeout(SLOW);
    this.contexts.push(context);
    return context.newPage();
  }

  /** Somebody who has just made a wallet, in the browser that it is used in. */
  async arrive(name: string): Promise<Voter> {
    const wallet = await this.council.wallet(`${this.name}-${name}`);
    const page = await this.browser();
    const voter = new Voter(await Holder.enter(page.context(), wallet));
    await page.close();
    this.voters.set(name, voter);
    return voter;
  }

  voter(name: string): Voter {
    const voter = this.voters.get(name);
    if (voter === undefined) throw new Error(`${name} has no wallet`);
    return voter;
  }

  code(district: string, label: string): string {
    const code = this.codes.get(`${district} · ${label}`);
    if (code === undefined) throw new Error(`${district} ${label} has no code`);
    return code.replaceAll("-", "");
  }

  async end(): Promise<void> {
    for (const context of this.contexts) await context.close();
  }
}
