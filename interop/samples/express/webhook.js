import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether a notice, its bytes as they arrived, comes from the verifier: `Webhook-Signature: t=<seconds>,v1=<hex>`. */
export function isFromVerifier(header, body, secret) {
  const [, time, sent] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (!time || Math.abs(Date.now() / 1000 - Number(time)) > 300) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(sent, 'hex'));
}
