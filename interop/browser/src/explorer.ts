// The explorer in a real browser, with somebody in between who changes what is served.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { Cases, expect } from "./cases.ts";
import { Proxy, flipping } from "./proxy.ts";
import { Registry } from "./registry.ts";
import { Served } from "./served.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const NAMES = [
  "행정안전부",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)//{{7*7}}${7*7}",
  "\u202Etest\u202E \uFEFF ﷽ Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤",
  "社會科學院語學研究所 울란바토르 👾 🙇 💁 田中さんにあげて下さい",
];

const shots = process.env["SINPYO_SCREENSHOTS"] ?? mkdtempSync(join(tmpdir(), "explorer-"));
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: FLAGS });
const registry = await Registry.start(200);
const proxy = await Proxy.start(registry.url);
const cases = new Cases(browser, process.argv[2]);

/** Opens the explorer at `address`, and waits until it has judged the log. */
async function open(page: Page, address = "/"): Promise<void> {
  await page.goto(`${proxy.url}${address}`);
  await page.locator("#link[data-link=live]").waitFor();
}

/** Keeps what the page looks like, its upper part. */
async function shoot(page: Page, name: string): Promise<void> {
  const [width, height] = await page.evaluate(() => [innerWidth, document.documentElement.scrollHeight]);
  const clip = { x: 0, y: 0, width: width ?? 0, height: Math.min(height ?? 0, 1500) };
  await page.screenshot({ path: join(shots, name), fullPage: true, clip });
}

const text = (page: Page, selector: string) => page.locator(selector).innerText();

/** Goes to another view of the page that is open. */
async function visit(page: Page, view: string): Promise<void> {
  await page.evaluate(() => { location.hash = "#/"; });
  await page.locator("#detail").waitFor({ state: "hidden" });
  await page.evaluate((view) => { location.hash = view; }, view);
}

/** Opens an entry; returns the verdict, and each step with its outcome. */
async function judged(page: Page, index: number) {
  await visit(page, `#/entry/${index}`);
  await page.locator("#detail .steps li").first().waitFor();
  const outcome = await page.locator("#detail .verdict").getAttribute("data-outcome");
  const steps = await page.locator("#detail .steps .outcome").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset["outcome"]));
  return { outcome, steps };
}

/** Changes what passes for as long as `work` takes. */
async function altered(alter: Proxy["alter"], work: () => Promise<void>): Promise<void> {
  proxy.alter = alter;
  try {
    await work();
  } finally {
    proxy.alter = null;
  }
}

const organisation = await registry.tell("did");
// Two full tiles and a partial one on the bottom, two levels: every kind of tile is checked.
await registry.tell("rotate 598");
for (const name of NAMES) await registry.tell(`accredit ${organisation.did} ${name}`);
await registry.published();

await cases.run("the state is judged in the page", async (page) => {
  await open(page);
  expect((await page.locator("#state").getAttribute("data-state")) === "good", "not good");
  expect((await text(page, "#fact-signature")) === "맞음", "signature");
  expect((await text(page, "#fact-history")).startsWith("첫 방문"), "history");
  await shoot(page, "state.png");
  await open(page);
  expect((await text(page, "#fact-history")) === "지난번과 같음", "remembered");
});

await cases.run("an entry is shown within 5 s of its acknowledgement", async (page) => {
  await open(page);
  for (let round = 0; round < 3; round += 1) {
    const { index } = await registry.tell("did");
    const acknowledged = performance.now();
    const row = page.locator(`#list li[data-index="${index}"]`);
    await row.waitFor({ timeout: 5000 });
    console.error(`entry ${index} shown after ${Math.round(performance.now() - acknowledged)} ms`);
    await page.locator(`#list li[data-index="${index}"][data-provable=true]`).waitFor({ timeout: 5000 });
  }
  expect((await page.locator("#list li").first().innerText()).includes("조직 DID 만듦"), "title");
  await page.locator("#announce:not(:empty)").waitFor({ timeout: 8000, state: "attached" });
  const live = await page.locator("#announce").getAttribute("aria-live");
  expect(live === "polite", "those who listen are told politely");
});

await cases.run("an entry that no checkpoint covers waits, and is then proven", async (page) => {
  await registry.tell("hold");
  await open(page);
  const { index } = await registry.tell("did");
  await page.locator(`#list li[data-index="${index}"][data-provable=false]`).waitFor();
  expect((await text(page, "#fact-unpublished")) === "1개", "one waits");
  const waiting = await judged(page, index);
  expect(waiting.outcome === "waiting", `verdict ${waiting.outcome}`);
  await registry.tell("publish");
  await page.locator("#detail .verdict[data-outcome=good]").waitFor();
  expect((await text(page, "#fact-unpublished")) === "없음", "none waits");
});

await cases.run("a proof is checked in the page", async (page) => {
  await open(page);
  const size = await registry.published();
  for (const index of [0, 10, 255, 256, 511, 512, size - 1]) {
    const { outcome, steps } = await judged(page, index);
    expect(outcome === "good" && steps.length === 5 && steps.every((step) => step === "good"), `entry ${index}: ${steps}`);
  }
  await shoot(page, "entry.png");
  expect(proxy.asked.some((path) => path === "/tile/0/001") && proxy.asked.some((path) => path.startsWith("/tile/1/000.p/")), "tiles");
});

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
    await open(page);
    for (const share of places) {
      const place = (body: Buffer) => start + somewhere(share)(body.subarray(start, body.length - 3));
      await altered(flipping(path, place), async () => {
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
  await open(page);
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
    await altered(flipping(/^\/checkpoint$/, somewhere(share)), async () => {
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

await cases.run("the history of a DID is shown and checked", async (page) => {
  const { did } = await registry.tell("did");
  await registry.tell("rotate 2");
  await registry.tell(`accredit ${did} 우정사업본부`);
  await registry.published();
  await open(page);
  await page.getByLabel("DID 또는 항목 번호").fill(did);
  await page.getByRole("button", { name: "찾기" }).click();
  await page.locator("#detail .versions li").nth(2).waitFor();
  expect((await page.locator("#detail .versions li[data-outcome=good]").count()) === 3, "three versions");
  expect((await text(page, "#detail .versions li:last-child")).includes("만듦"), "oldest last");
  expect((await page.locator("#detail .verdict").getAttribute("data-outcome")) === "good", "verdict");
  expect((await text(page, ".cards h4")) === "우정사업본부", "accredited");
  expect((await page.locator(".cards .outcome[data-outcome=good]").count()) === 1, "its entry is checked");
  await shoot(page, "did.png");
  await registry.tell(`suspend ${did}`);
  await registry.published();
  await visit(page, `#/did/${did}`);
  await page.locator(".cards li[data-effect=false]").waitFor();
  expect((await text(page, ".cards dl")).includes("정지"), "suspended");
  await altered(flipping(/^\/dids\//, (body) => body.indexOf('"path":["') + 12), async () => {
    await visit(page, `#/did/${did}`);
    await page.locator("#detail .verdict[data-outcome=bad]").waitFor();
  });
});

await cases.run("names are text, whatever they look like", async (page) => {
  await open(page);
  await visit(page, `#/did/${organisation.did}`);
  await page.locator(".cards h4").first().waitFor();
  expect((await page.locator(".versions li").count()) === 20, "the newest versions, of 599");
  await page.getByText("이전 판 579개").click();
  await page.locator(".versions li").nth(69).waitFor();
  expect((await page.locator(".versions li").count()) === 70, "a page more");
  for (let shown = 70; shown < 599; shown += 50) {
    await page.getByRole("button", { name: "이전 판 더 보기" }).click();
    await page.locator(".versions li").nth(Math.min(shown + 50, 599) - 1).waitFor();
  }
  expect((await page.locator(".versions li[data-outcome=good]").count()) === 599, "each is checked");
  expect((await text(page, "#detail details .versions li:last-child")).includes("만듦"), "down to the first");
  expect((await page.getByRole("button", { name: "이전 판 더 보기" }).count()) === 0, "and no further");
  const shown = await page.locator(".cards h4").allTextContents();
  for (const name of NAMES) expect(shown.includes(name.trim()) || shown.includes(name), `missing ${name} in ${shown}`);
  expect((await page.locator("#detail img, #detail script, #list img, #list script").count()) === 0, "markup");
});

await cases.run("another key is a loud warning until the reader decides", async (page) => {
  await open(page);
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
  await open(page);
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
  await open(page);
  const size = await registry.published();
  const twin = await Registry.start(200);
  try {
    await twin.tell("did");
    await twin.tell(`rotate ${size - 2}`);
    await twin.published();
    proxy.upstream = twin.url;
    proxy.cut();
    await page.locator("body[data-alarm=fork]").waitFor({ timeout: 15000 });
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
    await open(page);
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
    await altered(wrong, async () => {
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

await cases.run("a browser without Ed25519 says that it did not check", async (page) => {
  await page.addInitScript(() => {
    const own = crypto.subtle.importKey.bind(crypto.subtle) as (...all: unknown[]) => Promise<CryptoKey>;
    crypto.subtle.importKey = ((...all: unknown[]) =>
      (all[2] as { name?: string }).name === "Ed25519"
        ? Promise.reject(new DOMException("no such algorithm", "NotSupportedError"))
        : own(...all)) as typeof crypto.subtle.importKey;
  });
  await open(page);
  expect((await text(page, "#fact-signature")).startsWith("확인하지 않음"), "in words");
  expect((await page.locator("#state").getAttribute("data-state")) === "unchecked", "never green");
  const { outcome, steps } = await judged(page, 300);
  expect(outcome === "unchecked" && steps[3] === "unchecked", `${outcome} ${steps}`);
  await shoot(page, "no-ed25519.png");
});

await cases.run("the page speaks Korean first, and English when asked", async (page) => {
  await open(page);
  expect((await page.locator("html").getAttribute("lang")) === "ko", "Korean first");
  expect((await text(page, "h1")) === "원장 상태", "Korean words");
  await page.getByRole("link", { name: "English" }).click();
  await page.locator("html[lang=en] #link[data-link=live]").waitFor();
  expect((await text(page, "h1")) === "State of the ledger", "English words");
  await judged(page, 300);
  const left = await page.locator("body").innerText();
  expect(!/[가-힣]/.test(left.replaceAll("한국어", "").replaceAll(/행정안전부|우정사업본부|울란바토르/g, "")), "no Korean is left");
  await shoot(page, "english.png");
});

for (const [name, options] of [
  ["phone", { viewport: { width: 360, height: 740 } }],
  ["phone in the dark", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }],
  ["desk in the dark", { colorScheme: "dark" }],
] as const) {
  await cases.run(`nothing sticks out: ${name}`, async (page) => {
    const { width } = page.viewportSize() ?? { width: 1100 };
    for (const address of ["/", "/#/entry/300", `/#/did/${organisation.did}`]) {
      await page.goto("about:blank");
      await open(page, address);
      if (address !== "/") await page.locator("#detail .verdict[data-outcome]").waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide <= width, `${address} is ${wide} wide`);
      const view = address === "/" ? "home" : address.slice(3, 6);
      await shoot(page, `${name.replaceAll(" ", "-")}-${view}.png`);
    }
    const small = await page.locator("button:visible, nav a:visible, input:visible").evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect()).filter(({ height }) => height < 40).length,
    );
    expect(small === 0, "what is pressed is large enough for a finger");
  }, options);
}

await cases.run("everything works from the keyboard", async (page) => {
  await open(page);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement?.textContent);
  expect(first === "본문으로 바로가기", `first stop: ${first}`);
  await page.keyboard.press("Enter");
  for (let stops = 0; stops < 3 && (await page.evaluate(() => document.activeElement?.id)) !== "find-text"; stops += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("nonsense");
  await page.keyboard.press("Enter");
  expect((await text(page, "#find-problem")).startsWith("DID(did:tlog:…)나"), "a mistake is said");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("300");
  await page.keyboard.press("Enter");
  await page.locator("#detail .verdict[data-outcome=good]").waitFor();
  expect((await page.evaluate(() => document.activeElement?.id)) === "detail", "focus goes to what was opened");
  await page.keyboard.press("Tab");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(ring !== "none", "where the focus is can be seen");
  await page.keyboard.press("Enter");
  await page.locator("#detail").waitFor({ state: "hidden" });
});

await cases.run("a screen reader finds its way", async (page) => {
  await open(page);
  for (const role of ["banner", "main", "navigation", "search", "contentinfo"] as const) {
    expect((await page.getByRole(role).count()) === 1, `one ${role}`);
  }
  expect((await page.getByRole("heading", { level: 1 }).count()) === 1, "one title");
  const region = page.getByRole("region");
  expect((await region.count()) === 2, "state and entries are regions with names");
  const unnamed = await page.locator("a, button, input").evaluateAll((all) =>
    all.filter((one) => (one.textContent ?? "").trim() === "" && (one as HTMLInputElement).labels?.length !== 1).length,
  );
  expect(unnamed === 0, "everything that can be pressed has a name");
});

await cases.run("the page can be read without a script", async (page) => {
  await page.goto(`${proxy.url}/`);
  expect((await text(page, "noscript")).includes("확인되지 않았습니다"), "says that nothing was checked");
  expect((await page.locator("#list li").count()) === 30, "entries");
  expect((await text(page, "#fact-signature")) === "확인하지 않음", "claims nothing");
  await shoot(page, "no-script.png");
}, { javaScriptEnabled: false });

const program = process.env["SINPYO_BIN"];
if (program === undefined) console.error("skipped: SINPYO_BIN is not set (the served program)");
else {
  await cases.run("the program itself serves the explorer", async (page) => {
    const served = await Served.start(program);
    try {
      proxy.upstream = served.url;
      await open(page);
      expect((await page.locator("#state").getAttribute("data-state")) === "good", "judged");
      const before = await page.locator("#list li").count();
      await served.organisation("post");
      await page.locator("#list li").nth(before).waitFor({ timeout: 5000 });
      await page.locator("#list li:first-child[data-provable=true]").waitFor({ timeout: 5000 });
      const { outcome, steps } = await judged(page, before);
      expect(outcome === "good", `${outcome} ${steps}`);
      await page.locator("#detail dl a").click();
      await page.locator("#detail .versions li[data-outcome=good]").first().waitFor();
      await page.getByText("최신 판 진술").click();
      expect((await text(page, "#detail details[open] pre")).startsWith("did:tlog heads 1"), "what is newest is stated");
      await shoot(page, "served.png");
    } finally {
      proxy.upstream = registry.url;
      served.stop();
    }
  });
}

const version = browser.version();
await browser.close();
proxy.stop();
registry.stop();
console.error(`screenshots: ${shots}`);
console.log(JSON.stringify({ peer: "chromium", version, ...cases.count, unsupported: [] }));
process.exit(cases.count.failed === 0 && cases.count.passed > 0 ? 0 : 1);
