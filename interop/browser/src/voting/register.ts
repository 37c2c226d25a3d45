// Registering, and the roll until it is frozen.

import { expect, includes } from "../cases.ts";
import { textOf } from "../qr.ts";
import { CROWD, unitsOf } from "./poll.ts";
import type { Session } from "./session.ts";
import { each, type Voter } from "./voter.ts";

const AT_ONCE = 3;

export async function register(session: Session): Promise<void> {
  const { council, profile } = session;
  const slip = (district: string, label: string) => `${session.link}&code=${session.code(district, label)}`;

  await session.run("a voter registers by the slip", async () => {
    const voter = await session.arrive("first");
    const said = await voter.open(slip("101동", "1호"));
    includes(said, "선거인 등록");
    await session.keep(voter.page, "wallet-election");
    const asked = await voter.act("다음");
    includes(asked, "선거인으로 등록할까요?", "101동", "신원 정보는 요청하지 않습니다");
    expect(asked.includes("공개 명부를 쓰지 않습니다") === (profile === "token"), "the weaker promise is said where it is one");
    await session.keep(voter.page, "wallet-terms");
    includes(await voter.act("동의하고 등록하기"), "명부에 올라 있습니다");
    await session.keep(voter.page, "wallet-registered");
    await voter.page.goto(new URL("/votes", voter.page.url()).href);
    await session.keep(voter.page, "wallet-votes");
  });

  await session.run("a voter registers by the typed code, and nobody by the same again", async (page) => {
    await page.goto(`${session.host.election()}/vote`);
    const link = textOf(await page.screenshot({ fullPage: true })) ?? "";
    const voter = await session.arrive("second");
    await voter.open(link);
    await voter.page.locator("[name=code]").fill("WRONGWRONGWRONG2");
    expect((await voter.act("다음")).includes("등록 코드"), "a wrong code");
    await session.once(voter.page, "wallet-wrong-code");
    await voter.again();
    const code = session.code("102동", "1호").replaceAll(/(.{4})(?=.)/g, "$1-").toLowerCase();
    includes(await voter.register(code), "명부에 올라 있습니다");
    const other = await session.arrive("other");
    await other.open(link);
    await refused(other, session.code("102동", "1호"));
  });

  await session.run("the document's voter registers, and a crowd by the command", async () => {
    session.auditor = council.room(`${profile}-auditor`, { LINK: slip("101동", "4호"), E: session.host.election() });
    await council.handbook.type("Registering", session.auditor);
    await each(CROWD.flatMap(unitsOf), AT_ONCE, async ({ district, label, name }) => {
      const said = await council.tell(`${profile}-${name}`, "vote", "cast", slip(district, label), "--voter", "voter", "--json");
      expect(said.isWell, `${name}: ${said.output}`);
    });
  });

  await session.run("the roll is corrected", async () => {
    const { host } = session;
    await host.at("/roll");
    await session.keep(host.page, "host-roll-registered");
    // Nobody registered for it yet: its code is dead, and it is not in the log.
    await strike(session, "5호", "두 번 올라 있음");
    includes(await host.line("5호").innerText(), "삭제됨");
    const late = await session.arrive("struck");
    await late.open(session.link);
    await refused(late, session.code("101동", "5호"));
    await host.at("/roll");
    await host.send("살펴보기", { text: "선거구,세대\n101동,241호\n" });
    includes(await host.page.locator("main").innerText(), "1줄을 읽었습니다");
    await host.send("명부에 넣기");
    if (profile === "ring") await replaced(session);
    await host.at("/audit");
    includes(await host.page.locator("main").innerText(), "명부를 가져옴", "등록 코드를 만듦", "명부에서 한 줄을 뺌");
    await session.keep(host.page, "host-audit");
  });

  await session.run("the roll is frozen, and the election opens by its clock", async (page) => {
    const { host } = session;
    await host.at();
    await host.send("명부 확정");
    await host.at("/roll");
    includes(await host.page.locator("main").innerText(), "이제 고칠 수 없습니다");
    for (const name of ["살펴보기", "새 코드", "명부에서 빼기"]) {
      expect((await host.page.getByRole("button", { name }).count()) === 0, `a frozen roll offers ${name}`);
    }
    await session.once(host.page, "host-frozen-roll");
    await host.at();
    await session.keep(host.page, "host-frozen");
    await page.goto(host.election());
    await session.keep(page, "observer-frozen");
    await council.clock.reach(session.opens);
    await host.phase("투표 중");
    await session.keep(host.page, "host-open");
  });
}

/** The code is spent, or dead. */
async function refused(voter: Voter, code: string): Promise<void> {
  await voter.page.locator("[name=code]").fill(code);
  const said = await voter.act("다음");
  expect(!said.includes("동의하고 등록하기"), `not refused: ${said}`);
  includes(said, "등록 코드");
}

/** Takes a line out, on the first page of the roll. */
async function strike(session: Session, label: string, reason: string): Promise<void> {
  const { host } = session;
  await host.at("/roll");
  const line = host.line(label);
  await line.locator("summary").click();
  await line.locator("[name=reason]").selectOption({ label: reason });
  await Promise.all([host.page.waitForEvent("load"), line.getByRole("button", { name: "명부에서 빼기" }).click()]);
}

/** A lost telephone gets a new code; a unit that registered is struck. */
async function replaced(session: Session): Promise<void> {
  const { host } = session;
  const lost = await session.arrive("lost");
  await lost.open(`${session.link}&code=${session.code("101동", "2호")}`);
  includes(await lost.register(), "명부에 올라 있습니다");
  await host.at("/roll");
  await Promise.all([host.page.waitForEvent("load"), host.line("2호").getByRole("button", { name: "새 코드" }).click()]);
  const [code = ""] = (await host.codes()).values();
  await session.once(host.page, "host-code-again");
  const found = await session.arrive("found");
  await found.open(session.link);
  await found.page.locator("[name=code]").fill(code);
  includes(await found.act("다음"), "이미 등록한 적이 있습니다");
  await session.keep(found.page, "wallet-replaces");
  includes(await found.act("동의하고 등록하기"), "명부에 올라 있습니다");
  const moved = await session.arrive("moved");
  await moved.open(`${session.link}&code=${session.code("101동", "3호")}`);
  includes(await moved.register(), "명부에 올라 있습니다");
  await strike(session, "3호", "전출");
  includes(await host.line("3호").innerText(), "삭제됨");
}
