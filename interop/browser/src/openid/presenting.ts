// Offers and requests, by the person whose wallet it is.

import { expect, includes } from "../cases.ts";
import type { Offer } from "../desk.ts";
import { scanned } from "../qr.ts";
import { ASK, number, OFFER, refused, SCREEN, type Stage, titled } from "./stage.ts";

export async function presenting(stage: Stage): Promise<void> {
  const { album, cases, elsewhere, holder, issuer, town, verifier } = stage;

  await cases.run("the code on the offer's page leads into the wallet, and the wrong number does not", async (page) => {
    const offer: Offer = await issuer.offer("mois", OFFER);
    await page.goto(offer.page);
    const link = await scanned(page);
    expect(link === offer.link, `the code says ${link}`);
    expect(!(await page.content()).includes(offer.tx_code ?? "?"), "the number is not on the page");
    await album.keep(page, "offer");
    const wrong = ((Number(offer.tx_code) + 1) % 1_000_000).toString().padStart(6, "0");
    includes(await holder.receive(link, wrong), "발급기관이 거절했습니다");
    await album.once(holder.page, "wallet-offer-refused");
    expect((await holder.credentials()).length === 0, "nothing came by the wrong number");
    const words = await holder.open(link);
    includes(words, "자격증명을 받을까요", "주민 자격 증명", "행정안전부", new URL(issuer.url).host);
    await album.keep(holder.page, "wallet-offer");
    await holder.page.getByLabel("확인 번호").fill(offer.tx_code ?? "");
    includes(await holder.press("동의하고 받기"), "지갑에 담았습니다", "주민 자격 증명", "행정안전부");
    await album.keep(holder.page, "wallet-received");
    await page.locator(".steps li[data-step=done]").nth(2).waitFor();
    await album.keep(page, "offer-done");
    [stage.credential = ""] = await holder.credentials();
    await holder.page.goto(`${holder.url}${stage.credential}`);
    includes(await holder.said(), "한별", "김", "행정안전부");
    await album.keep(holder.page, "wallet-credential");
    includes(await holder.open(link), "받");
    expect((await holder.credentials()).length === 1, "an offer gives once");
  }, SCREEN);

  await cases.run("consent shows who asks for what and why, and the screen's number ends it", async (page) => {
    const { asked, link } = await stage.asking(page);
    await album.keep(page, "request");
    const words = await holder.open(link);
    includes(words, "등록 확인됨", "우정사업본부", "post.login", "우체국 회원 가입", "만 18세 이상", "한별");
    const hidden = words.slice(words.indexOf("숨기는 정보"));
    includes(hidden, "성", "만 14세 이상");
    expect(!hidden.includes("한별") && !words.includes("1990"), "what stays hidden is named, not shown");
    await page.getByText("휴대전화에서 내용을 확인하고").waitFor();
    await album.keep(holder.page, "wallet-consent");
    await album.keep(page, "request-fetched");
    includes(await holder.press("동의하고 보여 주기"), "보여 주었습니다");
    await album.keep(holder.page, "wallet-sent");
    const digits = await number(page);
    await album.keep(page, "request-number");
    await refused("the result before the number", () => verifier.result("post", asked.id), 409);
    await holder.leave();
    await album.keep(holder.page, "confirm");
    includes(await holder.press(digits), "확인되었습니다");
    await album.once(holder.page, "confirmed");
    await titled(page, "확인되었습니다");
    await album.keep(page, "request-accepted");
    const result = await verifier.result("post", asked.id);
    const { claims } = result.credentials.resident[0];
    expect(result.state === "accepted" && claims.given_name === "한별" && claims.age_over_18 === true, JSON.stringify(result));
    expect(!("family_name" in claims) && !JSON.stringify(result).includes("1990"), "and nothing else");
    await refused("the result again", () => verifier.result("post", asked.id), 410);
    await holder.page.goto(`${holder.url}/history`);
    includes(await holder.said(), "우정사업본부", "만 18세 이상");
    await album.keep(holder.page, "wallet-history");
  }, SCREEN);

  await cases.run("another number than the screen's ends it without a result", async (page) => {
    const { asked, link } = await stage.asking(page);
    await holder.open(link);
    await holder.press("동의하고 보여 주기");
    const digits = await number(page);
    await holder.leave();
    const other = await holder.page.locator(`button[name=number]:not([value="${digits}"]):not([value=none])`).first().innerText();
    includes(await holder.press(other), "중단했습니다");
    await titled(page, "확인할 수 없었습니다");
    await album.keep(page, "request-refused");
    const { state, rule, credentials } = await verifier.result("post", asked.id);
    expect(state === "refused" && rule === "VP-RSP-05b" && credentials === undefined, `${state} by ${rule}`);
  }, SCREEN);

  await cases.run("on one device the browser comes back with a code, and no other browser does", async (page) => {
    const order = { ...ASK, mode: "same_device", return_to: town.returnTo };
    // The same browser has the service's page and the wallet.
    const start = async () => {
      const asked = await verifier.ask("post", order);
      await holder.page.goto(asked.page);
      const link = await holder.page.getByRole("link", { name: "이 기기의 지갑 열기" }).getAttribute("href");
      await album.keep(holder.page, "request-same-device");
      await holder.open(link ?? "");
      await holder.press("동의하고 보여 주기");
      return asked;
    };
    const asked = await start();
    await holder.leave();
    const came = new URL(holder.page.url());
    expect(came.origin + came.pathname === town.returnTo && came.searchParams.get("request") === asked.id, `came to ${came}`);
    const response_code = came.searchParams.get("response_code") ?? "";
    await refused("without the code", () => verifier.result("post", asked.id), 409);
    await refused("with another code", () => verifier.result("post", asked.id, { response_code: "A".repeat(response_code.length) }), 403);
    expect((await verifier.result("post", asked.id, { response_code })).state === "accepted", "by the code");

    const stolen = await start();
    const leave = await holder.page.getByRole("link", { name: "서비스로 돌아가기" }).getAttribute("href");
    // Where the wallet would lead, taken by somebody else's browser.
    const way = await holder.context.request.get(new URL(leave ?? "", holder.url).href, { maxRedirects: 0 });
    const visits = elsewhere.came.length;
    const answer = await page.goto(way.headers()["location"] ?? "");
    expect(answer?.status() === 403, `the other browser is answered ${answer?.status()}`);
    await album.once(page, "return-refused");
    expect(elsewhere.came.length === visits, "nobody came back to the service");
    const { state } = await verifier.read("post", stolen.id);
    expect(state === "refused", `the request is ${state}`);
  });

  await cases.run("who declines sends nothing, unless they want it told", async (page) => {
    for (const told of [false, true]) {
      const { asked, link } = await stage.asking(page);
      await holder.open(link);
      const sent = stage.byWallets().length;
      if (told) await holder.page.getByLabel("거절했다고 요청한 곳에 알리기").check();
      includes(await holder.press("거절하기"), told ? "거절했다는 것만 알렸습니다" : "아무것도 보내지 않았습니다");
      expect(stage.byWallets().length === sent + (told ? 1 : 0), `${stage.byWallets().slice(sent)}`);
      const { state } = await verifier.read("post", asked.id);
      expect(state === (told ? "declined" : "fetched"), `the request is ${state}`);
      if (!told) continue;
      await titled(page, "제시하지 않았습니다");
      await album.keep(page, "request-declined");
    }
  }, SCREEN);
}

/** By the keyboard alone. */
export async function keyboard(stage: Stage): Promise<void> {
  const { cases, holder, verifier } = stage;

  await cases.run("consent by the keyboard alone", async (page) => {
    const { asked, link } = await stage.asking(page);
    const { page: own } = holder;
    const focused = () => own.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    const reach = async (name: string) => {
      for (let stops = 0; stops < 30; stops += 1) {
        await own.keyboard.press("Tab");
        if ((await focused()) === name) {
          const ring = await own.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
          expect(ring !== "none", `where the focus is can be seen at ${name}`);
          return;
        }
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    await own.goto(`${holder.url}/`);
    await own.keyboard.press("Tab");
    expect((await focused()).includes("본문"), `first stop: ${await focused()}`);
    await reach("받거나 제시하기");
    await own.keyboard.press("Enter");
    await own.waitForURL(`${holder.url}/add`);
    for (let stops = 0; stops < 20 && (await own.evaluate(() => document.activeElement?.id)) !== "link"; stops += 1) await own.keyboard.press("Tab");
    await own.keyboard.insertText(link);
    await reach("내용 보기");
    await own.keyboard.press("Enter");
    await own.waitForURL(`${holder.url}/flows/*`);
    await reach("동의하고 보여 주기");
    await own.keyboard.press("Enter");
    await titled(own, "보여 주었습니다");
    await reach("서비스로 돌아가기");
    await own.keyboard.press("Enter");
    await titled(own, "번호를 골라 주세요");
    await reach(await number(page));
    await own.keyboard.press("Enter");
    await titled(own, "확인되었습니다");
    await titled(page, "확인되었습니다");
    expect((await verifier.read("post", asked.id)).state === "accepted", "accepted");
  }, SCREEN);
}
