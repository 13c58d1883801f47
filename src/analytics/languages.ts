import type { Answer, Query } from './query.ts';

/**
 * Tokens of the same content against English, by language: 240 paragraphs of XQuAD, which exist in all of them, counted by o200k_base. Measured in
 * the project's own study of context selection; a text of another kind may differ by a tenth or so.
 */
export const tokensAgainstEnglish: Readonly<Record<string, number>> = {
  en: 1,
  zh: 1.2,
  es: 1.23,
  de: 1.27,
  ar: 1.34,
  tr: 1.38,
  ru: 1.41,
  vi: 1.42,
  hi: 1.52,
  ro: 1.55,
  th: 1.93,
  el: 1.99,
};

export interface LanguageRow {
  /** ISO 639-1; `null`: not known. */
  readonly language: string | null;
  readonly calls: number;
  readonly totalTokens: number;
  /** Exact decimal; `null`: unknown. */
  readonly costUsd: string | null;
  /** Tokens of the same content against English; `null`: not measured for the language. */
  readonly factor: number | null;
  /** What the same content would be in English, about. */
  readonly englishTokens: number | null;
  /** The share of the tokens, and so of the money, that is due to the language. */
  readonly dueToLanguage: number | null;
}

/** The question that `languageRows` reads the answer of. */
export const languageQuery = (over: Pick<Query, 'from' | 'to' | 'filters'>): Query => ({
  ...over,
  measures: ['totalTokens', 'calls', 'costUsd'],
  dimensions: ['language'],
});

/** Tokens and cost by language, against the size of the same content in English. */
export const languageRows = ({ rows }: Answer): readonly LanguageRow[] =>
  rows.map(({ keys: [language = null], values: [tokens, calls, costUsd] }) => {
    const factor = language === null ? null : (tokensAgainstEnglish[language] ?? null);
    return {
      language,
      calls: Number(calls),
      totalTokens: Number(tokens),
      costUsd: costUsd as string | null,
      factor,
      englishTokens: factor === null ? null : Math.round(Number(tokens) / factor),
      dueToLanguage: factor === null ? null : 1 - 1 / factor,
    };
  });
