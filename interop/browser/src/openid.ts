// The pages of issuer, verifier and wallet in a real browser: the program itself, started for this, and people who use it.

import { Cases } from "./cases.ts";
import { launch } from "./chromium.ts";
import { administered } from "./openid/administered.ts";
import { keyboard, presenting } from "./openid/presenting.ts";
import { REBOUND, Stage } from "./openid/stage.ts";
import { strangers } from "./openid/strangers.ts";

const program = process.env["SINPYO_BIN"];
if (program === undefined) {
  console.error("skipped: SINPYO_BIN is not set (pages of issuer, verifier and wallet)");
  process.exit(process.env["SINPYO_REQUIRE_ALL"] === "1" ? 1 : 0);
}
const browser = await launch(`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`);
const cases = new Cases(browser, process.argv[2], ["127.0.0.1"]);
const stage = await Stage.set(program, cases);
await stage.album.keep(stage.holder.page, "wallet-empty");
// Each goes on where the one before ended.
for (const part of [presenting, strangers, keyboard, administered]) await part(stage);
await stage.end();
const version = browser.version();
await browser.close();
console.log(JSON.stringify({ peer: "chromium (openid)", version, ...cases.count, unsupported: [] }));
process.exit(cases.count.failed === 0 && cases.count.passed > 0 ? 0 : 1);
