// The box is closed: the sums, the printed record, and those who count again.

import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, includes } from "../cases.ts";
import { reload, until } from "../until.ts";
import { announced, GROUPS, TRUSTEES, WITHDRAWN } from "./poll.ts";
import type { Session } from "./session.ts";

export async function count(session: Session): Promise<void> {
  const { council, profile, expected } = session;

  await session.run("it closes by its clock, two trustees open the sums, and the result is what was chosen", async (page) => {
    const { host } = session;
    // One of three has switched off: two are enough.
    const [, , third] = session.trustees;
    if (third !== undefined) council.leave(third);
    await council.clock.reach(session.closes);
    await host.phase("개표 완료");
    await session.keep(host.page, "host-tallied");
    await page.goto(host.election());
    const [sums, ...groups] = await announced(page);
    expect(groups.length === GROUPS.length, `groups: ${JSON.stringify(groups)}`);
    for (const [place, group] of GROUPS.entries()) {
      const { ballots, counts } = expected.of(group);
      const found = groups[place];
      expect(found?.group === `${group.join(", ")} · 센 표 ${ballots}`, `${found?.group} has ${ballots}`);
      expect(JSON.stringify(found.counts) === JSON.stringify(counts), `${JSON.stringify(found.counts)} is to be ${JSON.stringify(counts)}`);
    }
    // Contests of several groups are added up before them.
    expect(sums?.group === "모두 합해" && Object.keys(sums.counts).length > 0, `the sums: ${JSON.stringify(sums)}`);
    for (const [contest, votes] of Object.entries(sums.counts)) {
      const own = groups.flatMap((group) => group.counts[contest] ?? []);
      const added = votes.map((_, at) => own.filter((_, place) => place % votes.length === at).reduce((sum, one) => sum + one, 0));
      expect(own.length > votes.length, `${contest} is of one group`);
      expect(JSON.stringify(votes) === JSON.stringify(added), `${contest}: ${votes} are to be ${added}`);
    }
    await until("V1 to V14 have passed", async () => {
      await reload(page);
      return (await page.getByText("이상 없음").count()) === 14;
    });
    await session.keep(page, "observer-result");
  });

  await session.run("nobody votes any more", async () => {
    const voter = session.voter("second");
    includes(await voter.again(), "투표가 끝났습니다", "결과");
    await session.keep(voter.page, "wallet-result");
    const said = await council.tell(`${profile}-101동-10호`, "vote", "cast", session.host.election(), "--voter", "voter", "--choose", "1,1,1");
    expect(!said.isWell, `cast after it closed: ${said.output}`);
  });

  await session.run("the record is printed", async (page) => {
    await page.goto(`${session.host.election()}/record`);
    includes(await page.locator("main").innerText(), "선거록", WITHDRAWN.reason, "이상 없음", ...TRUSTEES.map(([ko]) => ko));
    await session.keep(page, "record");
    await session.clip(page, "record");
    const path = join(council.folder, "record.pdf");
    await page.pdf({ path, format: "A4" });
    expect(statSync(path).size > 10_000, "a record on paper");
  });

  await session.run("observers count again, by two programs", async () => {
    const said = await council.handbook.type("Observing", session.auditor);
    expect(!/FAIL|실패/.test(said), said);
    const { output } = await council.tell("observer", "vote", "audit", session.host.election(), "--json");
    const { checks, proofs } = JSON.parse(output.trim().split("\n").at(-1) ?? "{}");
    expect(Object.keys(checks).length === 14 && Object.values(checks).every((passed) => passed === true), output);
    const summary = await (await fetch(`${session.host.election()}/summary`)).json();
    expect(proofs.ballot === summary.ballots, `${proofs.ballot} of ${summary.ballots} ballots`);
    const python = /ballot (\d+)/.exec(said)?.[1];
    expect(python === String(summary.ballots), `the other program checked ${python}`);
  });

  await session.run("what the office did is on record", async () => {
    const { host } = session;
    await host.at("/audit");
    const done = ["선거를 만듦", "초안을 고침", "수탁자를 초대함", "명부를 가져옴", "등록 코드를 만듦", "명부에서 한 줄을 뺌", "후보의 사퇴를 공고함", "다음 단계로 넘어감: 선거 공고", "다음 단계로 넘어감: 명부 확정"];
    includes(await host.page.locator("main").innerText(), ...done);
    expect(!(await host.page.locator("main").innerText()).includes("1호"), "nobody's unit");
    await session.keep(host.page, "host-audit-end");
    await host.at();
    await host.send("한 해 동안 보존하기");
    await host.page.getByText("기록을 보존하고 있습니다.").waitFor();
    await session.keep(host.page, "host-archived");
  });
}
