// Pictures of a page in both languages, narrow and wide, and what must hold in each.

import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "./cases.ts";
import { visit } from "./until.ts";

const WIDTHS = [360, 1280];
const LANGUAGES = ["ko", "en"] as const;
/** Names of persons and organisations stay as they are; what an issuer says of its number is one text in both languages. */
const PROPER = /한국어|발급 기관이 따로 알려 준 번호|행정안전부|우정사업본부|한별|김|우체국/g;
const NAMELESS = /^\s*- (button|link|textbox|checkbox|radio|combobox|img|spinbutton|table)(?! ["/])/m;

export class Album {
  constructor(
    /** Where the pictures are kept; without one nothing is pictured, and all is checked. */
    private readonly folder: string | undefined,
    private readonly proper: RegExp = PROPER,
  ) {}

  /** Of a page that can be loaded again. */
  async keep(page: Page, name: string): Promise<void> {
    const before = page.viewportSize();
    const address = new URL(page.url());
    for (const lang of LANGUAGES) {
      address.searchParams.set("lang", lang);
      await visit(page, address.href);
      await this.once(page, `${name}-${lang}`, lang);
    }
    address.searchParams.set("lang", "ko");
    await visit(page, address.href);
    if (before) await page.setViewportSize(before);
  }

  /** Of the beginning of a long page, as it is and as it is printed. */
  async beginning(page: Page, name: string): Promise<void> {
    if (this.folder === undefined) return;
    const before = page.viewportSize();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 1600 });
      await page.screenshot({ path: join(this.folder, `${name}-${width}.png`) });
    }
    await page.emulateMedia({ media: "print" });
    await page.screenshot({ path: join(this.folder, `${name}-print.png`) });
    await page.emulateMedia({ media: null });
    if (before) await page.setViewportSize(before);
  }

  /** Of a page that came of a form, as it is. */
  async once(page: Page, name: string, lang: "ko" | "en" = "ko"): Promise<void> {
    const before = page.viewportSize();
    expect((await page.locator("html").getAttribute("lang")) === lang, `${name}: the language is said`);
    expect((await page.getByRole("heading", { level: 1 }).count()) === 1, `${name}: one title`);
    expect((await page.getByRole("main").count()) === 1, `${name}: one main part`);
    const tree = await page.locator("body").ariaSnapshot();
    expect(!NAMELESS.test(tree), `${name}: without a name: ${NAMELESS.exec(tree)?.[0]}`);
    if (lang === "en") {
      const left = /[가-힣]+/.exec((await page.locator("body").innerText()).replaceAll(this.proper, ""));
      expect(left === null, `${name}: Korean is left: ${left?.[0]}`);
    }
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide <= width, `${name}: ${wide} wide at ${width}`);
      if (this.folder !== undefined) await page.screenshot({ path: join(this.folder, `${name}-${width}.png`), fullPage: true });
    }
    if (before) await page.setViewportSize(before);
  }
}
