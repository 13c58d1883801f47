/** What the tests of the documents read in Markdown. */
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const isOurs = (path: string): boolean => !/(^|\/)(node_modules|dist|out|\.git|\.modicum)(\/|$)/.test(path);

/** Paths of the repository's own files, relative to it. */
export async function filesOf(pattern: string): Promise<readonly string[]> {
  const paths = await Array.fromAsync(glob(pattern, { cwd: root, exclude: (path) => !isOurs(path) }));
  return paths.filter(isOurs).sort();
}

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export interface Fence {
  readonly language: string;
  readonly text: string;
}

export function fencesIn(markdown: string): readonly Fence[] {
  return [...markdown.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language: language!, text: text! }));
}

const withoutFences = (markdown: string): string => markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** Targets of links and images, those to other sites left out. */
export function linksIn(markdown: string): readonly string[] {
  const targets = [...withoutFences(markdown).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Anchors of the headings, as GitHub makes them. */
export function anchorsIn(markdown: string): readonly string[] {
  return [...withoutFences(markdown).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The commands of a shell text, as words: line ends continued by `\` joined, comments left out, quotes kept as part of a word. */
export function shellLines(text: string): readonly (readonly string[])[] {
  const lines = text.replaceAll(/\\\n\s*/g, '').split('\n');
  const parts = lines.flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/ (?:&&|\|) /));
  return parts.map((part) => part.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).filter((words) => words.length > 0);
}
