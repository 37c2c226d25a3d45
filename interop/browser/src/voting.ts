// A house votes: the host, three trustees, voters and observers, in browsers and programs of their own, as docs/voting.md says; once
// with a public roll, once with tokens.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Album } from "./album.ts";
import { Cases, expect } from "./cases.ts";
import { launch, PICTURES } from "./chromium.ts";
import { Council } from "./voting/council.ts";
import { count } from "./voting/count.ts";
import { members } from "./voting/members.ts";
import { prepare } from "./voting/prepare.ts";
import { register } from "./voting/register.ts";
import { vote } from "./voting/vote.ts";
import { Session } from "./voting/session.ts";

/** What stays Korean on an English page: labels of the office's roll, reasons, and the other language's name. */
const PROPER = /한국어|\d+호|이사/g;

const program = process.env["SINPYO_BIN"];
if (program === undefined) {
  console.error("skipped: SINPYO_BIN is not set (pages of elections)");
  process.exit(process.env["SINPYO_REQUIRE_ALL"] === "1" ? 1 : 0);
}
const browser = await launch();
const council = new Council(program);
const cases = new Cases(browser, process.argv[2], ["127.0.0.1"]);

try {
  await cases.run("the document's server starts", async () => {
    await council.handbook.type("The server", council.shell);
    await council.handbook.type("The roll", council.shell);
    const lines = readFileSync(join(council.own("office"), "roll.csv"), "utf8").trim().split("\n");
    expect(lines.length === 501, `${lines.length - 1} units`);
  });
  const roll = readFileSync(join(council.own("office"), "roll.csv"), "utf8");
  for (const profile of ["ring", "token"] as const) {
    const session = new Session(council, cases, new Album(PICTURES, PROPER), profile);
    try {
      for (const part of [prepare, register, vote, count]) await part(session, roll);
    } finally {
      await session.end();
    }
  }
  const session = new Session(council, cases, new Album(PICTURES, PROPER), "ring", "members");
  try {
    await members(session);
  } finally {
    await session.end();
  }
  await cases.run("an election begins by command", async () => {
    const said = await council.handbook.type("By command instead of pages", council.shell);
    expect(/^http:\/\/127\.0\.0\.1:7083\/e\/[0-9a-f]{64}\n(http.*\/trustees\/\S+\n){2}$/.test(said), said);
  });
  await cases.run("every command of the document was typed", async () => {
    expect(council.handbook.left().length === 0, council.handbook.left().join("\n"));
  });
} finally {
  const version = browser.version();
  await browser.close();
  council.stop();
  console.log(JSON.stringify({ peer: "chromium (voting)", version, ...cases.count, unsupported: [] }));
}
process.exit(cases.count.failed === 0 && cases.count.passed > 0 ? 0 : 1);

