// Who takes part: an issuer, a verifier, a person with a wallet in the browser, and a page of somebody else.

import type { Page } from "playwright-core";
import { Album } from "../album.ts";
import { PICTURES } from "../chromium.ts";
import { type Cases, expect } from "../cases.ts";
import type { Asked, Desk } from "../desk.ts";
import { Elsewhere } from "../elsewhere.ts";
import { Holder } from "../holder.ts";
import { scanned } from "../qr.ts";
import { type Started, Town } from "../town.ts";

/** A name that stands for this machine only after a while. */
export const REBOUND = "rebound.example";
/** Screens are as fine as those that people scan from. */
export const SCREEN = { deviceScaleFactor: 2 };
export const PERSON = { family_name: "김", given_name: "한별", birth_date: "1990-03-01" };
export const OFFER = { configurations: ["K01-sd-jwt"], claims: PERSON };
export const ASK = {
  query: {
    credentials: [
      {
        id: "resident",
        format: "dc+sd-jwt",
        meta: { vct_values: ["urn:sinpyo:credential:ResidentCredential"] },
        claims: [{ path: ["age_over_18"], values: [true] }, { path: ["given_name"] }],
      },
    ],
  },
  service: "post.login",
  purpose: { ko: "우체국 회원 가입", en: "To open a post office account" },
  mode: "cross_device",
  trust: { accredited: true },
};

export class Stage {
  readonly album = new Album(PICTURES);
  readonly issuer: Desk;
  readonly verifier: Desk;
  /** Where the credential is in the wallet. */
  credential = "";

  private constructor(
    readonly cases: Cases,
    readonly elsewhere: Elsewhere,
    readonly town: Town,
    readonly wallet: Required<Started>,
    readonly holder: Holder,
  ) {
    ({ issuer: this.issuer, verifier: this.verifier } = town);
  }

  static async set(program: string, cases: Cases): Promise<Stage> {
    const elsewhere = await Elsewhere.start();
    const town = await Town.build(program, `${elsewhere.url()}/return`);
    const wallet = await town.wallet();
    return new Stage(cases, elsewhere, town, wallet, await Holder.enter(await cases.fresh(SCREEN), wallet));
  }

  /** What the verifier's address was asked for by wallets. */
  byWallets(): string[] {
    return this.town.before.asked.filter((path) => path.includes("/vp/"));
  }

  /** Opens a request's page, and reads the code off the screen. */
  async asking(page: Page, order: object = ASK, tenant = "post"): Promise<{ asked: Asked; link: string }> {
    const asked = await this.verifier.ask(tenant, order);
    await page.goto(asked.page);
    const link = await scanned(page);
    expect(link?.startsWith("openid4vp://") === true, `the code says ${link}`);
    return { asked, link };
  }

  async end(): Promise<void> {
    await this.holder.context.close();
    this.elsewhere.stop();
    this.town.stop();
  }
}

export function shown(page: Page): Promise<string> {
  return page.locator("main").innerText();
}

/** The number that a request's page shows. */
export async function number(page: Page): Promise<string> {
  await page.locator(".number-match").waitFor();
  return (await page.locator(".number-match .unseen").innerText()).replaceAll(" ", "");
}

/** Until the page has this title. */
export function titled(page: Page, name: string): Promise<void> {
  return page.getByRole("heading", { level: 1, name }).waitFor();
}

export async function refused(name: string, work: () => Promise<unknown>, status: number): Promise<void> {
  const answer = await work().then(() => "done", (error: Error) => error.message);
  expect(answer.includes(` ${status} `), `${name}: ${answer.slice(0, 200)}`);
}
