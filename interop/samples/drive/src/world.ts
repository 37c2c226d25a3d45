/** What the document sets up: an issuer, a verifier, a wallet, and a shop that is registered. */
import { ran, type Ended } from './program.ts';

export interface Presented {
  /** Where the wallet was told to send the browser. */
  redirect?: string;
  /** What it said, for messages. */
  said: string;
  status: number;
}

export class World {
  constructor(
    readonly folder: string,
    readonly environment: NodeJS.ProcessEnv,
    /** The settings of the shop. */
    readonly shop: Record<string, string>,
  ) {}

  /** Answers a request with the holder's wallet. */
  async present(link: string, ...more: string[]): Promise<Presented> {
    const { status, output, errors } = await this.wallet('present', link, '--yes', '--development', ...more);
    const last = output.trim().split('\n').at(-1) ?? '';
    const said = `${output}${errors}`.trim();
    let redirect: unknown;
    try {
      redirect = (JSON.parse(last) as { redirect_uri?: unknown }).redirect_uri;
    } catch {
      // It said something for people.
    }
    return typeof redirect === 'string' ? { redirect, said, status } : { said, status };
  }

  async wallet(...given: string[]): Promise<Ended> {
    return ran('sinpyo', ['--json', 'wallet', ...given], { cwd: this.folder, env: this.environment });
  }
}
