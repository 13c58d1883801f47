import type { PromptPart } from '../../src/core/record.ts';

/** The compiler holds the table to the record's own parts. */
export const partNames: { readonly [P in PromptPart]: string } = {
  system: 'System prompt',
  tools: 'Tool definitions',
  history: 'History',
  retrieved: 'Retrieved',
  toolResults: 'Tool results',
  media: 'Media',
  user: 'New turn',
};

/** In the order in which they are told. */
export const promptParts = Object.keys(partNames) as readonly PromptPart[];

export const partColor = (part: PromptPart): string => `var(--part-${part})`;
