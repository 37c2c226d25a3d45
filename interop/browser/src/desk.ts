// A service's management interface, as a program of the institution uses it.

import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";

export type Offer = { id: string; link: string; page: string; tx_code?: string };
export type Asked = { id: string; link: string; page: string; state: string; rule?: string };

export class Desk {
  private constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  /** By a client assertion [RFC 7523]. */
  static async enter(url: string, keyFile: string, scopes: string): Promise<Desk> {
    const jwk = JSON.parse(readFileSync(keyFile, "utf8"));
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: "town", sub: "town", aud: `${url}/manage/token`, jti: randomUUID(), iat: now, exp: now + 60 };
    const signed = `${part({ alg: "ES256", kid: jwk.kid, typ: "client-authentication+jwt" })}.${part(claims)}`;
    const key = createPrivateKey({ key: jwk, format: "jwk" });
    const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      scope: scopes.replaceAll(",", " "),
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: `${signed}.${signature}`,
    });
    const response = await fetch(`${url}/manage/token`, { method: "POST", body });
    if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
    return new Desk(url, (await response.json()).access_token);
  }

  private async call(method: string, path: string, body?: object) {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json", "idempotency-key": randomUUID() };
    const response = await fetch(`${this.url}/manage/${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
    return JSON.parse(text);
  }

  offer(tenant: string, order: object): Promise<Offer> {
    return this.call("POST", `${tenant}/offers`, order);
  }

  ask(tenant: string, order: object): Promise<Asked> {
    return this.call("POST", `${tenant}/requests`, order);
  }

  read(tenant: string, request: string): Promise<Asked> {
    return this.call("GET", `${tenant}/requests/${request}`);
  }

  result(tenant: string, request: string, body: object = {}) {
    return this.call("POST", `${tenant}/requests/${request}/result`, body);
  }
}
