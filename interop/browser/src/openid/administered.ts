// Where credentials and requests are administered, and the rest of the wallet.

import type { Page } from "playwright-core";
import { expect, includes } from "../cases.ts";
import { ACCOUNT, FRESHNESS } from "../town.ts";
import { number, SCREEN, shown, type Stage, titled } from "./stage.ts";

export async function administered(stage: Stage): Promise<void> {
  const { album, cases, elsewhere, holder, issuer, verifier } = stage;

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
    includes(await present(stage, page), "확인");

    const pressed = async (name: string) => {
      const form = admin.locator("form", { has: admin.getByRole("button", { name, exact: true }) });
      for (const choice of await form.getByRole("radio", { name: "휴대전화 분실" }).all()) await choice.check();
      for (const choice of await form.getByRole("combobox").all()) await choice.selectOption("lost-device");
      await form.getByRole("button", { name, exact: true }).click();
      await admin.waitForURL(/done=/);
      await new Promise((done) => setTimeout(done, FRESHNESS * 1000));
    };
    await pressed("정지");
    includes(await present(stage, page), "확인할 수 없었습니다", "정지된 자격증명입니다");
    await album.keep(page, "request-suspended");
    await pressed("정지 해제");
    includes(await present(stage, page), "확인되었습니다");
    await pressed("폐지");
    await album.keep(admin, "admin-revoked");
    includes(await present(stage, page), "확인할 수 없었습니다", "폐지된 자격증명입니다");
    await album.keep(page, "request-revoked");
    [stage.credential = ""] = await holder.credentials();
    await holder.page.goto(`${holder.url}${stage.credential}`);
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
    [stage.credential = ""] = await holder.credentials();
    for (const view of ["", "add", "backup", "restore", stage.credential.slice(1), `${stage.credential.slice(1)}/delete`]) {
      await page.goto(`${holder.url}/${view}`);
      await album.keep(page, `wallet-${view.replaceAll("/", "-") || "list"}`);
    }
    await page.goto(holder.url);
    await holder.press("잠그기");
    await album.keep(page, "wallet-locked");
    await page.goto(`${holder.url}${stage.credential}`);
    expect(!(await holder.said()).includes("한별"), "locked");
  });
}

/** Presents by the wallet across devices; what the page says in the end. */
async function present(stage: Stage, page: Page): Promise<string> {
  const { holder } = stage;
  const { link } = await stage.asking(page);
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
