/** A text to embed, or tokens of a tokenizer that only the model's vendor knows. */
export type EmbeddingInput =
  | {
      readonly type: 'text';
      readonly text: string;
      /** What the vector is for, in Google's words: `RETRIEVAL_QUERY`. */
      readonly task?: string;
      /** Of the document that the text is. */
      readonly title?: string;
    }
  | { readonly type: 'tokens'; readonly tokens: readonly number[] };

/** Texts to be turned into vectors, in no API's words. */
export interface EmbeddingCall {
  readonly model: string;
  /** Never empty. */
  readonly inputs: readonly EmbeddingInput[];
  readonly dimensions?: number;
  /** How the client wants to read vectors: numbers, or base64 of 32-bit floats, little-endian. */
  readonly encoding: 'float' | 'base64';
  readonly endUser?: string;
}

export interface EmbeddingReply {
  /** As the provider names it. */
  readonly model: string | undefined;
  /** One for each input, in their order. */
  readonly vectors: readonly (readonly number[])[];
  /** `undefined`: the provider did not tell. */
  readonly inputTokens: number | undefined;
}
