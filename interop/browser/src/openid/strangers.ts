// Others: another browser, another origin, another name of this machine, and who calls themselves what would be markup.

import { request } from "node:http";
import type { Page } from "playwright-core";
import { expect, includes } from "../cases.ts";
import { scanned } from "../qr.ts";
import { HOSTILE } from "../town.ts";
import { ASK, number, OFFER, PERSON, REBOUND, SCREEN, shown, type Stage, titled } from "./stage.ts";

export async function strangers(stage: Stage): Promise<void> {
  const { album, cases, elsewhere, holder, issuer, verifier, wallet } = stage;

  await cases.run("a second browser gets nothing of a request, of the wallet, or of the admin pages", async (page) => {
    const { asked } = await stage.asking(page);
    const second = await cases.fresh();
    try {
      const other = await second.newPage();
      for (const cookie of [undefined, "A".repeat(43)]) {
        if (cookie !== undefined) {
          const named = ["verifier", "wallet", "issuer", "verifier-admin"].map((name) => ({ name, value: cookie, url: verifier.url }));
          await second.addCookies(named);
        }
        for (const path of ["", "/events?shown=ask"]) {
          const answer = await second.request.get(`${asked.page}${path}`);
          expect(answer.status() === 403 && !(await answer.text()).includes("openid4vp:"), `page${path}: ${answer.status()}`);
        }
        for (const path of ["/", stage.credential, "/history", new URL(wallet.start).pathname + new URL(wallet.start).search]) {
          const answer = await second.request.get(`${wallet.url}${path}`);
          expect(answer.status() === 401 && !(await answer.text()).includes("한별"), `wallet${path}: ${answer.status()}`);
        }
        for (const base of [issuer.url, verifier.url]) {
          await other.goto(`${base}/admin`);
          expect(new URL(other.url()).pathname === "/admin/login", `admin: ${other.url()}`);
        }
      }
      await other.goto(asked.page);
      includes(await shown(other), "다른 브라우저에서 시작");
      await album.keep(other, "request-other-browser");
      await other.goto(wallet.url);
      await album.keep(other, "wallet-stranger");
    } finally {
      await second.close();
    }
    await page.reload();
    expect((await scanned(page))?.startsWith("openid4vp://") === true, "the first browser goes on");
  }, SCREEN);

  await cases.run("another origin cannot drive the wallet", async (asked) => {
    const { link } = await stage.asking(asked);
    const words = await holder.open(link);
    const flow = new URL(holder.page.url()).pathname;
    const sent = stage.byWallets().length;
    const kept = await holder.credentials();
    [stage.credential = ""] = kept;
    const evil = await holder.context.newPage();
    // By another port of this address cookies come along; by another name of this machine they do not.
    for (const host of ["127.0.0.1", "localhost"]) {
      await evil.goto(elsewhere.url(host));
      const answers: number[] = [];
      evil.on("response", (answer) => { if (answer.url().startsWith(holder.url) && answer.frame() === evil.mainFrame()) answers.push(answer.status()); });
      const posts = [["/add", `link=${encodeURIComponent(link)}`], [`${flow}/agree`, ""], [`${stage.credential}/delete`, ""], ["/lock", ""]];
      for (const [path, body] of posts) {
        await evil.evaluate(([url, body]) => fetch(url ?? "", {
          method: "POST", mode: "no-cors", credentials: "include", body: body ?? "", headers: { "content-type": "application/x-www-form-urlencoded" },
        }).then(() => {}, () => {}), [`${holder.url}${path}`, body]);
      }
      const read = await evil.evaluate((url) => fetch(url, { credentials: "include" }).then((answer) => answer.text(), () => "blocked"), holder.url);
      expect(read === "blocked", "nothing is read");
      const framed = await evil.evaluate((url) => new Promise<string>((done) => {
        const frame = document.createElement("iframe");
        frame.src = url;
        frame.addEventListener("load", () => { try { done(frame.contentDocument?.body.innerText ?? ""); } catch { done(""); } });
        document.body.append(frame);
        setTimeout(() => done(""), 1000);
      }), holder.url);
      expect(!framed.includes("자격증명") && evil.frames().every((one) => one === evil.mainFrame() || !one.url().startsWith(holder.url)), "not framed");
      for (const [path, body] of posts) {
        const page = await holder.context.newPage();
        await page.goto(elsewhere.url(host));
        const [answer] = await Promise.all([
          page.waitForResponse((one) => one.url() === `${holder.url}${path}`),
          page.evaluate(([url, body]) => {
            const form = document.createElement("form");
            Object.assign(form, { method: "post", action: url });
            const field = document.createElement("input");
            Object.assign(field, { name: "link", value: body });
            form.append(field);
            document.body.append(form);
            form.submit();
          }, [`${holder.url}${path}`, body]),
        ]);
        expect(answer.status() === 403, `a form to ${path}: ${answer.status()}`);
        await page.close();
      }
      expect(answers.length >= 4 && answers.every((status) => status === 403), `answers ${answers}`);
      evil.removeAllListeners("response");
      // Following a link shows a page, and does nothing.
      await evil.goto(elsewhere.url(host));
      await evil.evaluate((url) => { location.href = url; }, `${holder.url}${stage.credential}/delete`);
      await evil.waitForURL(`${holder.url}${stage.credential}/delete`);
    }
    await evil.close();
    expect((await holder.credentials()).join() === kept.join(), "the wallet is as it was");
    expect(stage.byWallets().length === sent, "nothing was sent");
    await holder.page.goto(`${holder.url}${flow}`);
    expect((await holder.said()) === words, "the question is still open");
    // What was refused elsewhere works here.
    includes(await holder.press("거절하기"), "거절했습니다");
  }, { ...SCREEN, provoked: true });

  await cases.run("a rebound name reaches nothing", async () => {
    for (const base of [wallet.url, issuer.url, verifier.url]) {
      const page = await holder.context.newPage();
      // The name stood for another address when the page that asks was loaded.
      const address = `http://${REBOUND}:${new URL(base).port}/admin`;
      const [answer] = await Promise.all([page.waitForResponse(address), page.goto(address).catch(() => {})]);
      expect(answer.status() === 421, `${base} by another name: ${answer.status()}`);
      await page.close();
    }
    // Even with the cookie of the browser that was let in.
    const cookie = (await holder.context.cookies(wallet.url)).map(({ name, value }) => `${name}=${value}`).join("; ");
    const status = (host: string) => new Promise<number>((done, failed) => {
      const { hostname, port } = new URL(wallet.url);
      request({ hostname, port, path: "/", headers: { host, cookie } }, (answer) => { answer.resume(); done(answer.statusCode ?? 0); }).on("error", failed).end();
    });
    const own = new URL(wallet.url);
    expect((await status(own.host)) === 200, "by its own name");
    for (const host of [`${REBOUND}:${own.port}`, `localhost:${own.port}`, own.hostname]) {
      expect((await status(host)) === 421, `by ${host}: ${await status(host)}`);
    }
  }, { provoked: true });

  await cases.run("what others call themselves is text", async (page) => {
    const inert = async (on: Page, name: string, ...texts: string[]) => {
      includes(await on.locator("body").innerText(), ...texts);
      expect((await on.locator("body script:not([src]), body img:not(header img), main iframe, main svg:not(.qr)").count()) === 0, `${name}: markup`);
      expect((await on.locator("[onerror], [onload], a[href^='javascript:']").count()) === 0, `${name}: handlers`);
      await album.keep(on, `hostile-${name}`).catch((error: Error) => { if (!error.message.includes("Korean")) throw error; });
    };
    const [script = "", image = "", svg = ""] = HOSTILE;
    const kept = await holder.credentials();
    const offer = await issuer.offer("evil", { ...OFFER, claims: { ...PERSON, given_name: image } });
    await page.goto(offer.page);
    await inert(page, "offer", svg);
    await holder.open(offer.link);
    await inert(holder.page, "wallet-offer", svg);
    await holder.page.getByLabel("확인 번호").fill(offer.tx_code ?? "");
    includes(await holder.press("동의하고 받기"), "지갑에 담았습니다");
    const added = (await holder.credentials()).find((one) => !kept.includes(one)) ?? "";
    await holder.page.goto(`${holder.url}${added}`);
    await inert(holder.page, "wallet-credential", image);
    const labels = { ResidentCredential: { ko: image, en: image }, given_name: { ko: svg, en: svg } };
    const purpose = { ko: HOSTILE.join(" "), en: HOSTILE.join(" ") };
    const { link } = await stage.asking(page, { ...ASK, service: "evil.login", purpose, labels }, "evil");
    await inert(page, "request", ...HOSTILE.slice(0, 4), svg);
    includes(await holder.open(link), script, image);
    await inert(holder.page, "wallet-consent", script, image, "alert(1)");
    await holder.press("동의하고 보여 주기");
    await number(page);
    await holder.leave();
    await inert(holder.page, "confirm", svg);
    await holder.press(await number(page));
    await titled(page, "확인되었습니다");
    await holder.page.goto(`${holder.url}/history`);
    await inert(holder.page, "wallet-history", script);
    // The copy that was shown has gone; another stands for it.
    const [left = ""] = (await holder.credentials()).filter((one) => !kept.includes(one));
    await holder.page.goto(`${holder.url}${left}/delete`);
    await holder.press("지우기");
    expect((await holder.credentials()).join() === kept.join(), `deleted, which leaves ${await holder.credentials()}`);
    // Words that the wallet shows when a link is no link.
    await holder.page.goto(`${holder.url}/add`);
    await holder.page.getByLabel("링크 또는 요청").fill(`openid4vp://?client_id=${encodeURIComponent(HOSTILE.join(""))}`);
    await holder.page.getByRole("button", { name: "내용 보기" }).click();
    await holder.page.getByRole("alert").waitFor();
    expect((await holder.page.locator("main script, main img").count()) === 0, "an error: markup");
  }, SCREEN);
}
