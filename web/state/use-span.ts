import { useEffect, useState } from 'react';
import type { TimeBucket } from '../../src/analytics/query.ts';
import { usePlace } from './location.ts';
import { bucketFor, spanOf, type Span } from './range.ts';

/** How often "now" moves on: the span of a page is the same for all that it asks in between. */
const stepMs = 60_000;

export interface ChosenSpan {
  readonly span: Span;
  readonly bucket: TimeBucket;
  /** Epoch ms, to the minute. */
  readonly now: number;
}

/** The span of time that the address names. */
export function useSpan(): ChosenSpan {
  const { search } = usePlace();
  const [now, setNow] = useState(() => Math.floor(Date.now() / stepMs) * stepMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(Date.now() / stepMs) * stepMs), stepMs / 4);
    return () => clearInterval(timer);
  }, []);
  const span = spanOf(new URLSearchParams(search).get('range'), now);
  return { span, bucket: bucketFor(span, now), now };
}
