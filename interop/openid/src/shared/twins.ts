/** How twins are made, and that they are refused. */
import { altered, alteredPart } from '../../../node/src/shared/tamper.ts';
import { PERSON } from './town.ts';

/** Fails unless the call is refused; with a protocol error if one is named. */
export async function refused(call: () => Promise<unknown>, error?: string): Promise<void> {
  let value: unknown;
  try {
    value = await call();
  } catch (thrown) {
    const told = `${(thrown as Error).message} ${JSON.stringify(thrown)} ${(thrown as { cause?: Error }).cause?.message ?? ''}`;
    if (error && !told.includes(error)) throw new Error(`refused, but not as ${error}: ${told.slice(0, 400)}`);
    return;
  }
  throw new Error(`accepted: ${JSON.stringify(value).slice(0, 300)}`);
}

/** A deferred response without its `notification_id`. */
export function withoutNotification(text: string): string {
  if (!text.startsWith('{')) return text;
  const { notification_id: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
}

/** The first credential in a response, with its issuer's signature altered. */
export function spoilCredential(text: string): string {
  return text.replace(/"credential":"([^"~]*)/, (_, token: string) => `"credential":"${alteredPart(token, 2)}`);
}

/** One byte of the name inside an mdoc altered. */
export function spoilBytes(wire: string): string {
  const bytes = Buffer.from(wire, 'base64url');
  const at = bytes.indexOf(PERSON.given_name);
  if (at < 0) throw new Error('no name in the mdoc');
  bytes.write('한솔', at);
  return bytes.toString('base64url');
}

/** A response whose last presentation is altered near its end. */
export function spoilEnd(text: string, before: number): string {
  const end = text.lastIndexOf('"]');
  return altered(text.slice(0, end), -before) + text.slice(end);
}

/** A response without what answers one query. */
export function without(id: string): (text: string) => string {
  return (text) => {
    const { [id]: dropped, ...rest } = JSON.parse(text) as Record<string, unknown>;
    if (!dropped) throw new Error(`${id} was not answered`);
    return JSON.stringify(rest);
  };
}

/** Another name in a disclosure of the first presentation. */
export function spoilDisclosure(text: string): string {
  const parts = text.split('~');
  const at = parts.findIndex((part) => Buffer.from(part, 'base64url').toString().includes(PERSON.given_name));
  if (at < 0) throw new Error('no name is disclosed');
  parts[at] = Buffer.from(Buffer.from(parts[at] ?? '', 'base64url').toString().replace(PERSON.given_name, '한솔')).toString('base64url');
  return parts.join('~');
}
