/** Characters of an answer that are kept to count places in it; beyond, citations have no places. */
export const maxSaidLength = 256 << 10;

/** The text of each candidate so far, kept only because Google counts places in bytes of it. */
export class Said {
  readonly #texts = new Map<number, { pieces: string[]; length: number }>();

  add(candidate: number, text: string): void {
    const kept = this.#texts.get(candidate);
    if (!kept) this.#texts.set(candidate, { pieces: [text], length: text.length });
    else {
      kept.length += text.length;
      if (kept.length > maxSaidLength) kept.pieces = [];
      else kept.pieces.push(text);
    }
  }

  length(candidate: number): number {
    return this.#texts.get(candidate)?.length ?? 0;
  }

  /** `undefined`: it was too long to keep. */
  text(candidate: number): string | undefined {
    const kept = this.#texts.get(candidate);
    return kept && kept.length <= maxSaidLength ? kept.pieces.join('') : undefined;
  }
}
