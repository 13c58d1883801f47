import { parse, type Bytes } from '../../core/json.ts';
import { anthropicMessages } from '../../protocols/translate/anthropic-messages/index.ts';
import { exceptionOf } from '../../protocols/translate/bedrock-converse/errors.ts';
import { field, parsed, text } from '../../protocols/count.ts';

/** What the frames of a stream become. */
export interface EventForm {
  /** `type`: the frame's `:event-type`. `undefined`: nothing for the client. @throws when it cannot be read */
  readonly event: (type: string, payload: Bytes) => Bytes | undefined;
  /** An exception in the stream: its name and JSON. */
  readonly exception: (name: string, payload: Bytes) => Bytes;
}

const sse = (name: string | undefined, json: string): Bytes =>
  Buffer.from(`${name === undefined ? '' : `event: ${name}\n`}data: ${oneLine(json)}\n\n`);

/** A line break would end the data. In JSON it stands between values only. */
const oneLine = (json: string): string => (/[\r\n]/.test(json) ? json.replaceAll(/[\r\n]+/g, ' ') : json);

/** InvokeModel's: each `chunk` holds an event of the model's vendor in base64, here Anthropic's. */
export const invokeEvents: EventForm = {
  event(_type, payload) {
    const bytes = field(parse<unknown>(payload), 'bytes');
    if (typeof bytes !== 'string') return undefined;
    const json = Buffer.from(bytes, 'base64');
    return sse(text(field(parse<unknown>(json), 'type')), json.toString('utf8'));
  },
  exception: (name, payload) => sse('error', anthropicMessages.encodeError(exceptionOf(name, parsed(payload)), '').body.toString('utf8')),
};

/** ConverseStream's: events under their names, exceptions with `__type`. */
export const converseEvents: EventForm = {
  event: (type, payload) => sse(undefined, `{${JSON.stringify(type)}:${payload.toString('utf8')}}`),
  exception: (name, payload) => {
    const message = text(field(parsed(payload), 'message')) ?? name;
    return sse('error', JSON.stringify({ message, __type: name }));
  },
};
