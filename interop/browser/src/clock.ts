// A clock that can be put ahead while programs run: libfaketime reads an offset from a file.

import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const LIBRARIES = ["x86_64-linux-gnu/", "aarch64-linux-gnu/", ""].map((folder) => `/usr/lib/${folder}faketime/libfaketimeMT.so.1`);

export class Clock {
  private ahead = 0;

  private constructor(
    private readonly preloaded: string,
    private readonly file: string,
  ) {}

  static in(folder: string): Clock {
    const library = LIBRARIES.find((path) => existsSync(path));
    if (library === undefined) throw new Error("libfaketime is not installed");
    const clock = new Clock(library, join(folder, "clock"));
    writeFileSync(clock.file, "+0\n");
    return clock;
  }

  /** What a program needs to go by it. */
  environment(): Record<string, string> {
    return {
      LD_PRELOAD: this.preloaded,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DISABLE_SHM: "1",
    };
  }

  now(): Date {
    return new Date(Date.now() + this.ahead * 1000);
  }

  /** Goes to a time, unless it is over. */
  async reach(time: Date): Promise<void> {
    this.ahead = Math.max(this.ahead, Math.ceil((time.getTime() - Date.now()) / 1000));
    writeFileSync(`${this.file}.new`, `+${this.ahead}\n`);
    renameSync(`${this.file}.new`, this.file);
    // Programs look for another offset every second.
    await pause(2000);
  }
}
