// Voters: in the browser with a wallet of their own, or by the command.

import { expect } from "../cases.ts";
import type { Council, Said } from "./council.ts";
import type { Holder } from "../holder.ts";
import { WALLET_PASSWORD } from "../town.ts";
import { reload, until } from "../until.ts";

/** The numbers of the chosen options, 0 for blank. */
export type Choice = readonly number[];

export class Voter {
  constructor(private readonly holder: Holder) {}

  get page() {
    return this.holder.page;
  }

  /** What the wallet says now. */
  said(): Promise<string> {
    return this.holder.said();
  }

  press(name: string): Promise<string> {
    return this.holder.press(name);
  }

  /** Takes up an offer of a credential. */
  receive(link: string, code: string): Promise<string> {
    return this.holder.receive(link, code);
  }

  /** Lets the wallet in again that locked itself. */
  private async unlock(): Promise<void> {
    const password = this.page.getByLabel("비밀번호", { exact: true });
    if ((await password.count()) === 0) return;
    await password.fill(WALLET_PASSWORD);
    await Promise.all([this.page.waitForEvent("load"), this.page.locator("form button[type=submit]").first().click()]);
  }

  /** Gives the wallet a link or the text of a code; what it shows. */
  async open(link: string): Promise<string> {
    await this.page.goto(`${this.holder.url}/votes`);
    await this.unlock();
    await this.page.goto(`${this.holder.url}/votes`);
    await this.page.locator("#link").fill(link);
    await Promise.all([this.page.waitForEvent("load"), this.page.getByRole("button", { name: "내용 보기" }).click()]);
    return this.settled();
  }

  /** Opens the election that the wallet knows. */
  async again(): Promise<string> {
    await this.page.goto(`${this.holder.url}/votes`);
    await this.unlock();
    await this.page.goto(`${this.holder.url}/votes`);
    await this.press("열기");
    return this.settled();
  }

  /** Until the wallet has done what it was asked to. */
  settled(): Promise<string> {
    let isFirst = true;
    return until("the wallet has done it", async () => {
      if (!isFirst) await reload(this.page);
      isFirst = false;
      await this.page.locator("main details").evaluateAll((all) => all.forEach((one) => one.setAttribute("open", "")));
      const said = await this.said();
      return !said.startsWith("확인하고 있습니다") && said;
    });
  }

  /** Presses a button, and waits for what comes of it. */
  async act(name: string): Promise<string> {
    await this.press(name);
    return this.settled();
  }

  /** Registers with the code, which the link brought or is typed. */
  async register(code?: string): Promise<string> {
    if (code !== undefined) await this.page.locator("[name=code]").fill(code);
    await this.act("다음");
    return this.act("동의하고 등록하기");
  }

  /** Fills in a ballot and has it made; its tracking code. */
  async fill(choice: Choice): Promise<string> {
    for (const [contest, column] of choice.entries()) await this.page.locator(`#contest-${contest}-${column}`).check();
    await this.act("고른 것 보기");
    const said = await this.act("투표지 만들기");
    const tracking = /(?:[a-z2-7]{4}-){4}[a-z2-7]{4}/.exec(said.replaceAll(/\s+/g, "-"))?.[0];
    expect(tracking !== undefined, `there is no tracking code: ${said}`);
    return tracking;
  }
}

/** Somebody who votes by the command. */
export type Commander = { name: string; link: string; choice: Choice };

/** Lets all do something, a few at a time. */
export async function each<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export function cast(council: Council, { name, link, choice }: Commander): Promise<Said> {
  return council.tell(name, "vote", "cast", link, "--voter", "voter", "--choose", choice.join(","), "--json");
}
