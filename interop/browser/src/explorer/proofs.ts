// What the page shows of a log, and checks.

import { expect } from "../cases.ts";
import { flipping } from "../proxy.ts";
import { judged, NAMES, shoot, text, visit, type Watch } from "./watch.ts";

export async function judging(watch: Watch): Promise<void> {
  const { cases, proxy, registry } = watch;

  await cases.run("the state is judged in the page", async (page) => {
    await watch.open(page);
    expect((await page.locator("#state").getAttribute("data-state")) === "good", "not good");
    expect((await text(page, "#fact-signature")) === "맞음", "signature");
    expect((await text(page, "#fact-history")).startsWith("첫 방문"), "history");
    await shoot(page, "state.png");
    await watch.open(page);
    expect((await text(page, "#fact-history")) === "지난번과 같음", "remembered");
  });

  await cases.run("an entry is shown within 5 s of its acknowledgement", async (page) => {
    await watch.open(page);
    for (let round = 0; round < 3; round += 1) {
      const { index } = await registry.tell("did");
      const acknowledged = performance.now();
      const row = page.locator(`#list li[data-index="${index}"]`);
      await row.waitFor({ timeout: 5000 });
      console.error(`entry ${index} shown after ${Math.round(performance.now() - acknowledged)} ms`);
      await page.locator(`#list li[data-index="${index}"][data-provable=true]`).waitFor({ timeout: 5000 });
    }
    expect((await page.locator("#list li").first().innerText()).includes("조직 DID 만듦"), "title");
    await page.locator("#announce:not(:empty)").waitFor({ state: "attached" });
    const live = await page.locator("#announce").getAttribute("aria-live");
    expect(live === "polite", "those who listen are told politely");
  });

  await cases.run("an entry that no checkpoint covers waits, and is then proven", async (page) => {
    await registry.tell("hold");
    await watch.open(page);
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
    await watch.open(page);
    const size = await registry.published();
    for (const index of [0, 10, 255, 256, 511, 512, size - 1]) {
      const { outcome, steps } = await judged(page, index);
      expect(outcome === "good" && steps.length === 5 && steps.every((step) => step === "good"), `entry ${index}: ${steps}`);
    }
    await shoot(page, "entry.png");
    expect(proxy.asked.some((path) => path === "/tile/0/001") && proxy.asked.some((path) => path.startsWith("/tile/1/000.p/")), "tiles");
  });
}

export async function histories(watch: Watch): Promise<void> {
  const { cases, organisation, registry } = watch;

  await cases.run("the history of a DID is shown and checked", async (page) => {
    const { did } = await registry.tell("did");
    await registry.tell("rotate 2");
    await registry.tell(`accredit ${did} 우정사업본부`);
    await registry.published();
    await watch.open(page);
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
    await watch.altered(flipping(/^\/dids\//, (body) => body.indexOf('"path":["') + 12), async () => {
      await visit(page, `#/did/${did}`);
      await page.locator("#detail .verdict[data-outcome=bad]").waitFor();
    });
  });

  await cases.run("names are text, whatever they look like", async (page) => {
    await watch.open(page);
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
}
