/** The release binary as a server in the conformance profile. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { required } from '../shared/bridge.ts';

export interface Server {
  url: string;
  stop(): Promise<void>;
}

/** Starts the server and waits until it says that it is ready. */
export async function start(): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), 'vcapi-'));
  const parameters = ['serve', 'vcapi', '--listen', '127.0.0.1:0', '--data', join(data, 'server'), '--conformance'];
  const child = spawn(required('SINPYO_BIN'), parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  // Whatever ends this program ends the server too.
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await ready(child);
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('the server did not get ready within 60 s'));
    }, 60_000);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    if (!child.stdout) throw new Error('no standard output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { ready?: boolean; url?: string };
      if (said.ready !== true || said.url === undefined) return;
      clearTimeout(timer);
      resolve(said.url.replace(/\/$/, ''));
    });
  });
}
