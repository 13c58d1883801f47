import { sameMeaning, type Block } from './block.ts';
import { numberText } from './canonical.ts';
import { isContextBlock, type Slot } from './volatile.ts';
import type { Breaker } from './rules.ts';

/** A value that differs between two blocks which are the same otherwise. */
export interface Changed {
  readonly kind: Breaker;
  /** Number of the value among those of its block; -1: the block as a whole. */
  readonly slot: number;
  readonly value: string;
  /** The value with what its line says before it. */
  readonly text: string;
}

/** How a block differs from the one that stood at its place. */
export interface Comparison {
  /** Ways in which the same is written differently. */
  readonly writing: readonly Breaker[];
  /** Values that differ. */
  readonly changed: readonly Changed[];
}

/** `follows`: the block behind is the one that stood there before, so that this one was exchanged in place. `undefined`: another block altogether. */
export function compareBlocks(before: Block, now: Block, follows: () => boolean): Comparison | undefined {
  if (before === now || before.json === now.json) return { writing: [], changed: [] };
  const writing = sameMeaning(before, now);
  if (writing) return { writing, changed: [] };
  const changed = changedValues(before, now);
  if (changed) return { writing: [], changed };
  if (!canBeContext(before, now) || !follows()) return undefined;
  return { writing: [], changed: [{ kind: 'context_block', slot: -1, value: now.text, text: now.text }] };
}

const canBeContext = (before: Block, now: Block): boolean =>
  before.role === now.role && (now.role === 'user' || now.role === 'system') && isContextBlock(before.text) && isContextBlock(now.text);

/** Values that differ where everything around them is the same; `undefined` when something else differs. */
function changedValues(before: Block, now: Block): readonly Changed[] | undefined {
  if (before.masked !== now.masked || before.slots.length !== now.slots.length) return undefined;
  const changed: Changed[] = [];
  for (const [index, slot] of now.slots.entries()) {
    const old = before.slots[index]!;
    if (old.value === slot.value) continue;
    if (slot.kind === 'number' && numberText(old.value) !== numberText(slot.value)) return undefined;
    changed.push({ kind: slot.kind, slot: index, value: slot.value, text: shown(slot) });
  }
  return changed;
}

const shown = ({ kind, label, value }: Slot): string => (kind === 'context_block' ? value : `${label}${value}`);
