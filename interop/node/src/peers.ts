/** Runs all peers, or those named: each issues and we verify, we issue and each verifies, twins are refused by both. */
import { didJwtVc } from './peers/did-jwt-vc.ts';
import { didwebvh } from './peers/didwebvh.ts';
import { digitalBazaar } from './peers/digital-bazaar.ts';
import { mdoc } from './peers/mdoc.ts';
import { sdJwtVc } from './peers/sd-jwt-vc.ts';
import { Bridge } from './shared/bridge.ts';

const PEERS = {
  'digital-bazaar': digitalBazaar,
  'sd-jwt-vc': sdJwtVc,
  'did-jwt-vc': didJwtVc,
  mdoc,
  didwebvh,
};

const wanted = process.argv.slice(2);
const chosen = Object.entries(PEERS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const bridge = new Bridge();
let fine = chosen.length > 0;
for (const [, run] of chosen) fine = (await run(bridge)) && fine;
bridge.close();
process.exitCode = fine ? 0 : 1;
