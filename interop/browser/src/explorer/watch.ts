// A log, somebody in between who changes what is served, and the explorer on it.

import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Cases } from "../cases.ts";
import { PICTURES } from "../chromium.ts";
import { Proxy } from "../proxy.ts";
import { Registry, type Told } from "../registry.ts";

export const NAMES = [
  "행정안전부",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)//{{7*7}}${7*7}",
  "\u202Etest\u202E \uFEFF ﷽ Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤",
  "社會科學院語學研究所 울란바토르 👾 🙇 💁 田中さんにあげて下さい",
];

export class Watch {
  private constructor(
    readonly cases: Cases,
    readonly registry: Registry,
    readonly proxy: Proxy,
    /** Accredited under all names, with 599 versions. */
    readonly organisation: Told,
  ) {}

  static async begin(cases: Cases): Promise<Watch> {
    const registry = await Registry.start(200);
    const proxy = await Proxy.start(registry.url);
    const organisation = await registry.tell("did");
    // Two full tiles and a partial one on the bottom, two levels: every kind of tile is checked.
    await registry.tell("rotate 598");
    for (const name of NAMES) await registry.tell(`accredit ${organisation.did} ${name}`);
    await registry.published();
    return new Watch(cases, registry, proxy, organisation);
  }

  /** Opens the explorer at `address`, and waits until it has judged the log. */
  async open(page: Page, address = "/"): Promise<void> {
    await page.goto(`${this.proxy.url}${address}`);
    await page.locator("#link[data-link=live]").waitFor();
  }

  /** Changes what passes for as long as `work` takes. */
  async altered(alter: Proxy["alter"], work: () => Promise<void>): Promise<void> {
    this.proxy.alter = alter;
    try {
      await work();
    } finally {
      this.proxy.alter = null;
    }
  }

  end(): void {
    this.proxy.stop();
    this.registry.stop();
  }
}

/** Keeps what the page looks like, its upper part. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  const [width, height] = await page.evaluate(() => [innerWidth, document.documentElement.scrollHeight]);
  const clip = { x: 0, y: 0, width: width ?? 0, height: Math.min(height ?? 0, 1500) };
  await page.screenshot({ path: join(PICTURES, name), fullPage: true, clip });
}

export const text = (page: Page, selector: string) => page.locator(selector).innerText();

/** Goes to another view of the page that is open. */
export async function visit(page: Page, view: string): Promise<void> {
  await page.evaluate(() => { location.hash = "#/"; });
  await page.locator("#detail").waitFor({ state: "hidden" });
  await page.evaluate((view) => { location.hash = view; }, view);
}

/** Opens an entry; returns the verdict, and each step with its outcome. */
export async function judged(page: Page, index: number) {
  await visit(page, `#/entry/${index}`);
  await page.locator("#detail .steps li").first().waitFor();
  const outcome = await page.locator("#detail .verdict").getAttribute("data-outcome");
  const steps = await page.locator("#detail .steps .outcome").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset["outcome"]));
  return { outcome, steps };
}
