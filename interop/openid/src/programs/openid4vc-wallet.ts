/** `@openid4vc/*` as a wallet against our servers. */
import { setGlobalConfig } from '@openid4vc/oauth2';
import { Tally } from '../../../node/src/shared/tally.ts';
import { LibraryWallet } from '../peers/library-wallet.ts';
import { town } from '../shared/town.ts';
import { version } from '../shared/version.ts';
import { WalletSuite } from '../shared/wallet-suite.ts';

setGlobalConfig({ allowInsecureUrls: true });
const here = town();
const tally = new Tally('@openid4vc as wallet', version('@openid4vc/openid4vci'));
await new WalletSuite(tally, here, new LibraryWallet(here), 'certified').run();
process.exitCode = tally.finish() ? 0 : 1;
