// A page of somebody else on this machine, who says nothing, and remembers who came.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class Elsewhere {
  /** Addresses that browsers asked for. */
  readonly came: URL[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Elsewhere> {
    const server = createServer();
    const elsewhere = new Elsewhere(server);
    server.on("request", (from, to) => {
      elsewhere.came.push(new URL(from.url ?? "/", elsewhere.url()));
      to.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      to.end("<!doctype html><html lang=en><title>elsewhere</title><link rel=icon href=data:,><p>elsewhere</p></html>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return elsewhere;
  }

  /** Its address under a name of this machine. */
  url(host = "127.0.0.1"): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
