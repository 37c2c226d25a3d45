// Cases, counted; each on a page of its own that has seen nothing before.

import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export type Count = { passed: number; failed: number };

export class Cases {
  readonly count: Count = { passed: 0, failed: 0 };

  constructor(
    private readonly browser: Browser,
    private readonly only: string | undefined,
  ) {}

  /** Runs one case; a script that failed or was blocked, or a request to another host, fails it. */
  async run(name: string, work: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> {
    if (this.only !== undefined && !name.includes(this.only)) return;
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 900 }, locale: "ko-KR", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(8000);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(`script failed: ${error.message}`));
    page.on("dialog", (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).hostname !== "localhost") faults.push(`asked ${request.url()}`);
    });
    let error: string | undefined;
    try {
      await work(page);
      if (faults.length > 0) throw new Error(faults.join("; "));
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    } finally {
      await context.close();
    }
    this.count[error === undefined ? "passed" : "failed"] += 1;
    console.log(JSON.stringify({ case: name, passed: error === undefined, ...(error === undefined ? {} : { error }) }));
  }
}

export function expect(fact: boolean, words: string): asserts fact {
  if (!fact) throw new Error(words);
}
