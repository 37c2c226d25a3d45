// The program itself, in place of the log in memory.

import { expect } from "../cases.ts";
import { Served } from "../served.ts";
import { judged, shoot, text, type Watch } from "./watch.ts";

export async function served(watch: Watch): Promise<void> {
  const { cases, proxy, registry } = watch;
  const program = process.env["SINPYO_BIN"];
  if (program === undefined) {
    console.error("skipped: SINPYO_BIN is not set (the served program)");
    return;
  }
  await cases.run("the program itself serves the explorer", async (page) => {
    const served = await Served.start(program);
    try {
      proxy.upstream = served.url;
      await watch.open(page);
      expect((await page.locator("#state").getAttribute("data-state")) === "good", "judged");
      const before = await page.locator("#list li").count();
      await served.organisation("post");
      await page.locator("#list li").nth(before).waitFor();
      await page.locator("#list li:first-child[data-provable=true]").waitFor();
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
