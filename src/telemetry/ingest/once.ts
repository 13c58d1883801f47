import { Recent } from '../../core/recent.ts';
import { textOf } from './aliases.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import type { InboundSpan } from './inbound.ts';
import { modelCallOf } from './model-call.ts';

/** A span that is a call of a model, to be recorded. */
export interface CountedSpan {
  readonly span: InboundSpan;
  readonly operation: NonNullable<ReturnType<typeof modelCallOf>>;
}

export interface Sorted {
  readonly counted: readonly CountedSpan[];
  /** Model calls left out: the call is in the ledger already, by the gateway, by an inner span, or by the same span sent before. */
  readonly duplicates: number;
}

const keyOf = (traceId: string, spanId: string): string => traceId + spanId;
/** Clocks of client and gateway may differ by this much. */
const skewMs = 2000;

/** Spans remembered at most. */
const maxRememberedSpans = 65_536;

/**
 * Chooses the spans to record, so that each call is recorded once: the innermost of nested spans, and none whose call passed the gateway.
 * An inner span ends, and is sent, before the outer one; what lies above a call is remembered for spans that come later.
 */
export class CountOnce {
  readonly #calls: GatewayCalls;
  /** Spans that have a call of a model below them. */
  readonly #above: Recent<string>;
  /** Spans recorded. */
  readonly #taken: Recent<string>;

  constructor(calls: GatewayCalls, limit = maxRememberedSpans) {
    this.#calls = calls;
    this.#above = new Recent<string>(limit);
    this.#taken = new Recent<string>(limit);
  }

  sort(spans: readonly InboundSpan[]): Sorted {
    const batch = new Map(spans.map((span) => [keyOf(span.traceId, span.spanId), span]));
    const unique = [...batch.values()];
    const found = unique.flatMap((span) => {
      const operation = modelCallOf(span);
      return operation ? [{ span, operation }] : [];
    });
    for (const span of unique) this.#placeCalls(span, batch);
    for (const { span } of found) this.#markAbove(span, batch);
    // What an earlier request has marked goes on upwards.
    for (const span of unique) if (this.#isAbove(span)) this.#markAbove(span, batch);
    const counted = found.filter(({ span }) => this.#isNew(span));
    for (const { span } of counted) this.#taken.set(keyOf(span.traceId, span.spanId), true);
    return { counted, duplicates: found.length - counted.length };
  }

  /** A call of the gateway hangs below the span its client named as parent. */
  #placeCalls(span: InboundSpan, batch: ReadonlyMap<string, InboundSpan>): void {
    for (const call of this.#calls.ofTrace(span.traceId)) {
      if (call.parentId !== span.spanId) continue;
      call.isPlaced = true;
      this.#above.set(keyOf(span.traceId, span.spanId), true);
      this.#markAbove(span, batch);
    }
  }

  #markAbove(span: InboundSpan, batch: ReadonlyMap<string, InboundSpan>): void {
    const { traceId } = span;
    const path = new Set<string>();
    for (let { parentId } = span; parentId !== undefined; parentId = batch.get(keyOf(traceId, parentId))?.parentId) {
      const key = keyOf(traceId, parentId);
      if (path.has(key)) return; // parents that go round in circles
      path.add(key);
      this.#above.set(key, true);
    }
  }

  #isAbove = ({ traceId, spanId }: InboundSpan): boolean => this.#above.has(keyOf(traceId, spanId));

  #isNew(span: InboundSpan): boolean {
    if (this.#isAbove(span) || this.#taken.has(keyOf(span.traceId, span.spanId))) return false;
    const { attributes } = span;
    if (this.#calls.hasRequest(textOf(attributes, 'requestId')) || this.#calls.hasResponse(textOf(attributes, 'responseId'))) return false;
    return !this.#standsFor(span);
  }

  /** A call of the same trace that no span was found above: where only some spans are sent, the one of the same model and time is it. */
  #standsFor({ traceId, startMs, endMs, attributes }: InboundSpan): boolean {
    const model = textOf(attributes, 'requestModel');
    const call = this.#calls
      .ofTrace(traceId)
      .find(({ isPlaced, at, requestModel }) => !isPlaced && at >= startMs - skewMs && at <= endMs + skewMs && requestModel === model);
    if (call) call.isPlaced = true;
    return call !== undefined;
  }
}
