// The pages of issuer, verifier and wallet in a real browser: the program itself, started for this, and people who use it.

import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { Album } from "./album.ts";
import { Cases, expect } from "./cases.ts";
import type { Asked, Offer } from "./desk.ts";
import { Elsewhere } from "./elsewhere.ts";
import { Holder } from "./holder.ts";
import { scanned } from "./qr.ts";
import { ACCOUNT, FRESHNESS, HOSTILE, Town } from "./town.ts";

const REBOUND = "rebound.example";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const PERSON = { family_name: "김", given_name: "한별", birth_date: "1990-03-01" };
const OFFER = { configurations: ["K01-sd-jwt"], claims: PERSON };
const ASK = {
  query: {
    credentials: [
      {
        id: "resident",
        format: "dc+sd-jwt",
        meta: { vct_values: ["urn:sinpyo:credential:ResidentCredential"] },
        claims: [{ path: ["age_over_18"], values: [true] }, { path: ["given_name"] }],
      },
    ],
  },
  service: "post.login",
  purpose: { ko: "우체국 회원 가입", en: "To open a post office account" },
  mode: "cross_device",
  trust: { accredited: true },
};

const program = process.env["SINPYO_BIN"];
if (program === undefined) {
  console.error("skipped: SINPYO_BIN is not set (pages of issuer, verifier and wallet)");
  process.exit(process.env["SINPYO_REQUIRE_ALL"] === "1" ? 1 : 0);
}
const shots = process.env["SINPYO_SCREENSHOTS"] ?? mkdtempSync(join(tmpdir(), "pages-"));
const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: [...FLAGS, `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`] });
const elsewhere = await Elsewhere.start();
const town = await Town.build(program, `${elsewhere.url()}/return`);
const { issuer, verifier, before } = town;
const cases = new Cases(browser, process.argv[2], ["127.0.0.1"]);
const album = new Album(shots);
const wallet = await town.wallet();

/** Screens are as fine as those that people scan from. */
const SCREEN = { deviceScaleFactor: 2 };
const shown = (page: Page) => page.locator("main").innerText();

function includes(text: string, ...all: string[]): void {
  for (const one of all) expect(text.includes(one), `"${one}" is not in: ${text}`);
}

/** What the verifier's address was asked for by wallets. */
const byWallets = () => before.asked.filter((path) => path.includes("/vp/"));

/** Opens a request's page, and reads the code off the screen. */
async function asking(page: Page, order: object = ASK, tenant = "post"): Promise<{ asked: Asked; link: string }> {
  const asked = await verifier.ask(tenant, order);
  await page.goto(asked.page);
  const link = await scanned(page);
  expect(link?.startsWith("openid4vp://") === true, `the code says ${link}`);
  return { asked, link };
}

/** The number that a request's page shows. */
async function number(page: Page): Promise<string> {
  await page.locator(".number-match").waitFor();
  return (await page.locator(".number-match .unseen").innerText()).replaceAll(" ", "");
}

/** Until the page has this title. */
const titled = (page: Page, name: string) => page.getByRole("heading", { level: 1, name }).waitFor();

/** Presents by the wallet across devices; what the page says in the end. */
async function present(page: Page): Promise<string> {
  const { link } = await asking(page);
  await holder.open(link);
  await holder.press("동의하고 보여 주기");
  const outcome = page.getByRole("heading", { level: 1, name: /휴대전화 화면에서|확인할 수 없었습니다/ });
  await outcome.waitFor();
  if ((await outcome.innerText()).includes("휴대전화")) {
    await holder.leave();
    await holder.press(await number(page));
    await titled(page, "확인되었습니다");
  }
  return shown(page);
}

/** Logs in where credentials are administered. */
async function logIn(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/admin`);
  await page.getByLabel("계정").fill(ACCOUNT.name);
  await page.getByLabel("비밀번호").fill(ACCOUNT.password);
  await page.getByRole("button", { name: "로그인" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith("/login"));
}

async function refused(name: string, work: () => Promise<unknown>, status: number): Promise<void> {
  const answer = await work().then(() => "done", (error: Error) => error.message);
  expect(answer.includes(` ${status} `), `${name}: ${answer.slice(0, 200)}`);
}

const holder = await Holder.enter(await cases.fresh(SCREEN), wallet);
await album.keep(holder.page, "wallet-empty");

let credential = "";

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
  [credential = ""] = await holder.credentials();
  await holder.page.goto(`${holder.url}${credential}`);
  includes(await holder.said(), "한별", "김", "행정안전부");
  await album.keep(holder.page, "wallet-credential");
  includes(await holder.open(link), "받");
  expect((await holder.credentials()).length === 1, "an offer gives once");
}, SCREEN);

await cases.run("consent shows who asks for what and why, and the screen's number ends it", async (page) => {
  const { asked, link } = await asking(page);
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
  const { asked, link } = await asking(page);
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
    const { asked, link } = await asking(page);
    await holder.open(link);
    const sent = byWallets().length;
    if (told) await holder.page.getByLabel("거절했다고 요청한 곳에 알리기").check();
    includes(await holder.press("거절하기"), told ? "거절했다는 것만 알렸습니다" : "아무것도 보내지 않았습니다");
    expect(byWallets().length === sent + (told ? 1 : 0), `${byWallets().slice(sent)}`);
    const { state } = await verifier.read("post", asked.id);
    expect(state === (told ? "declined" : "fetched"), `the request is ${state}`);
    if (!told) continue;
    await titled(page, "제시하지 않았습니다");
    await album.keep(page, "request-declined");
  }
}, SCREEN);

await cases.run("a second browser gets nothing of a request, of the wallet, or of the admin pages", async (page) => {
  const { asked } = await asking(page);
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
      for (const path of ["/", credential, "/history", new URL(wallet.start).pathname + new URL(wallet.start).search]) {
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
  const { link } = await asking(asked);
  const words = await holder.open(link);
  const flow = new URL(holder.page.url()).pathname;
  const sent = byWallets().length;
  const kept = await holder.credentials();
  [credential = ""] = kept;
  const evil = await holder.context.newPage();
  // By another port of this address cookies come along; by another name of this machine they do not.
  for (const host of ["127.0.0.1", "localhost"]) {
    await evil.goto(elsewhere.url(host));
    const answers: number[] = [];
    evil.on("response", (answer) => { if (answer.url().startsWith(holder.url) && answer.frame() === evil.mainFrame()) answers.push(answer.status()); });
    const posts = [["/add", `link=${encodeURIComponent(link)}`], [`${flow}/agree`, ""], [`${credential}/delete`, ""], ["/lock", ""]];
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
    await evil.evaluate((url) => { location.href = url; }, `${holder.url}${credential}/delete`);
    await evil.waitForURL(`${holder.url}${credential}/delete`);
  }
  await evil.close();
  expect((await holder.credentials()).join() === kept.join(), "the wallet is as it was");
  expect(byWallets().length === sent, "nothing was sent");
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
  const { link } = await asking(page, { ...ASK, service: "evil.login", purpose, labels }, "evil");
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

await cases.run("consent by the keyboard alone", async (page) => {
  const { asked, link } = await asking(page);
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

await cases.run(`what is suspended or revoked on the admin page is refused after the verifier's ${FRESHNESS} s`, async (page) => {
  const admin = await (await cases.fresh()).newPage();
  await admin.goto(`${issuer.url}/admin`);
  await album.keep(admin, "admin-login");
  await admin.getByLabel("계정").fill(ACCOUNT.name);
  await admin.getByLabel("비밀번호").fill("another long enough passphrase");
  await admin.getByRole("button", { name: "로그인" }).click();
  await admin.getByRole("alert").waitFor();
  await logIn(admin, issuer.url);
  await album.keep(admin, "admin-tenants");
  await admin.getByRole("link", { name: "행정안전부" }).click();
  await album.keep(admin, "admin-kinds");
  for (const view of ["발급 안내", "알림 주소", "기록", "발급 목록"]) {
    await admin.getByRole("navigation").getByRole("link", { name: view, exact: true }).click();
    await titled(admin, view);
    await album.keep(admin, `admin-${new URL(admin.url()).pathname.split("/").at(-1)}`);
  }
  await admin.getByRole("rowheader").getByRole("link").first().click();
  await titled(admin, "자격증명");
  const address = admin.url();
  // Nobody else changes it, not even from the browser of the one who may.
  const evil = await admin.context().newPage();
  await evil.goto(elsewhere.url());
  await evil.evaluate((url) => fetch(url, {
    method: "POST", mode: "no-cors", credentials: "include", body: "status=revoked&reason-revoked=other", headers: { "content-type": "application/x-www-form-urlencoded" },
  }).then(() => {}, () => {}), `${address.split("?")[0]}/status`);
  await evil.close();
  await admin.reload();
  await album.keep(admin, "admin-credential");
  expect((await admin.getByRole("button", { name: "폐지" }).count()) === 1, "not revoked from elsewhere");
  includes(await present(page), "확인");

  const pressed = async (name: string) => {
    const form = admin.locator("form", { has: admin.getByRole("button", { name, exact: true }) });
    for (const choice of await form.getByRole("radio", { name: "휴대전화 분실" }).all()) await choice.check();
    for (const choice of await form.getByRole("combobox").all()) await choice.selectOption("lost-device");
    await form.getByRole("button", { name, exact: true }).click();
    await admin.waitForURL(/done=/);
    await new Promise((done) => setTimeout(done, FRESHNESS * 1000));
  };
  await pressed("정지");
  includes(await present(page), "확인할 수 없었습니다", "정지된 자격증명입니다");
  await album.keep(page, "request-suspended");
  await pressed("정지 해제");
  includes(await present(page), "확인되었습니다");
  await pressed("폐지");
  await album.keep(admin, "admin-revoked");
  includes(await present(page), "확인할 수 없었습니다", "폐지된 자격증명입니다");
  await album.keep(page, "request-revoked");
  [credential = ""] = await holder.credentials();
  await holder.page.goto(`${holder.url}${credential}`);
  includes(await holder.press("상태 확인"), "폐지");
  await album.keep(holder.page, "wallet-revoked");
  await admin.context().close();
}, { ...SCREEN, provoked: true });

await cases.run("the verifier's admin pages", async (page) => {
  await logIn(page, verifier.url);
  await album.keep(page, "verifier-admin");
  await page.getByRole("rowheader").getByRole("link", { name: "post" }).click();
  await titled(page, "요청");
  await album.keep(page, "verifier-admin-tenant");
  const views = await page.getByRole("navigation").getByRole("link").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
  for (const view of views.filter((one) => !one.includes("lang="))) {
    await page.goto(view);
    await album.keep(page, `verifier-admin${new URL(view).pathname.replaceAll("/", "-")}`);
  }
});

await cases.run("the rest of the wallet", async () => {
  const { page } = holder;
  [credential = ""] = await holder.credentials();
  for (const view of ["", "add", "backup", "restore", credential.slice(1), `${credential.slice(1)}/delete`]) {
    await page.goto(`${holder.url}/${view}`);
    await album.keep(page, `wallet-${view.replaceAll("/", "-") || "list"}`);
  }
  await page.goto(holder.url);
  await holder.press("잠그기");
  await album.keep(page, "wallet-locked");
  await page.goto(`${holder.url}${credential}`);
  expect(!(await holder.said()).includes("한별"), "locked");
});

await holder.context.close();
const version = browser.version();
await browser.close();
elsewhere.stop();
town.stop();
console.error(`screenshots: ${shots}`);
console.log(JSON.stringify({ peer: "chromium (openid)", version, ...cases.count, unsupported: [] }));
process.exit(cases.count.failed === 0 && cases.count.passed > 0 ? 0 : 1);
