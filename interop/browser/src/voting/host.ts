// The host of an election, on the pages of the office.

import type { Locator, Page } from "playwright-core";
import { expect } from "../cases.ts";
import { visit } from "../until.ts";
import { ACCOUNT, SERVICE } from "./council.ts";

/** Korean and English. */
export type Names = readonly [string, string];
export type Contest = { title: Names; options: readonly Names[]; districts: readonly string[] };
export type Plan = {
  title: Names;
  profile: "ring" | "token";
  opens: Date;
  closes: Date;
  floor: number;
  threshold: number;
  districts: readonly { name: Names; legal: number }[];
  contests: readonly Contest[];
};

export class Host {
  /** The election's page of the office. */
  own = "";

  constructor(readonly page: Page) {}

  async logIn(password = ACCOUNT.password): Promise<void> {
    await this.page.goto(`${SERVICE}/admin/login`);
    await this.page.getByLabel("계정").fill(ACCOUNT.name);
    await this.page.getByLabel("비밀번호").fill(password);
    await this.page.getByRole("button", { name: "로그인" }).click();
  }

  /** Opens a page of the office; logs in again if the session is over. */
  async at(path = ""): Promise<void> {
    await visit(this.page, `${this.own}${path}`);
    if (new URL(this.page.url()).pathname !== "/admin/login") return;
    await this.logIn();
    await this.page.getByRole("heading", { level: 1, name: "선거" }).waitFor();
    await visit(this.page, `${this.own}${path}`);
  }

  /** The address of what everybody sees. */
  election(): string {
    return this.own.replace("/admin/e/", "/e/");
  }

  /** A form by its button, in the folded part of the page if it is there. */
  async form(button: string): Promise<Locator> {
    const form = this.page.locator("form", { has: this.page.locator("button", { hasText: new RegExp(`^${button}$`) }) }).first();
    const folded = form.locator("xpath=ancestor::details[not(@open)]/summary");
    if ((await folded.count()) > 0) await folded.first().click();
    return form;
  }

  /** Fills in a form and sends it. */
  async send(button: string, values: Record<string, string> = {}): Promise<void> {
    const form = await this.form(button);
    for (const [name, value] of Object.entries(values)) {
      const field = form.locator(`[name="${name}"]`);
      if ((await field.evaluate((one) => one.tagName)) === "SELECT") await field.selectOption(value);
      else await field.fill(value);
    }
    await Promise.all([this.page.waitForEvent("load"), form.getByRole("button", { name: button, exact: true }).click()]);
  }

  async create([ko, en]: Names): Promise<void> {
    await this.page.goto(`${SERVICE}/admin`);
    await this.send("만들기", { ko, en });
    this.own = this.page.url().split("?")[0] ?? "";
    expect(/\/admin\/e\/[0-9a-f]{64}$/.test(this.own), `the election is at ${this.own}`);
  }

  async draft(plan: Plan): Promise<void> {
    const [ko, en] = plan.title;
    await this.at("/edit/basics");
    await this.send("저장", {
      ko, en,
      opens: moment(plan.opens), closes: moment(plan.closes),
      profile: plan.profile, floor: String(plan.floor), threshold: String(plan.threshold),
    });
    await this.at("/edit/districts");
    for (const { name, legal } of plan.districts) await this.send("선거구 추가", { ko: name[0], en: name[1], legal: String(legal) });
    await this.at("/edit/contests");
    for (const { title, options, districts } of plan.contests) {
      const lines = options.map((option) => option.join(" / ")).join("\n");
      await this.send("안건 추가", { ko: title[0], en: title[1], options: lines, districts: districts.join(", ") });
    }
  }

  /** The links of the trustees that were not accepted yet. */
  async invite(trustees: readonly Names[]): Promise<string[]> {
    await this.at();
    for (const [ko, en] of trustees) await this.send("초대 링크 만들기", { ko, en });
    return this.page.locator("code[id^=invitation-]").allInnerTexts();
  }

  /** Gives the page a file of the roll; where it leads. */
  async upload(name: string, buffer: Buffer): Promise<void> {
    await this.at("/roll");
    await this.page.getByLabel("CSV 파일").setInputFiles({ name, mimeType: "text/csv", buffer });
    await this.page.waitForURL(/\/roll\/preview\?/);
  }

  /** Waits for a phase, of which the page hears by itself. */
  async phase(name: string): Promise<void> {
    await this.at();
    await this.page.locator(".steps [aria-current=step]", { hasText: name }).waitFor();
    await this.page.waitForLoadState("load");
  }

  /** A line of the roll, on the page that is open. */
  line(label: string): Locator {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: label, exact: true }) });
  }

  /** The codes of the sheet that is open: by district and label. */
  async codes(): Promise<Map<string, string>> {
    const slips = await this.page.locator("section.card").evaluateAll((all) =>
      all.map((one) => [one.querySelectorAll("p")[0]?.textContent ?? "", one.querySelector("code")?.textContent ?? ""] as const),
    );
    return new Map(slips);
  }
}

/** A moment as the page takes it: Korean time. */
function moment(time: Date): string {
  return new Date(time.getTime() + 9 * 3600_000).toISOString().slice(0, 16).replace("T", " ");
}
