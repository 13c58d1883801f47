import type { Message, SystemMessage, ToolMessage } from '../../../core/canonical/message.ts';
import type { AssistantPart, Seal, TextPart, ToolCallPart, ToolResultPart, UserPart } from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { argumentsOf } from '../custom-tool.ts';
import { parsedObject } from './arguments.ts';
import { encodeMedia } from './media.ts';
import { signatureOf, unsigned } from './signature.ts';
import { takesBudgets } from './thinking.ts';

export interface EncodedContents {
  readonly systemInstruction: JsonObject | undefined;
  readonly contents: readonly Json[];
}

/** Messages whose tool answers know their names, stand right behind their calls and are one message a turn. */
export function encodeContents(messages: readonly Message[], model: string): EncodedContents {
  const first = messages.findIndex((message) => !isSystem(message));
  const leading = messages.slice(0, first === -1 ? messages.length : first).filter(isSystem);
  const instructions = leading.flatMap(({ parts }) => parts.map(textPart));
  const contents = messages.slice(leading.length).flatMap((message) => encodeMessage(message, model));
  // Without a message of the user Gemini refuses a call.
  if (first === -1 && instructions.length > 0) return { systemInstruction: undefined, contents: [{ role: 'user', parts: instructions }] };
  return { systemInstruction: instructions.length > 0 ? { parts: instructions } : undefined, contents };
}

export const isSystem = (message: Message): message is SystemMessage => message.role === 'system' || message.role === 'developer';

const textPart = ({ text }: { readonly text: string }): JsonObject => ({ text });

function encodeMessage(message: Message, model: string): readonly Json[] {
  switch (message.role) {
    case 'user':
      return content('user', message.parts.flatMap(userPart));
    case 'assistant':
      return content('model', modelParts(message.parts, !takesBudgets(model)));
    case 'tool':
      return content('user', takesBudgets(model) ? olderResults(message) : message.parts.map((part) => resultPart(part, mediaOf(part))));
    default:
      return content('user', message.parts.map(laterInstruction));
  }
}

/** Google refuses a content without parts. */
const content = (role: string, parts: readonly JsonObject[]): readonly Json[] => (parts.length === 0 ? [] : [{ role, parts }]);

const laterInstruction = ({ text }: TextPart): JsonObject => ({ text: `<system>\n${text}\n</system>` });

function userPart(part: UserPart): readonly JsonObject[] {
  if (part.type === 'text') return [textPart(part)];
  if (part.type !== 'opaque') return [encodeMedia(part)];
  return part.api === 'google.generate_content' ? [part.value as JsonObject] : [];
}

/** `signs`: the first function call of a turn must have a signature. */
function modelParts(parts: readonly AssistantPart[], signs: boolean): readonly JsonObject[] {
  const draft: JsonObject[] = [];
  let calls = 0;
  for (const part of parts) {
    if (part.type === 'reasoning' && part.text === '') sign(draft, own(part.seal));
    else draft.push(...modelPart(part, signs && part.type === 'tool-call' && calls++ === 0));
  }
  return draft;
}

function modelPart(part: AssistantPart, mustSign: boolean): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [textPart(part)];
    case 'reasoning':
      return [{ text: part.text, thought: true, ...signed(own(part.seal)) }];
    case 'tool-call':
      return [{ functionCall: functionCall(part), ...signed(own(part.seal) ?? (mustSign ? unsigned : undefined)) }];
    case 'opaque':
      return part.api === 'google.generate_content' ? [part.value as JsonObject] : [];
    default:
      return [encodeMedia(part)];
  }
}

/** Only seals of Google's own mean something to Gemini. */
const own = (seal: Seal | undefined): string | undefined => (seal?.family === 'google' ? signatureOf(seal) : undefined);
const signed = (thoughtSignature: string | undefined): JsonObject => (thoughtSignature === undefined ? {} : { thoughtSignature });

/** A signature without a thought belongs to the part before it, or stands on an empty text. */
function sign(draft: JsonObject[], signature: string | undefined): void {
  if (signature === undefined) return;
  const last = draft.at(-1);
  const takes = last && !('thought' in last) && !('thoughtSignature' in last) && ('text' in last || 'inlineData' in last);
  if (takes) draft[draft.length - 1] = { ...last, thoughtSignature: signature };
  else draft.push({ text: '', thoughtSignature: signature });
}

function functionCall({ id, name, arguments: text, custom }: ToolCallPart): JsonObject {
  return { id, name, args: parsedObject(custom ? argumentsOf(text) : text) ?? { value: text } };
}

function resultPart({ callId, name, content: all, isError }: ToolResultPart, media: readonly JsonObject[]): JsonObject {
  const said = all.flatMap((part) => (part.type === 'text' ? [part.text] : part.source.kind === 'text' ? [part.source.text] : []));
  return {
    functionResponse: {
      id: callId,
      name: name ?? callId,
      response: { [isError ? 'error' : 'output']: said.join('\n\n') },
      ...(media.length > 0 && { parts: media }),
    },
  };
}

const mediaOf = ({ content: all }: ToolResultPart): readonly JsonObject[] =>
  all.flatMap((part) => (part.type === 'text' || part.source.kind === 'text' ? [] : [encodeMedia(part)]));

/** Models up to 2.5 take media beside the answers of tools, not inside. */
const olderResults = ({ parts }: ToolMessage): readonly JsonObject[] => [
  ...parts.map((part) => resultPart(part, [])),
  ...parts.flatMap((part) => {
    const media = mediaOf(part);
    return media.length === 0 ? [] : [{ text: `From the tool call ${part.callId}:` }, ...media];
  }),
];

/** Answers of tools right behind the calls they answer: what instructions stood between go behind them. */
export function withAnswersFirst(messages: readonly Message[]): readonly Message[] {
  const settled: Message[] = [];
  for (const message of messages) settled.splice(message.role === 'tool' ? placeOf(settled, message) : settled.length, 0, message);
  return settled;
}

function placeOf(settled: readonly Message[], { parts }: ToolMessage): number {
  let at = settled.length;
  while (at > 0 && isSystem(settled[at - 1]!)) at--;
  const asked = settled.findLast(({ role }, place) => place < at && role !== 'tool');
  const answers = asked?.role === 'assistant' && asked.parts.some((part) => part.type === 'tool-call' && part.id === parts[0]?.callId);
  return answers ? at : settled.length;
}
