// Readers: their browsers, languages, screens and keyboards.

import { expect } from "../cases.ts";
import { judged, shoot, text, type Watch } from "./watch.ts";

export async function readers(watch: Watch): Promise<void> {
  const { cases, organisation, proxy } = watch;

  await cases.run("a browser without Ed25519 says that it did not check", async (page) => {
    await page.addInitScript(() => {
      const own = crypto.subtle.importKey.bind(crypto.subtle) as (...all: unknown[]) => Promise<CryptoKey>;
      crypto.subtle.importKey = ((...all: unknown[]) =>
        (all[2] as { name?: string }).name === "Ed25519"
          ? Promise.reject(new DOMException("no such algorithm", "NotSupportedError"))
          : own(...all)) as typeof crypto.subtle.importKey;
    });
    await watch.open(page);
    expect((await text(page, "#fact-signature")).startsWith("확인하지 않음"), "in words");
    expect((await page.locator("#state").getAttribute("data-state")) === "unchecked", "never green");
    const { outcome, steps } = await judged(page, 300);
    expect(outcome === "unchecked" && steps[3] === "unchecked", `${outcome} ${steps}`);
    await shoot(page, "no-ed25519.png");
  });

  await cases.run("the page speaks Korean first, and English when asked", async (page) => {
    await watch.open(page);
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
        await watch.open(page, address);
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
    await watch.open(page);
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
    await watch.open(page);
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
}
