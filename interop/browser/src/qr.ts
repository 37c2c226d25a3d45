// What a camera would read off a page.

import jsQR from "jsqr";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";

/** The text of the QR code in the page's picture; none if there is none. */
export async function scanned(page: Page): Promise<string | undefined> {
  return textOf(await page.screenshot({ fullPage: true }));
}

/** The text of the QR code in a picture. */
export function textOf(picture: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(picture);
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}
