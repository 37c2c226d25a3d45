/** Checks that a peer refuses. */
import { brief } from './json.ts';

/** Fails if the peer accepts. */
export async function rejects(call: Promise<unknown> | (() => Promise<unknown>)): Promise<void> {
  let value: unknown;
  try {
    value = await (typeof call === 'function' ? call() : call);
  } catch {
    return;
  }
  throw new Error(`accepted: ${brief(value)}`);
}
