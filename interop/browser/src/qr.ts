// What a camera would read off a page.

import jsQR from "jsqr";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";

/** Looks at a page before there is no code: whoever holds a camera holds it still for a moment, and nearer. */
const LOOKS = 5;

/** The text of the QR code in the page's picture; none if there is none. */
export async function scanned(page: Page): Promise<string | undefined> {
  for (let look = 0; look < LOOKS; look += 1) {
    const picture = await page.screenshot({ fullPage: true });
    const text = textOf(picture) ?? textOf(doubled(picture));
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The picture from half as far: the reader misses some codes at one size and finds them at another. */
function doubled(picture: Buffer): Buffer {
  const small = PNG.sync.read(picture);
  const large = new PNG({ width: small.width * 2, height: small.height * 2 });
  for (let y = 0; y < large.height; y += 1) {
    for (let x = 0; x < large.width; x += 1) {
      const from = ((y >> 1) * small.width + (x >> 1)) * 4;
      small.data.copy(large.data, (y * large.width + x) * 4, from, from + 4);
    }
  }
  return PNG.sync.write(large);
}

/** The text of the QR code in a picture. */
export function textOf(picture: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(picture);
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}
