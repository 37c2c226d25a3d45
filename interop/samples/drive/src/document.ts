/** The commands and programs that a document shows. */
import { readFileSync } from 'node:fs';

export interface Block {
  /** The heading above it. */
  section: string;
  language: string;
  text: string;
}

/** The fenced blocks of a Markdown file, in order. */
export function blocksOf(file: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: Block | undefined;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const fence = /^```(\w*)$/.exec(line);
    if (fence && open) {
      blocks.push(open);
      open = undefined;
    } else if (fence) {
      open = { section, language: fence[1] ?? '', text: '' };
    } else if (open) {
      open.text += `${line}\n`;
    } else {
      section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
    }
  }
  if (open) throw new Error(`a block of "${open.section}" does not end`);
  return blocks;
}

/** How many commands a reader types: lines that begin one, without comments and without what continues the line before. */
export function commandsOf(text: string): string[] {
  const whole = text.replaceAll(/\\\n\s*/g, ' ').split('\n');
  const commands: string[] = [];
  let quotes = 0;
  for (const line of whole) {
    const isWithin = quotes % 2 === 1;
    quotes += (line.match(/'/g) ?? []).length;
    if (!isWithin && line.trim() !== '' && !line.startsWith('#')) commands.push(line);
  }
  return commands;
}
