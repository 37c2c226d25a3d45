// The explorer in a real browser, with somebody in between who changes what is served.

import { Cases } from "./cases.ts";
import { launch } from "./chromium.ts";
import { histories, judging } from "./explorer/proofs.ts";
import { readers } from "./explorer/readers.ts";
import { served } from "./explorer/served.ts";
import { alarms, tampered } from "./explorer/tampering.ts";
import { Watch } from "./explorer/watch.ts";

const browser = await launch();
const cases = new Cases(browser, process.argv[2]);
const watch = await Watch.begin(cases);
for (const part of [judging, tampered, histories, alarms, readers, served]) await part(watch);
const version = browser.version();
await browser.close();
watch.end();
console.log(JSON.stringify({ peer: "chromium", version, ...cases.count, unsupported: [] }));
process.exit(cases.count.failed === 0 && cases.count.passed > 0 ? 0 : 1);
