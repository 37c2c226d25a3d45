// An election for members: who registers shows two claims of a credential, and nothing else of it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, includes } from "../cases.ts";
import { Host } from "./host.ts";
import { accept, call } from "./prepare.ts";
import type { Session } from "./session.ts";

export async function members(session: Session): Promise<void> {
  const { council } = session;

  await session.run("the host asks for membership", async (page) => {
    await council.handbook.type("Members only", council.shell);
    const host = new Host(await session.browser());
    session.host = host;
    await host.logIn();
    await host.page.getByRole("heading", { level: 1, name: "선거" }).waitFor();
    await host.create(["경로당 난방", "Heating"]);
    await host.draft({
      title: ["경로당 난방", "Heating"], profile: "ring", opens: session.opens, closes: session.closes, floor: 1, threshold: 2,
      districts: [{ name: ["101동", "Building 101"], legal: 2 }],
      contests: [{ title: ["난방", "Heating"], options: [["찬성", "For"], ["반대", "Against"]], districts: [] }],
    });
    await host.at("/edit/ask");
    await host.send("저장", { kind: "member", service: "council.vote", member_of: await council.shell.value("COUNCIL") });
    await host.at("/edit/ask");
    await session.keep(host.page, "host-ask");
    await accept(session, [["가", "A"], ["나", "B"]]);
    await call(session, "host");
    await host.at("/roll");
    await host.send("살펴보기", { text: "district,label\n101동,1호\n101동,2호\n" });
    await host.send("명부에 넣기");
    await host.send("코드가 없는 줄에 등록 코드 만들기");
    session.codes = await host.codes();
    await page.goto(`${host.election()}/vote`);
    session.link = await page.locator("#wallet-link").innerText();
  });

  await session.run("a member shows two claims, and who is none cannot register", async () => {
    const offer = JSON.parse(readFileSync(join(council.own("office"), "offer.json"), "utf8"));
    const member = await session.arrive("member");
    includes(await member.receive(offer.link, offer.tx_code), "지갑에 담았습니다");
    await member.open(`${session.link}&code=${session.code("101동", "1호")}`);
    const asked = await member.act("다음");
    includes(asked, "소속 단체", "투표권");
    const [shown = "", hidden = ""] = asked.split("숨기는 정보");
    expect(!/가입일|구성원 구분|동·호/.test(shown), `more is shown: ${asked}`);
    includes(hidden, "가입일", "구성원 구분", "동·호");
    await session.keep(member.page, "wallet-terms");
    includes(await member.act("동의하고 등록하기"), "명부에 올라 있습니다");
    const stranger = await session.arrive("stranger");
    await stranger.open(`${session.link}&code=${session.code("101동", "2호")}`);
    await stranger.act("다음");
    expect((await stranger.page.getByRole("button", { name: "동의하고 등록하기" }).count()) === 0, "nothing to agree to");
    await session.keep(stranger.page, "wallet-no-member");
  });
}
