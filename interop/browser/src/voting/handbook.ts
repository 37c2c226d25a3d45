// The commands of a document, typed as they stand.

import { blocksOf } from "../../../samples/drive/src/document.ts";
import type { Shell } from "../../../samples/drive/src/shell.ts";

export class Handbook {
  private readonly commands;
  private readonly typed = new Set<string>();

  constructor(file: string) {
    this.commands = blocksOf(file).filter((block) => block.language === "sh");
  }

  /** Types what stands under a heading; what the last block answered. */
  async type(section: string, shell: Shell): Promise<string> {
    const blocks = this.commands.filter((block) => block.section === section);
    if (blocks.length === 0) throw new Error(`nothing is typed under "${section}"`);
    let output = "";
    for (const block of blocks) {
      const answer = await shell.type(block.text);
      if (!answer.isWell) throw new Error(`${block.text}\n${answer.output}\n${answer.errors}`);
      output = answer.output;
      this.typed.add(block.text);
    }
    return output;
  }

  /** Commands that nobody typed. */
  left(): string[] {
    return this.commands.filter((block) => !this.typed.has(block.text)).map((block) => `${block.section}: ${block.text}`);
  }
}
