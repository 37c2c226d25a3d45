/** A full `@credo-ts` agent as a wallet against our servers. */
import 'reflect-metadata';
import { Tally } from '../../../node/src/shared/tally.ts';
import { CredoWallet } from '../peers/credo-wallet.ts';
import { town } from '../shared/town.ts';
import { version } from '../shared/version.ts';
import { WalletSuite } from '../shared/wallet-suite.ts';

const here = town();
const tally = new Tally('@credo-ts/openid4vc as wallet', version('@credo-ts/openid4vc'));
await new WalletSuite(tally, here, new CredoWallet(here), 'plain').run();
process.exit(tally.finish() ? 0 : 1);
