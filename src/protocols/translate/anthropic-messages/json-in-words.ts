/** What the model is told when an answer shall be JSON of no certain schema. Decoders know it again. */
export const jsonInWords = 'Answer with one JSON object and nothing else: no other words, no code fence.';
