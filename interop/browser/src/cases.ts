// Cases, counted; each on a page of its own that has seen nothing before.

import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

export type Count = { passed: number; failed: number };

/** `provoked`: the case does what browsers block, and is not failed by their saying so. */
export type Options = BrowserContextOptions & { provoked?: boolean };

/** Others keep the processors busy, and nothing here is waited for in vain. */
const PATIENCE = 30_000;

export class Cases {
  readonly count: Count = { passed: 0, failed: 0 };
  private faults: string[] = [];
  private provoked = false;

  constructor(
    private readonly browser: Browser,
    private readonly only: string | undefined,
    private readonly hosts: readonly string[] = ["localhost"],
  ) {}

  /** Runs one case; a script that failed or was blocked, or a request to another host, fails it. */
  async run(name: string, work: (page: Page) => Promise<void>, { provoked = false, ...options }: Options = {}): Promise<void> {
    if (this.only !== undefined && !name.includes(this.only)) return;
    this.faults = [];
    this.provoked = provoked;
    const context = await this.fresh(options);
    let error: string | undefined;
    try {
      await work(await context.newPage());
      if (this.faults.length > 0) throw new Error(this.faults.join("; "));
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    } finally {
      await context.close();
    }
    this.count[error === undefined ? "passed" : "failed"] += 1;
    console.log(JSON.stringify({ case: name, passed: error === undefined, ...(error === undefined ? {} : { error }) }));
  }

  /** Another browser profile, watched in all cases that run while it is open. */
  async fresh(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 900 }, locale: "ko-KR", ...options });
    context.setDefaultTimeout(PATIENCE);
    context.on("page", (page) => this.watch(page));
    return context;
  }

  private watch(page: Page): void {
    const fault = (words: string) => this.faults.push(words);
    const allowed = (words: string) => this.provoked || fault(words);
    page.on("pageerror", (error) => fault(`script failed: ${error.message}`));
    page.on("dialog", (dialog) => {
      fault(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) allowed(message.text());
    });
    page.on("request", (request) => {
      if (!this.hosts.includes(new URL(request.url()).hostname)) allowed(`asked ${request.url()}`);
    });
  }
}

export function expect(fact: boolean, words: string): asserts fact {
  if (!fact) throw new Error(words);
}

export function includes(text: string, ...all: string[]): void {
  for (const one of all) expect(text.includes(one), `"${one}" is not in: ${text}`);
}
