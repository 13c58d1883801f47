import type { ApiId } from '../core/api.ts';
import { blockOf, type Block } from './block.ts';
import { compareBlocks, type Changed, type Comparison } from './compare.ts';
import { withMarksOf, withoutMarks } from './marks.ts';
import { noteText, takesNote, withNote, type Told } from './note.ts';
import { breakers, type Breaker, type RepairRule } from './rules.ts';

/** A block of a conversation: as the client sent it last, and as it went out. */
export interface SentBlock {
  readonly block: Block;
  /** As it was when it went out first: its values are the ones in the prefix. */
  readonly base: Block;
  /** As it goes out, without the note. */
  readonly plain: string;
  /** The note at its end. */
  readonly told: readonly Told[];
}

/** Something that makes the prefix differ from the one before. */
export interface Finding {
  readonly breaker: Breaker;
  /** Number of the block; -1: the tools. */
  readonly block: number;
  readonly isRepaired: boolean;
}

export interface BlockRepair {
  readonly blocks: readonly SentBlock[];
  readonly findings: readonly Finding[];
  /** How many blocks from the beginning go out as they did before. */
  readonly keptBlocks: number;
  /** It ended at a block that is not the one which stood there. */
  readonly isOther: boolean;
}

export interface RepairOptions {
  readonly api: ApiId;
  readonly rules: ReadonlySet<RepairRule>;
  /** The client said that this is the same conversation. */
  readonly isSameSession: boolean;
}

/** All notes of a conversation together, in characters. */
export const maxToldChars = 64 * 1024;
/** Text that two conversations hardly share by chance. */
const minSharedChars = 120;

/** The blocks of a call, each in the bytes it went out in before where it means the same. */
export function repairBlocks(before: readonly SentBlock[], now: readonly string[], options: RepairOptions): BlockRepair {
  const found = aligned(before, now, options);
  const told = untold(found);
  const last = found.blocks.at(-1)!;
  if (told.length === 0) return { ...found, blocks: [...found.blocks.slice(0, -1), { ...last, told }] };
  if (!canTell(found, told))
    return repairBlocks(options.rules.size === 0 ? [] : before, now, { ...options, rules: withoutTelling(options.rules) });
  return { ...found, blocks: [...found.blocks.slice(0, -1), { ...last, told }] };
}

/** The block as it goes out. */
export const sentJson = (api: ApiId, { plain, told }: SentBlock): string => (told.length === 0 ? plain : withNote(api, plain, told));

interface Aligned extends BlockRepair {
  /** Values that stand in the prefix as they were, by block. */
  readonly frozen: ReadonlyMap<number, readonly Changed[]>;
}

function aligned(before: readonly SentBlock[], now: readonly string[], options: RepairOptions): Aligned {
  const blocks: SentBlock[] = [];
  const findings: Finding[] = [];
  const frozen = new Map<number, readonly Changed[]>();
  const isSure = sureOf(before, now, options);
  let keptBlocks = 0;
  let isOther = false;
  for (const [index, json] of now.entries()) {
    const old: SentBlock | undefined = isOther ? undefined : before[index];
    const block = old?.block.json === json ? old.block : blockOf(json);
    const follows = (): boolean => isSame(before[index + 1], now[index + 1]);
    const differs = old && compareBlocks(old.block, block, follows);
    if (!old || !differs) {
      if (old) findings.push({ breaker: otherBreaker(before, block, index, now), block: index, isRepaired: false });
      isOther ||= old !== undefined;
      blocks.push(fresh(block));
      continue;
    }
    const all = old.base === old.block ? differs : compareBlocks(old.base, block, follows);
    const isWhole = keptBlocks === index;
    const sent =
      isWhole && all && (all.changed.every(({ kind }) => isNobodys.has(kind)) || isSure())
        ? resent(old, block, all, options.rules)
        : undefined;
    for (const breaker of kindsOf(differs)) findings.push({ breaker, block: index, isRepaired: sent !== undefined });
    blocks.push(sent ?? fresh(block));
    if (sent) {
      keptBlocks += 1;
      if (sent.base !== block && all!.changed.length > 0) frozen.set(index, all!.changed);
    } else if (isWhole && all && isIgnored(all)) keptBlocks += 1;
  }
  return { blocks, findings, keptBlocks, isOther, frozen };
}

const fresh = (block: Block): SentBlock => ({ block, base: block, plain: block.json, told: [] });
const kindsOf = ({ writing, changed }: Comparison): readonly Breaker[] => [...new Set([...writing, ...changed.map(({ kind }) => kind)])];
const isIgnored = ({ writing, changed }: Comparison): boolean =>
  writing.length === 0 && changed.every(({ kind }) => kind === 'billing_header');

/** `undefined` where a rule is off. */
function resent(old: SentBlock, block: Block, how: Comparison, rules: ReadonlySet<RepairRule>): SentBlock | undefined {
  const isAllowed = kindsOf(how).every((kind) => rules.has(breakers[kind]!));
  if (!isAllowed) return undefined;
  if (how.changed.length === 0 && withoutMarks(old.plain) === withoutMarks(block.json)) return { ...old, block, plain: block.json };
  const plain = old.block === block ? old.plain : withMarksOf(old.plain, block.json);
  return plain === undefined ? undefined : { ...old, block, plain };
}

/** Whether it is sure that the call goes on with this very conversation, so that no value of another one gets into it. Looked up when first asked. */
function sureOf(before: readonly SentBlock[], now: readonly string[], { isSameSession }: RepairOptions): () => boolean {
  let sure: boolean | undefined;
  const look = (): boolean => {
    const shared = before.filter(({ block }, index) => block.json === now[index] && block.role !== 'system').map(({ block }) => block);
    return shared.some(({ role }) => role === 'model') && shared.reduce((sum, { text }) => sum + text.length, 0) >= minSharedChars;
  };
  return () => (sure ??= isSameSession || look());
}

const isNobodys: ReadonlySet<Breaker> = new Set(['timestamp', 'date', 'number', 'billing_header']);

const isSame = (before: SentBlock | undefined, json: string | undefined): boolean => {
  if (!before || json === undefined) return false;
  if (before.block.json === json) return true;
  const block = blockOf(json);
  return before.block.meaningWithoutIds === block.meaningWithoutIds || before.block.masked === block.masked;
};

function otherBreaker(before: readonly SentBlock[], block: Block, index: number, now: readonly string[]): Breaker {
  if (block.role === 'system') return 'system_changed';
  const isLater = before.slice(index + 1).some((old) => old.block.json === block.json);
  return isLater || now.length < before.length ? 'history_truncated' : 'message_changed';
}

/** What the model does not know yet: values that differ from the ones it reads in the prefix, or was told since. */
function untold({ blocks, frozen }: Aligned): readonly Told[] {
  const known = new Map(blocks.slice(0, -1).flatMap(({ told }) => told.map(({ key, value }) => [key, value] as const)));
  const now = [...frozen].flatMap(([index, changed]) => changed.map((each) => ({ ...each, key: `${index}:${each.slot}` })));
  const back = backAgain(blocks, known, new Set(now.map(({ key }) => key)));
  return [...now, ...back].filter(({ key, value, kind }) => kind !== 'billing_header' && known.get(key) !== value);
}

/** Values that were told to have changed, and are now what they were at first. */
function backAgain(blocks: readonly SentBlock[], known: ReadonlyMap<string, string>, changed: ReadonlySet<string>): readonly Told[] {
  return [...known.keys()].flatMap((key) => {
    if (changed.has(key)) return [];
    const [index, slot] = key.split(':').map(Number) as [number, number];
    const { block } = blocks[index]!;
    const found = slot < 0 ? undefined : block.slots[slot];
    const value = found?.value ?? block.text;
    const isBlock = !found || found.kind === 'context_block';
    return [{ key, value, kind: found?.kind ?? 'context_block', text: isBlock ? value : `${found.label}${value}` }];
  });
}

/** The last block takes a note, which is shorter than what it spares. */
function canTell({ blocks, frozen }: Aligned, told: readonly Told[]): boolean {
  const first = Math.min(...frozen.keys(), ...told.map(({ key }) => Number(key.split(':')[0])));
  const spared = blocks.slice(first).reduce((sum, { plain }) => sum + plain.length, 0);
  const before = blocks.reduce((sum, block) => sum + (block.told.length === 0 ? 0 : noteText(block.told).length), 0);
  const length = noteText(told).length;
  return takesNote(blockOf(blocks.at(-1)!.plain).tree) && length <= spared && before + length <= maxToldChars;
}

/** The rules that need no note; none where there were only those. */
function withoutTelling(rules: ReadonlySet<RepairRule>): ReadonlySet<RepairRule> {
  const left = [...rules].filter((rule) => rule !== 'volatile-values' && rule !== 'context-blocks');
  return new Set(left.length < rules.size ? left : []);
}
