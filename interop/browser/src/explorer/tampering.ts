// Somebody changes what is served.

import { expect } from "../cases.ts";
import { flipping } from "../proxy.ts";
import { Registry } from "../registry.ts";
import { judged, shoot, text, type Watch } from "./watch.ts";

export async function tampered(watch: Watch): Promise<void> {
  const { cases, proxy } = watch;

  // One byte in each of the four things that are served, at several places of each.
  const places = [0, 0.13, 0.37, 0.5, 0.71, 0.93];
  const somewhere = (share: number) => (body: Buffer) => Math.min(body.length - 1, Math.floor(body.length * share));
  for (const [name, path, start] of [
    ["entry", /^\/entries\?from=300&limit=1$/, 45],
    ["proof", /^\/operations\/300\/proof$/, 0],
    ["tile of leaves", /^\/tile\/0\/001$/, 0],
    ["tile at the edge", /^\/tile\/0\/002\.p\//, 0],
    ["tile above", /^\/tile\/1\/000\.p\//, 0],
  ] as const) {
    await cases.run(`a flipped byte in the ${name} is seen`, async (page) => {
      await watch.open(page);
      for (const share of places) {
        const place = (body: Buffer) => start + somewhere(share)(body.subarray(start, body.length - 3));
        await watch.altered(flipping(path, place), async () => {
          const { outcome, steps } = await judged(page, 300);
          expect(outcome === "bad", `at ${share}: ${outcome} ${steps}`);
          expect((await text(page, "#detail .verdict")).includes("믿지 마십시오"), "in words");
        });
      }
      await shoot(page, `flipped-${name.replaceAll(" ", "-")}.png`);
      expect((await judged(page, 300)).outcome === "good", "good again without it");
    });
  }

  await cases.run("no flipped bit of a proof passes", async (page) => {
    // The compiler names functions by a helper of its own, which the browser lacks.
    await page.addInitScript("globalThis.__name = (it) => it");
    await watch.open(page);
    const missed = await page.evaluate(async () => {
      const [merkle, note] = await Promise.all([import("/explorer/merkle.js" as string), import("/explorer/note.js" as string)]);
      const get = async (path: string) => (await fetch(path)).text();
      const { vkey } = await (await fetch("/log")).json();
      const served = (await (await fetch("/entries?from=300&limit=1")).json()).entries[0].entry;
      const leaf = await merkle.leafHash(new TextEncoder().encode(served));
      const bytes = new TextEncoder().encode(await get("/operations/300/proof"));
      const passes = async (text: string) => {
        try {
          const proof = note.parseProof(text);
          await merkle.checkInclusion({ leaf, index: 300, path: proof.path }, proof.checkpoint);
          return proof.index === 300 && (await note.checkSignature(proof.checkpoint, note.parseKey(vkey))) === "good";
        } catch (error) {
          if (error instanceof merkle.Mismatch) return false;
          throw error;
        }
      };
      if (!(await passes(new TextDecoder().decode(bytes)))) return ["the proof itself"];
      const missed: string[] = [];
      for (let at = 0; at < bytes.length; at += 1) {
        for (let bit = 0; bit < 8; bit += 1) {
          const flipped = Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ (1 << bit) : byte));
          if (await passes(new TextDecoder().decode(flipped))) missed.push(`${at}.${bit}`);
        }
      }
      return missed;
    });
    expect(missed.length === 0, `passed: ${missed}`);
  });

  await cases.run("a flipped byte in the checkpoint is a loud warning", async (page) => {
    for (const share of places) {
      await watch.altered(flipping(/^\/checkpoint$/, somewhere(share)), async () => {
        await page.goto(`${proxy.url}/`);
        await page.locator("#alarm h2").waitFor();
        const kind = await page.locator("body").getAttribute("data-alarm");
        expect(kind === "signature" || kind === "malformed", `at ${share}: ${kind}`);
        expect((await page.locator("#state").getAttribute("data-state")) === "bad", "state");
        expect((await page.locator("#alarm").getAttribute("role")) === "alert", "said aloud");
      });
    }
    await shoot(page, "flipped-checkpoint.png");
  });
}

/** Another log in place of the one that was known. */
export async function alarms(watch: Watch): Promise<void> {
  const { cases, proxy, registry } = watch;

  await cases.run("another key is a loud warning until the reader decides", async (page) => {
    await watch.open(page);
    const other = await Registry.start(201);
    try {
      proxy.upstream = other.url;
      await page.goto(`${proxy.url}/?lang=ko`);
      await page.locator("body[data-alarm=key]").waitFor();
      expect((await text(page, "#alarm")).includes("다른 키"), "in words");
      await shoot(page, "alarm-key.png");
      proxy.upstream = registry.url;
      await page.goto(`${proxy.url}/?lang=ko`);
      await page.locator("#state[data-state=good]").waitFor();
      proxy.upstream = other.url;
      await page.goto(`${proxy.url}/?lang=ko`);
      await page.getByRole("button", { name: "기억을 지우고 새로 시작" }).click();
      await page.locator("#state[data-state=good]").waitFor();
    } finally {
      proxy.upstream = registry.url;
      other.stop();
    }
  });

  await cases.run("a log that shrank or changed its past is a loud warning", async (page) => {
    await watch.open(page);
    const size = await registry.published();
    const kept = await page.evaluate(() => localStorage.getItem("sinpyo.log"));
    const twin = await Registry.start(200);
    try {
      proxy.upstream = twin.url;
      proxy.cut();
      await page.goto(`${proxy.url}/?shrunk`);
      await page.locator("body[data-alarm=shrunk]").waitFor();
      expect((await text(page, "#alarm")).includes("줄어들었습니다"), "in words");
      await shoot(page, "alarm-shrunk.png");
      // The same number of entries, and one more: other ones.
      await twin.tell("did");
      await twin.tell(`rotate ${size - 3}`);
      expect((await twin.published()) === size, "as large");
      await page.goto(`${proxy.url}/?same-size`);
      await page.locator("body[data-alarm=fork]").waitFor();
      await twin.tell("did");
      await twin.published();
      await page.goto(`${proxy.url}/?larger`);
      await page.locator("body[data-alarm=fork]").waitFor();
      expect((await text(page, "#alarm")).includes("과거가 바뀌었습니다"), "in words");
      expect((await page.evaluate(() => localStorage.getItem("sinpyo.log"))) === kept, "what was known is not given up");
    } finally {
      proxy.upstream = registry.url;
      twin.stop();
    }
  });

  await cases.run("a page that is open hears of a fork", async (page) => {
    await watch.open(page);
    const size = await registry.published();
    const twin = await Registry.start(200);
    try {
      await twin.tell("did");
      await twin.tell(`rotate ${size - 2}`);
      await twin.published();
      proxy.upstream = twin.url;
      proxy.cut();
      await page.locator("body[data-alarm=fork]").waitFor();
    } finally {
      proxy.upstream = registry.url;
      twin.stop();
    }
  });

  await cases.run("cosignatures are checked, as far as the browser can", async (page) => {
    const witnessed = await Registry.start(200, "witnessed");
    try {
      proxy.upstream = witnessed.url;
      await witnessed.tell("did");
      await witnessed.published();
      await watch.open(page);
      const verdicts = () => page.locator("#fact-witnesses li").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset["verdict"]));
      await page.locator("#fact-witnesses li[data-verdict=good]").waitFor();
      expect((await verdicts()).join() === "good,absent,unsupported", `verdicts ${await verdicts()}`);
      expect((await text(page, "#fact-witnesses")).includes("이 페이지에서 확인하지 않음"), "in words");
      await shoot(page, "witnesses.png");
      // One digit of the first cosignature: the log's own signature stays good.
      const wrong = (path: string, body: Buffer) => {
        const at = body.indexOf("witness.example/210 ") + 60;
        if (path === "/checkpoint") body[at] = body[at] === 65 ? 66 : 65;
        return body;
      };
      await watch.altered(wrong, async () => {
        await witnessed.tell("hold");
        proxy.holding = true;
        await page.goto(`${proxy.url}/?flipped`);
        await page.locator("#fact-witnesses li[data-verdict=bad]").waitFor();
        expect((await page.locator("#state").getAttribute("data-state")) === "good", "the log itself is fine");
      });
    } finally {
      proxy.holding = false;
      proxy.upstream = registry.url;
      witnessed.stop();
    }
  });
}
