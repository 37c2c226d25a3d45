// A person with a wallet in the browser.

import type { BrowserContext, Page } from "playwright-core";
import { WALLET_PASSWORD, type Started } from "./town.ts";

export class Holder {
  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  /** Enters by the address that works once, and makes a wallet. */
  static async enter(context: BrowserContext, wallet: Required<Started>): Promise<Holder> {
    const page = await context.newPage();
    await page.goto(wallet.start);
    await page.getByLabel("비밀번호", { exact: true }).fill(WALLET_PASSWORD);
    await page.getByLabel("비밀번호 다시 입력").fill(WALLET_PASSWORD);
    await page.getByRole("button", { name: "새 지갑 만들기" }).click();
    await page.getByRole("heading", { name: "내 자격증명" }).waitFor();
    return new Holder(context, page, wallet.url);
  }

  /** Opens an offer or a request; what the wallet shows of it, before anything is agreed. */
  async open(link: string): Promise<string> {
    await this.page.goto(`${this.url}/add`);
    await this.page.getByLabel("링크 또는 요청").fill(link);
    await this.page.getByRole("button", { name: "내용 보기" }).click();
    await this.page.waitForURL(`${this.url}/flows/*`);
    return this.said();
  }

  /** Presses a button, and waits for what it leads to. */
  async press(name: string): Promise<string> {
    await Promise.all([this.page.waitForEvent("load"), this.page.getByRole("button", { name }).click()]);
    return this.said();
  }

  /** Takes an offer up to its end. */
  async receive(link: string, code: string): Promise<string> {
    await this.open(link);
    await this.page.getByLabel("확인 번호").fill(code);
    return this.press("동의하고 받기");
  }

  /** Goes where the wallet leads after an answer. */
  async leave(): Promise<void> {
    await this.page.getByRole("link", { name: "서비스로 돌아가기" }).click();
    await this.page.waitForURL((url) => url.origin !== this.url);
  }

  /** Names and addresses of the credentials in the wallet. */
  async credentials(): Promise<string[]> {
    await this.page.goto(this.url);
    return this.page.locator("main .list a").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).pathname));
  }

  said(): Promise<string> {
    return this.page.locator("main").innerText();
  }
}
