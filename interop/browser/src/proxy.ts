// Somebody between the registry and its reader, who may change what passes or lead elsewhere.

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a body; the same bytes leave it as it is. */
export type Alter = (path: string, body: Buffer) => Buffer;

export class Proxy {
  alter: Alter | null = null;
  /** Whether streams are held back. */
  holding = false;
  /** Paths that were asked for. */
  asked: string[] = [];

  private constructor(
    private readonly server: Server,
    public upstream: string,
    private readonly host: string,
  ) {}

  /** Readers reach it by the name `host`; upstream hears that name only if it is an address. */
  static async start(upstream: string, host = "localhost"): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, upstream, host);
    server.on("request", (from, to) => proxy.pass(from, to));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://${this.host}:${(this.server.address() as AddressInfo).port}`;
  }

  private pass(from: IncomingMessage, to: ServerResponse): void {
    const path = from.url ?? "/";
    this.asked.push(path);
    const headers = { ...from.headers, ...(this.host === "localhost" ? { host: "upstream" } : {}) };
    // What is to be changed has to come.
    if (this.alter !== null) delete headers["if-none-match"];
    const onward = request(`${this.upstream}${path}`, { method: from.method, headers });
    onward.on("error", () => to.destroy());
    to.on("close", () => onward.destroy());
    onward.on("response", (answer) => {
      const { alter } = this;
      if (this.holding && answer.headers["content-type"] === "text/event-stream") {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        to.flushHeaders();
        answer.resume();
        return;
      }
      if (alter === null || answer.headers["content-type"] === "text/event-stream") {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
        return;
      }
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        const body = alter(path, Buffer.concat(parts));
        // What was changed must not stay in the browser's cache.
        const headers = { ...answer.headers, "cache-control": "no-store", "content-length": String(body.length) };
        delete headers["etag"];
        to.writeHead(answer.statusCode ?? 502, headers);
        to.end(body);
      });
    });
    from.pipe(onward);
  }

  /** Breaks all connections, so that streams begin anew. */
  cut(): void {
    this.server.closeAllConnections();
  }

  stop(): void {
    this.server.close();
    this.cut();
  }
}

/** Flips the lowest bit of the byte at `place` of the body of `path`. */
export function flipping(path: RegExp, place: (body: Buffer) => number): Alter {
  return (asked, body) => {
    if (!path.test(asked)) return body;
    const changed = Buffer.from(body);
    const at = place(body);
    changed[at] = (changed[at] ?? 0) ^ 1;
    return changed;
  };
}
