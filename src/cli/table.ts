import { stripVTControlCharacters } from 'node:util';
import type { Paint, Style } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** The column with the lowest goes first when the width does not do; `undefined`: it stays. */
  readonly rank?: number;
  readonly cells: readonly string[];
  readonly style?: Style;
  /** As the first column it is not cut shorter than this: rather another column goes. */
  readonly leastWidth?: number;
}

export interface TableOptions {
  readonly width: number;
  readonly paint: Paint;
  /** The last row is a sum, set apart by a rule. */
  readonly hasTotals?: boolean;
}

const gap = '  ';
const leastFirstWidth = 16;

/** Lines of at most `width` columns: the least important columns are left out, then the first one is cut. */
export function table(columns: readonly Column[], { width, paint, hasTotals = false }: TableOptions): string {
  const fitted = fit(columns, width);
  const widths = fitted.map(widthOf);
  const line = (cells: readonly string[], style?: Style): string => {
    const padded = cells.map((cell, index) => pad(cell, widths[index]!, fitted[index]!.align));
    const painted = style ? padded.map((cell) => paint(style, cell)) : padded.map((cell, index) => styled(cell, fitted[index]!, paint));
    return painted.join(gap).trimEnd();
  };
  const rows = Array.from({ length: fitted[0]?.cells.length ?? 0 }, (_, row) => line(fitted.map(({ cells }) => cells[row]!)));
  const rule = paint('dim', '-'.repeat(widths.reduce((sum, each) => sum + each + gap.length, -gap.length)));
  const body = hasTotals ? [...rows.slice(0, -1), rule, ...rows.slice(-1)] : rows;
  return `${[
    line(
      fitted.map(({ title }) => title),
      'bold',
    ),
    ...body,
  ].join('\n')}\n`;
}

const styled = (cell: string, { style }: Column, paint: Paint): string => (style ? paint(style, cell) : cell);

function fit(columns: readonly Column[], width: number): readonly Column[] {
  const kept = [...columns];
  while (totalOf(kept) - excess(kept) > width) {
    const least = lowest(kept);
    if (least === undefined) break;
    kept.splice(kept.indexOf(least), 1);
  }
  const [first, ...others] = kept;
  const room = width - totalOf(kept) + (first ? widthOf(first) : 0);
  return first && totalOf(kept) > width ? [shortened(first, Math.max(room, leastOf(first))), ...others] : kept;
}

const excess = ([first]: readonly Column[]): number => (first ? Math.max(0, widthOf(first) - leastOf(first)) : 0);

const leastOf = ({ leastWidth = leastFirstWidth }: Column): number => leastWidth;

const lowest = (columns: readonly Column[]): Column | undefined =>
  columns.filter(({ rank }) => rank !== undefined).sort((left, right) => left.rank! - right.rank!)[0];

const totalOf = (columns: readonly Column[]): number => columns.reduce((sum, column) => sum + widthOf(column) + gap.length, -gap.length);

const widthOf = ({ title, cells }: Column): number => Math.max(textWidth(title), ...cells.map(textWidth));

const shortened = (column: Column, width: number): Column => ({ ...column, cells: column.cells.map((cell) => cut(cell, width)) });

function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (textWidth(kept) + textWidth(character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function pad(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Scripts whose letters take two columns, and emoji. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const zero = /\p{Mark}/u;

/** Columns that a text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += zero.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return width;
}
