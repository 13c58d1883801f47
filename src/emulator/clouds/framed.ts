import type { Json, JsonObject } from '../../core/json.ts';
import type { Step } from '../generation.ts';
import { eventFrame, exceptionFrame } from './frames.ts';
import type { CloudRoute } from './route.ts';

type Framing = NonNullable<CloudRoute['frames']>;

/** Content type of framed streams. */
export const framedType = 'application/vnd.amazon.eventstream';

/** Steps of a stream in AWS's frames: InvokeModel wraps the vendor's own events, Converse sends its own by name. */
export const framed = (steps: readonly Step[], framing: Framing): readonly Step[] =>
  steps.map((step) => ({ ...step, frame: frames[framing](step.bytes) }));

const frames: Readonly<Record<Framing, (bytes: string) => Buffer>> = {
  invoke: (event) => {
    const data = JSON.parse(/^data: (.*)$/m.exec(event)![1]!) as JsonObject;
    const told = data['type'] === 'message_stop' ? { ...data, 'amazon-bedrock-invocationMetrics': { invocationLatency: 1 } } : data;
    return eventFrame('chunk', JSON.stringify({ bytes: Buffer.from(JSON.stringify(told)).toString('base64'), p: 'abcdefgh' }));
  },
  converse: (event) => {
    const [[type, payload] = ['', {}]] = Object.entries(JSON.parse(event) as Readonly<Record<string, Json>>);
    return eventFrame(type, JSON.stringify({ ...(payload as JsonObject), p: 'abc' }));
  },
};

/** The fault of a stream that ends with an exception. */
export const exceptionEvent = (): Buffer => exceptionFrame('serviceUnavailableException', '[emulator] scripted fault error-event');
