/** Small alterations of texts in base64url. */

/** The text with another character at `index` (counted from the end when negative). */
export function altered(text: string, index: number): string {
  const at = index < 0 ? text.length + index : index;
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

/** A compact JWS with one character of a part altered: header 0, payload 1, signature 2. */
export function alteredPart(token: string, part: number): string {
  const parts = token.split('.');
  parts[part] = altered(parts[part] ?? '', Math.floor((parts[part] ?? '').length / 2));
  return parts.join('.');
}

/** A compact JWS whose payload went through `change`, with the old signature. */
export function withPayload(token: string, change: (payload: Record<string, unknown>) => void): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  change(claims);
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
}
