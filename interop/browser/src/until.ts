// Waiting for what cannot be waited for as an event.

import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";

const PATIENCE = 60_000;

/** Looks ten times a second, until it is found. */
export async function until<T>(what: string, look: () => Promise<T | false>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found !== false) return found;
    if (Date.now() > end) throw new Error(`not in ${PATIENCE / 1000} s: ${what}`);
    await pause(100);
  }
}

/** Opens an address. */
export function visit(page: Page, address: string): Promise<void> {
  return loaded(address, () => page.goto(address));
}

/** Loads the page again. */
export function reload(page: Page): Promise<void> {
  return loaded(page.url(), () => page.reload());
}

/** The page that is open may load itself again at any moment, and so stop this. */
async function loaded(address: string, load: () => Promise<unknown>): Promise<void> {
  const stopped = (error: Error) => {
    if (!/interrupted by another navigation|ERR_ABORTED/.test(error.message)) throw error;
    return false;
  };
  await until(`${address} is open`, () => load().then(() => true, stopped));
}
