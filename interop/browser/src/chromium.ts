// The browser, quiet: it asks nobody for anything by itself.

import { type Browser, chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: [...FLAGS, ...more] });
}

/** Where pictures are kept, if anywhere: making them takes longer than all that is checked on them. */
export const PICTURES = process.env["SINPYO_SCREENSHOTS"];
