// From the title to the codes: the host, and the trustees at home.

import { execFileSync } from "node:child_process";
import { expect, includes } from "../cases.ts";
import { textOf } from "../qr.ts";
import { reload, until } from "../until.ts";
import { ACCOUNT, SERVICE } from "./council.ts";
import { Host, type Names } from "./host.ts";
import { CONTESTS, DISTRICTS, FLOOR, TRUSTEES } from "./poll.ts";
import type { Session } from "./session.ts";

const TITLES = {
  ring: ["제12대 동대표 선거", "Council election 12"],
  token: ["제12대 동대표 선거 (토큰)", "Council election 12 (tokens)"],
} as const;

export async function prepare(session: Session, roll: string): Promise<void> {
  const { profile } = session;

  await session.run("the host drafts the election", async () => {
    const host = new Host(await session.browser());
    session.host = host;
    await host.page.goto(`${SERVICE}/admin`);
    await session.keep(host.page, "host-login");
    await host.logIn("another long enough passphrase");
    await host.page.getByRole("alert").first().waitFor();
    await host.logIn(ACCOUNT.password);
    await host.page.getByRole("heading", { level: 1, name: "선거" }).waitFor();
    await session.keep(host.page, "host-list");
    await host.create(TITLES[profile]);
    await session.keep(host.page, "host-empty");
    await host.draft({ title: TITLES[profile], profile, opens: session.opens, closes: session.closes, floor: FLOOR, threshold: 2, districts: DISTRICTS, contests: CONTESTS });
    for (const part of ["basics", "districts", "contests", "witnesses"]) {
      await host.at(`/edit/${part}`);
      await session.keep(host.page, `host-${part}`);
    }
    await host.at("/edit/basics");
    await host.send("저장", { opens: "2026-13-40 25:00" });
    includes(await host.page.locator("main").innerText(), "이 값을 확인해 주세요");
    await session.once(host.page, "host-wrong");
  });

  await session.run("three trustees accept at home", async () => {
    const { host } = session;
    await accept(session, TRUSTEES);
    await host.at();
    expect((await host.page.getByText("수락함").count()) === TRUSTEES.length, "all accepted");
    await session.keep(host.page, "host-ready");
  });

  await session.run("a roll in CP949 with wrong lines is refused whole, and taken once it is mended", async () => {
    const { host } = session;
    await host.at("/roll");
    await session.keep(host.page, "host-roll-empty");
    const wrong = roll.replace("\n101동,3호\n", "\n104동,3호\n").replace("\n101동,9호\n", "\n101동,8호\n").replace("\n101동,12호\n", "\n101동,12호,\n");
    await host.upload("roll.csv", cp949(wrong));
    includes(await host.page.locator("main").innerText(), "4번째 줄: 그런 선거구가 없습니다", "10번째 줄: 같은 선거구에 같은 표시가 이미 있습니다", "13번째 줄: 칸 수가 첫 줄과 다릅니다");
    await session.keep(host.page, "host-roll-faults");
    await host.at("/roll");
    expect((await host.page.getByRole("rowheader").count()) === 0, "nothing was taken");
    await host.upload("roll.csv", cp949(roll));
    includes(await host.page.locator("main").innerText(), "500줄을 읽었습니다", "240 / 240", "220 / 220", "40 / 40");
    await session.keep(host.page, "host-roll-preview");
    await host.send("명부에 넣기");
    await session.keep(host.page, "host-roll");
    expect((await host.page.getByRole("rowheader").count()) === 100, "the first hundred lines");
  });

  await session.run("the election is called, and the trustees make the key", async (page) => {
    const { host } = session;
    await call(session, profile === "ring" ? "host" : "clock");
    await session.keep(host.page, "host-registration");
    await page.goto(`${host.election()}/vote`);
    session.link = await page.locator("#wallet-link").innerText();
    expect(textOf(await page.screenshot({ fullPage: true })) === session.link, "the code on the voters' page");
    const said = await page.locator("main").innerText();
    expect(said.includes("더 약한 방식") === (profile === "token"), "the weaker promise is said where it is one");
    await session.keep(page, "landing");
    await page.goto(SERVICE);
    await session.keep(page, "home");
  });

  await session.run("a sheet of 500 codes", async () => {
    const { host } = session;
    await host.at("/roll");
    await host.send("코드가 없는 줄에 등록 코드 만들기");
    session.codes = await host.codes();
    expect(session.codes.size === 500, `${session.codes.size} codes`);
    expect(new Set(session.codes.values()).size === 500, "all different");
    const slip = host.page.locator("section.card").first();
    const scanned = textOf(await slip.screenshot());
    expect(scanned === `${session.link}&code=${session.code("101동", "1호")}`, `the slip says ${scanned}`);
    await session.clip(host.page, "host-codes");
    await host.at("/roll");
    includes(await host.line("1호").innerText(), "코드 발급");
    expect(!(await host.page.content()).includes(session.code("101동", "1호")), "codes are shown once");
  });
}

/** Invites trustees; each opens the own link and does at home what the document and the page say. */
export async function accept(session: Session, names: readonly Names[]): Promise<void> {
  const { council, host } = session;
  const links = await host.invite(names);
  expect(links.length === names.length, `${links.length} links`);
  await session.keep(host.page, "host-invited");
  for (const [place, link] of links.entries()) {
    const page = await session.browser();
    await page.goto(link);
    if (place === 0) await session.keep(page, "trustee");
    const shown = await page.locator("#trustee-command").innerText();
    includes(shown, "sinpyo vote trustee --serve --folder");
    const shell = council.room(`${session.name}-trustee-${place + 1}`, { INVITATION: /--invitation (\S+)/.exec(shown)?.[1] ?? "" });
    session.trustees.push(shell);
    await council.handbook.type("A trustee, at home", shell);
    await until(`trustee ${place + 1} has accepted`, async () => {
      await reload(page);
      return (await page.locator("main").innerText()).includes("수락함");
    });
  }
}

/** Calls the election; the trustees' programs make the key. */
export async function call(session: Session, ending: "host" | "clock"): Promise<void> {
  const { council, host } = session;
  await host.at();
  await host.send("선거 공고");
  await session.keep(host.page, "host-ceremony");
  const end = host.page.getByRole("button", { name: "열쇠 만들기 마치기" });
  await until("the trustees have made the key", async () => {
    await host.at();
    return (await end.count()) > 0;
  });
  // It goes on when nobody has complained for two minutes, or as soon as the host says so.
  if (ending === "host") await host.send("열쇠 만들기 마치기");
  else await council.clock.reach(new Date(council.clock.now().getTime() + 150_000));
  await host.phase("유권자 등록");
}

/** A file as Excel saves it in Korea. */
function cp949(text: string): Buffer {
  const encode = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode().encode('cp949'))";
  return execFileSync("python3", ["-c", encode], { input: text });
}
