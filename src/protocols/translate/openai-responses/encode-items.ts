import type { MediaSource } from '../../../core/canonical/media.ts';
import type { AssistantMessage, Message, SystemMessage, UserMessage } from '../../../core/canonical/message.ts';
import type {
  AssistantPart,
  FilePart,
  ImagePart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { dataUrl } from '../data-url.ts';
import { refused } from '../losses.ts';

/** The list of `input`. */
export const inputItems = (messages: readonly Message[]): readonly Json[] => messages.flatMap(itemsOf);

function itemsOf(message: Message): readonly Json[] {
  switch (message.role) {
    case 'user':
      return userItems(message);
    case 'assistant':
      return assistantItems(message);
    case 'tool':
      return message.parts.map(resultItem);
    default:
      return [instructionItem(message)];
  }
}

const inputText = ({ text }: { readonly text: string }): JsonObject => ({ type: 'input_text', text });

const instructionItem = ({ role, parts }: SystemMessage): Json => ({ type: 'message', role, content: parts.map(inputText) });

function userItems({ role, parts }: UserMessage): readonly Json[] {
  const content = parts.flatMap(userPart);
  const own = parts.flatMap(ownItem);
  return content.length === 0 && own.length > 0 ? own : [{ type: 'message', role, content }, ...own];
}

function userPart(part: UserPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'image':
    case 'file':
      return [inputPart(part)];
    default:
      return []; // refused or dropped by the table
  }
}

function inputPart(part: TextPart | ImagePart | FilePart): JsonObject {
  if (part.type === 'text') return inputText(part);
  return part.type === 'image' ? imagePart(part) : filePart(part);
}

function imagePart({ source, detail }: ImagePart): JsonObject {
  if (source.kind === 'file') return { type: 'input_image', file_id: source.id, detail };
  if (source.kind === 'text') throw refused('image.data', 'an image is no text');
  return { type: 'input_image', image_url: source.kind === 'url' ? source.url : dataUrl(source.mediaType, source.data), detail };
}

const filePart = ({ source, name }: FilePart): JsonObject => ({ type: 'input_file', ...fileSource(source, name) });

/** Bytes need a name: what a document is, is told by its ending too. */
function fileSource(source: MediaSource, filename: string | undefined): JsonObject {
  if (source.kind === 'url') return { file_url: source.url, filename };
  if (source.kind === 'file') return { file_id: source.id, filename };
  if (source.kind === 'data') return { file_data: dataUrl(source.mediaType, source.data), filename: filename ?? 'document.pdf' };
  const text = Buffer.from(source.text).toString('base64');
  return { file_data: dataUrl('text/plain', text), filename: filename ?? 'document.txt' };
}

/** Texts that follow each other are one message; the other parts are items of their own. */
function assistantItems({ parts }: AssistantMessage): readonly Json[] {
  const items: Json[] = [];
  let said: JsonObject[] = [];
  const close = (): void => {
    if (said.length > 0) items.push({ type: 'message', role: 'assistant', content: said });
    said = [];
  };
  for (const part of parts) {
    if (part.type === 'text') said.push({ type: 'output_text', text: part.text });
    else if (part.type === 'refusal') said.push({ type: 'refusal', refusal: part.text });
    else {
      close();
      items.push(...assistantItem(part));
    }
  }
  close();
  return items;
}

function assistantItem(part: AssistantPart): readonly Json[] {
  if (part.type === 'tool-call') return [callItem(part)];
  return part.type === 'reasoning' ? reasoningItem(part) : ownItem(part);
}

/** An opaque part goes to its own API only. */
const ownItem = (part: UserPart | AssistantPart): readonly Json[] =>
  part.type === 'opaque' && part.api === 'openai.responses' ? [part.value] : [];

function callItem({ id, name, arguments: text, custom }: ToolCallPart): Json {
  if (custom) return { type: 'custom_tool_call', call_id: id, name, input: text };
  return { type: 'function_call', call_id: id, name, arguments: text };
}

/** Whether OpenAI takes up a thought of earlier: one that its own model has encrypted. */
export const isOwnThought = ({ seal }: ReasoningPart): boolean => seal?.family === 'openai' && seal.kind === 'encrypted';

function reasoningItem(part: ReasoningPart): readonly Json[] {
  const { seal, text, paragraphs = text === '' ? [] : [text] } = part;
  if (!seal || !isOwnThought(part)) return [];
  const summary = paragraphs.map((paragraph) => ({ type: 'summary_text', text: paragraph }));
  return [{ type: 'reasoning', id: seal.id, summary, encrypted_content: seal.data }];
}

function resultItem({ callId, content, custom }: ToolResultPart): Json {
  const [only] = content;
  const output = content.length === 0 ? '' : content.length === 1 && only?.type === 'text' ? only.text : content.map(inputPart);
  return { type: custom ? 'custom_tool_call_output' : 'function_call_output', call_id: callId, output };
}
