// The ballot box is open.

import { expect, includes } from "../cases.ts";
import { scanned } from "../qr.ts";
import { until } from "../until.ts";
import { RELAY } from "./council.ts";
import { CROWD, meant, unitsOf, WITHDRAWN } from "./poll.ts";
import type { Session } from "./session.ts";
import { type Choice, each } from "./voter.ts";

const AT_ONCE = 3;

export async function vote(session: Session): Promise<void> {
  const { council, profile, expected } = session;

  await session.run("a candidate withdraws", async (page) => {
    const { host } = session;
    await host.at();
    await host.send("사퇴 공고", { option: WITHDRAWN.value, reason: WITHDRAWN.reason });
    await page.goto(host.election());
    includes(await page.locator("main").innerText(), "사퇴한 후보", WITHDRAWN.name, WITHDRAWN.reason);
    await session.keep(page, "observer-withdrawn");
  });

  await session.run("a ballot is made, checked on a second device, and thrown away", async () => {
    const [voter, second] = [session.voter("first"), session.voter("second")];
    await enter(session, "first", "wallet-ballot");
    includes(await voter.said(), WITHDRAWN.name, "사퇴");
    await voter.press("고른 것 보기");
    includes(await voter.settled(), "모든 항목에서 하나를 고르세요");
    await session.once(voter.page, "wallet-nothing-chosen");
    const tracking = await voter.fill([1, 1, 2]);
    await session.keep(voter.page, "wallet-decide");
    await voter.act("다른 기기로 확인하기");
    await session.keep(voter.page, "wallet-package");
    const text = await scanned(voter.page);
    expect(text?.startsWith("sinpyo-vote-check:") === true, `the code says ${text}`);
    const said = await second.open(text);
    includes(said.replaceAll(/\s+/g, "-"), tracking);
    includes(said, "김가람", "찬성", "정마루");
    await session.keep(second.page, "wallet-checked");
    const slot = /[0-9a-f]{32}/.exec(said)?.[0];
    await voter.act("버리고 새 투표지로");
    const home = await voter.again();
    expect(profile === "token" || (slot !== undefined && home.includes(slot)), `the number in the roll is the voter's own: ${slot}`);
    const spoilt = await council.tell("stranger", "vote", "check", `${text.slice(0, -20)}${text.slice(-20).split("").reverse().join("")}`);
    expect(!spoilt.isWell, "a code that was changed is refused");
  });

  await session.run("voters cast in their wallets, by the relay, and hold receipts", async (page) => {
    const cast = async (name: string, district: string, choice: Choice) => {
      const voter = await enter(session, name);
      const tracking = await voter.fill(choice);
      await voter.act("투표함에 넣기");
      await received(session, name);
      expected.vote(name, district, choice);
      return tracking;
    };
    const before = await cast("first", "101동", [2, 2, 2]);
    await session.keep(session.voter("first").page, "wallet-receipt");
    session.tracking = await cast("second", "102동", [0, 1]);
    if (profile === "ring") await cast("found", "101동", [3, 0, 1]);
    // Voting again: the last one counts.
    await cast("first", "101동", [1, 1, 2]);
    await session.keep(session.voter("first").page, "wallet-voted-again");
    for (const tracking of [before, session.tracking]) {
      await page.goto(`${session.host.election()}/find`);
      await page.locator("#tracking").fill(tracking);
      await page.getByRole("button", { name: "찾기" }).click();
      includes(await page.locator("main").innerText(), "번 항목에 있습니다", "포함 증명");
    }
    await session.keep(page, "find");
    await page.goto(`${session.host.election()}/find?tracking=aaaa-aaaa-aaaa-aaaa-aaaa`);
    includes(await page.locator("main").innerText(), "기록에 없습니다");
    await session.keep(page, "find-none");
    const summary = await (await fetch(`${session.host.election()}/summary`)).json();
    expect(String(summary.relay).startsWith(RELAY), `wallets post to ${summary.relay}`);
  });

  if (profile === "ring") {
    await session.run("who was struck or replaced cannot vote", async () => {
      for (const name of ["lost", "moved"]) {
        const voter = session.voter(name);
        const said = await voter.again();
        if (said.includes("투표하기")) await voter.act("투표하기");
        expect((await voter.page.locator("#contest-0-1").count()) === 0, `${name} has no ballot: ${await voter.said()}`);
        await session.once(voter.page, `wallet-${name}`);
      }
    });
  }

  await session.run("everybody else votes by the command, and the observers' page counts along", async (page) => {
    await page.goto(session.host.election());
    const counter = page.locator("[data-count=ballots]").first();
    const start = Number(await counter.innerText());
    await council.handbook.type("Voting", session.auditor);
    expected.vote("auditor", "101동", [1, 2, 1]);
    const crowd = CROWD.flatMap(unitsOf).map((unit, place) => ({ ...unit, place }));
    await each(crowd, AT_ONCE, async ({ name, district, place }) => {
      const choice = meant(place, district);
      // Every tenth changes its mind.
      for (const column of place % 10 === 0 ? [choice.map(() => 0), choice] : [choice]) {
        const args = ["vote", "cast", session.host.election(), "--voter", "voter", "--choose", column.join(","), "--json"];
        const said = await council.tell(`${profile}-${name}`, ...args);
        expect(said.isWell, `${name}: ${said.output}`);
      }
      expected.vote(name, district, choice);
    });
    const ballots = start + 1 + crowd.length + crowd.filter(({ place }) => place % 10 === 0).length;
    await page.waitForFunction((count) => document.querySelector("[data-count=ballots]")?.textContent === String(count), ballots);
    expect(Number((await page.locator("[data-count=voters]").first().innerText())) === expected.voters(), `${expected.voters()} have voted`);
    await session.keep(page, "observer-open");
  });
}

/** Opens a voter's ballot. */
async function enter(session: Session, name: string, picture?: string) {
  const voter = session.voter(name);
  const said = await voter.again();
  await voter.act(said.includes("다시 투표하기") ? "다시 투표하기" : "투표하기");
  if (picture !== undefined) await session.keep(voter.page, picture);
  return voter;
}

/** Until the wallet has proven that the ballot is in the box: later by itself, after a relay, and at once if its voter wants it. */
async function received(session: Session, name: string): Promise<void> {
  const voter = session.voter(name);
  includes(await voter.settled(), "나중에 증명합니다", "내 것이라고 투표함이 짐작할 수 있습니다");
  await voter.act("그래도 지금 투표함에 있는지 확인");
  await until(`${name} has a receipt`, async () => {
    if ((await voter.settled()).includes("공개 기록에 있음")) return true;
    const again = voter.page.getByRole("button", { name: "다시 시도" });
    if ((await again.count()) > 0) await voter.act("다시 시도");
    return false;
  });
}
