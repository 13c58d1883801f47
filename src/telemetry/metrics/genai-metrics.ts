import { conventionalProvider, speaksCurrent, speaksPrevious, type Semconv } from '../names.ts';
import type { Attributes, Metric } from '../otlp/model.ts';
import { otherValue, type CallFigures, type SeriesLabel, type Series } from './call-figures.ts';
import type { Histogram } from './histogram.ts';

/** What the conventions' metrics are told apart by. */
export const genaiLabels: readonly SeriesLabel[] = ['operation', 'provider', 'request_model', 'model', 'app'];

/** The GenAI client metrics of the conventions, from figures kept by `genaiLabels`. */
export function genaiMetrics(figures: CallFigures, semconv: Semconv): readonly Metric[] {
  const all = [...figures.series].map((series) => ({ series, attributes: attributesOf(series) }));
  return [...(speaksPrevious(semconv) ? previousMetrics(all) : []), ...(speaksCurrent(semconv) ? currentMetrics(all) : [])];
}

interface Named {
  readonly series: Series;
  readonly attributes: Attributes;
}

function attributesOf({ values: [operation, provider, requestModel, model, app] }: Series): Attributes {
  const pairs: [string, string | undefined][] = [
    ['gen_ai.operation.name', operation],
    ['gen_ai.provider.name', provider === otherValue ? provider : conventionalProvider(provider ?? '')],
    ['gen_ai.request.model', requestModel],
    ['gen_ai.response.model', model],
    ['modicum.app', app],
  ];
  return pairs.flatMap(([key, value]) => (value ? [[key, value] as const] : []));
}

type Of = (series: Series) => Histogram;

const histogram = (all: readonly Named[], name: string, unit: string, description: string, of: Of, more: Attributes = []): Metric => ({
  kind: 'histogram',
  name,
  unit,
  description,
  points: points(all, of, more),
});

const points = (all: readonly Named[], of: Of, more: Attributes) =>
  all.flatMap(({ series, attributes }) => {
    const { bounds, counts, sum, count } = of(series);
    return count === 0 ? [] : [{ attributes: [...attributes, ...more], bounds, counts: [...counts], sum, count }];
  });

const duration: Of = (series) => series.duration;
const firstByte: Of = (series) => series.firstByte;
const inputTokens: Of = (series) => series.inputTokens;
const outputTokens: Of = (series) => series.outputTokens;

function previousMetrics(all: readonly Named[]): readonly Metric[] {
  const description = 'Tokens used by a call, input and output apart; cached input included.';
  return [
    {
      kind: 'histogram',
      name: 'gen_ai.client.token.usage',
      unit: '{token}',
      description,
      points: [
        ...points(all, inputTokens, [['gen_ai.token.type', 'input']]),
        ...points(all, outputTokens, [['gen_ai.token.type', 'output']]),
      ],
    },
    histogram(all, 'gen_ai.client.operation.duration', 's', 'How long a call took.', duration),
    histogram(all, 'gen_ai.client.operation.time_to_first_chunk', 's', 'How long a call took to its first byte.', firstByte),
  ];
}

function currentMetrics(all: readonly Named[]): readonly Metric[] {
  const counter = (name: string, description: string, value: (series: Series) => number): Metric => ({
    kind: 'sum',
    name: `gen_ai.client.inference.usage.${name}`,
    unit: '{token}',
    description,
    points: all.map(({ series, attributes }) => ({
      attributes: [...attributes, ['gen_ai.token.modality', 'unknown']],
      value: value(series),
    })),
  });
  return [
    counter('input_tokens', 'Input, cached or not.', ({ inputTokens: { sum } }) => sum),
    counter('output_tokens', 'Output, reasoning included.', ({ outputTokens: { sum } }) => sum),
    counter('cache_read.input_tokens', 'Input read from a prompt cache.', ({ tokens }) => tokens.cache_read),
    counter('cache_write.input_tokens', 'Input written to a prompt cache.', ({ tokens }) => tokens.cache_write),
    counter('reasoning.output_tokens', 'Output spent on reasoning.', ({ tokens }) => tokens.reasoning),
    histogram(all, 'gen_ai.client.inference.operation.input_tokens', '{token}', 'Input of a call.', inputTokens),
    histogram(all, 'gen_ai.client.inference.operation.output_tokens', '{token}', 'Output of a call.', outputTokens),
    histogram(all, 'gen_ai.client.inference.duration', 's', 'How long a call took.', duration),
    histogram(all, 'gen_ai.client.inference.time_to_first_chunk', 's', 'How long a call took to its first byte.', firstByte),
  ];
}
