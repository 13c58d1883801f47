import type { Finish, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { jsonBytes, type Bytes, type Json, type JsonObject } from '../../../core/json.ts';
import { Gathering, type GatheredPart, type GatheredReply } from '../gather.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { callPart, sealPart, thoughtPart, wholePart } from './candidate.ts';
import { encodeCitations, type PlacedCitation } from './citations.ts';
import { errorBody } from './errors.ts';
import { encodeLogprobs } from './logprobs.ts';
import { usageOf } from './usage.ts';
import { finishWords } from './words.ts';

/** One `GenerateContentResponse`. */
export function contentEncoder(client: ReplyClient): ReplyEncoder {
  const gathering = new Gathering();
  return {
    contentType: 'application/json; charset=UTF-8',
    write(event: ReplyEvent): Bytes | undefined {
      if (event.type === 'error') return jsonBytes({ error: errorBody(event.error) });
      if (event.type === 'end') return jsonBytes(response(gathering.reply(), client));
      gathering.add(event);
      return undefined;
    },
  };
}

function response({ start, parts, finishes, usage }: GatheredReply, { call, requestId }: ReplyClient): JsonObject {
  const hidden = call.reasoning?.summary === 'none';
  return {
    candidates: finishes.map((finish) =>
      candidateOf(
        finish,
        parts.filter((part) => part.candidate === finish.candidate),
        hidden,
      ),
    ),
    ...(usage && { usageMetadata: usageOf(usage) }),
    modelVersion: start.model || call.model,
    responseId: start.id || requestId,
  };
}

function candidateOf({ candidate, reason }: Finish, parts: readonly GatheredPart[], hidden: boolean): JsonObject {
  const logprobsResult = encodeLogprobs(parts.flatMap(({ logprobs }) => logprobs));
  const groundingMetadata = sourcesOf(parts);
  return {
    content: { parts: parts.flatMap((part) => partOf(part, hidden)), role: 'model' },
    finishReason: finishWords[reason],
    index: candidate,
    ...(groundingMetadata && { groundingMetadata }),
    ...(logprobsResult && { logprobsResult }),
  };
}

function partOf({ part, text, seal }: GatheredPart, hidden: boolean): readonly Json[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return text === '' ? [] : [{ text }];
    case 'reasoning':
      if (text === '' || hidden) return seal ? [sealPart(seal)] : [];
      return [thoughtPart(text, seal)];
    case 'tool-call':
      return [callPart(part, text, seal)];
    default:
      return [wholePart(part)].filter((whole) => whole !== undefined);
  }
}

function sourcesOf(parts: readonly GatheredPart[]): JsonObject | undefined {
  let said = '';
  const placed: PlacedCitation[] = [];
  for (const { part, text, citations } of parts) {
    for (const citation of citations) placed.push({ citation, offset: said.length });
    if (part.type === 'text' || part.type === 'refusal') said += text;
  }
  return encodeCitations(placed, said);
}
