import type { Call } from '../core/call.ts';
import { apis, type ApiId, type Family } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import type { PromptWeights } from '../core/pipeline.ts';
import type { PartTokens } from '../core/record.ts';
import { Mark, type Outline } from '../core/scan.ts';
import { imageTokens, mediaTokens, typicalImage } from './media.ts';
import { closingTag, isRetrieved, Kind, kindOfKeys, kindOfType, partOfRole, textStart } from './prompt-shape.ts';
import { shares } from './shares.ts';
import { addKnown, addText, begin, Part, partCount, tokensOf } from './tally.ts';

/** A body in one piece, and the outline its scan made. */
export interface OutlinedBody {
  readonly body: Bytes;
  readonly outline: Outline;
}

/** The key whose list holds the conversation; without one, all of the prompt is the user's. */
const conversations: { readonly [A in ApiId]?: string } = {
  'openai.chat': 'messages',
  'openai.responses': 'input',
  'openai.responses.input_tokens': 'input',
  'anthropic.messages': 'messages',
  'anthropic.count_tokens': 'messages',
  'google.generate_content': 'contents',
  'google.count_tokens': 'contents',
};

/** Top-level members outside the conversation. `schema`: only from where a schema begins. `hidden`: names tokens the body does not hold. */
type Use = 'text' | 'schema' | 'hidden';
const besides: { readonly [F in Family]: readonly (readonly [string, number, Use])[] } = {
  openai: [
    ['tools', Part.Tools, 'text'],
    ['functions', Part.Tools, 'text'],
    ['response_format', Part.Tools, 'schema'],
    ['text', Part.Tools, 'schema'],
    ['instructions', Part.System, 'text'],
    ['previous_response_id', Part.History, 'hidden'],
    ['conversation', Part.History, 'hidden'],
  ],
  anthropic: [
    ['tools', Part.Tools, 'text'],
    ['system', Part.System, 'text'],
    ['output_config', Part.Tools, 'schema'],
    ['output_format', Part.Tools, 'schema'],
  ],
  google: [
    ['tools', Part.Tools, 'text'],
    ['systemInstruction', Part.System, 'text'],
    ['system_instruction', Part.System, 'text'],
    ['generationConfig', Part.Tools, 'schema'],
    ['generation_config', Part.Tools, 'schema'],
    ['cachedContent', Part.Retrieved, 'hidden'],
    ['cached_content', Part.Retrieved, 'hidden'],
  ],
  bedrock: [
    ['toolConfig', Part.Tools, 'text'],
    ['system', Part.System, 'text'],
  ],
};

/** Tokens of the frame around a message. */
const frameTokens = 4;
/** Bytes of JSON around a message's content, and around a tool's result, that are no prompt: keys, role, ids. */
const frameBytes = 48;
const resultFrameBytes = 64;
/** Tokens a byte of encrypted reasoning stands for, about: base64 of ciphertext of text. */
const hiddenTokensPerByte = 0.15;
/** Bytes of a member in which its schema must begin. */
export const schemaBytes = 512;

const QUOTE = 34;
const OPEN_LIST = 91;

/**
 * How much of the prompt each part is, by estimate: reads the outline and a few windows of the text, never the whole body, and does not throw.
 * At once after the scan the body still lies in the caches, so this costs a third of what it costs later.
 */
export function weighPrompt(api: ApiId, { body, outline }: OutlinedBody): PromptWeights {
  const { family } = apis[api];
  const key = conversations[api];
  begin(body.length);
  if (key === undefined) addText(Part.User, body, 0, body.length);
  const list = key === undefined ? undefined : outline.members.get(key);
  if (list) addConversation({ json: body, tape: outline.tape, family }, list.from, list.to);
  const hidden = key === undefined ? -1 : addBesides(family, body, outline);
  const byPart: number[] = [];
  for (let part = 0; part < partCount; part += 1) byPart.push(tokensOf(part));
  return { byPart, hidden };
}

/** The same of a call as it was received. */
export const weighCall = ({ api, received: { outline } }: Call): PromptWeights => weighPrompt(api, { body: outline.view, outline });

/** Shares out the input tokens a provider counted, in whole tokens that sum to `totalInput`. Zero parts are left out. `totalInput`: whole, not negative. */
export function splitTotal({ byPart, hidden }: PromptWeights, totalInput: number): PartTokens {
  if (hidden === -1) return shares(byPart, totalInput);
  let visible = 0;
  for (const weight of byPart) visible += weight;
  return shares(byPart.with(hidden, byPart[hidden]! + Math.max(0, totalInput - visible)), totalInput);
}

/** Both in one. */
export const splitParts = (api: ApiId, received: OutlinedBody, totalInput: number): PartTokens =>
  splitTotal(weighPrompt(api, received), totalInput);

interface Prompt {
  readonly json: Bytes;
  readonly tape: Int32Array;
  readonly family: Family;
}

/** Members outside the conversation. Returns the part of which some stays hidden, -1 for none. */
function addBesides(family: Family, json: Bytes, { members }: Outline): number {
  let hidden = -1;
  for (const [key, part, use] of besides[family]) {
    const member = members.get(key);
    if (!member || json[member.from] === 110 /* null */) continue;
    if (use === 'hidden') hidden = part;
    else addText(part, json, use === 'schema' ? schemaStart(json, member.from, member.to) : member.from, member.to);
  }
  return hidden;
}

function schemaStart(json: Bytes, from: number, to: number): number {
  const found = json.subarray(from, Math.min(to, from + schemaBytes)).indexOf('chema"');
  return found === -1 ? to : from + found;
}

/** The list of messages, or the one string that stands in its place. */
function addConversation(prompt: Prompt, from: number, to: number): void {
  if (prompt.json[from] !== OPEN_LIST) {
    addUserText(prompt.json, Part.User, from + 1, to - 1);
    return;
  }
  const turn = newTurn(prompt, from, to);
  for (let at = 0; at < prompt.tape.length;) {
    const start = prompt.tape[at + 1]!;
    const next = nextItem(prompt.tape, at + 3);
    if (start >= to) return;
    if (start > from) addItem(prompt, at, next, start >= turn);
    at = next;
  }
}

function nextItem(tape: Int32Array, from: number): number {
  let at = from;
  while (at < tape.length && tape[at] !== Mark.Item) at += 3;
  return at;
}

/** Where the new turn begins: after the last item that an assistant or a tool said. */
function newTurn(prompt: Prompt, from: number, to: number): number {
  const { tape } = prompt;
  for (let at = tape.length - 3, next = tape.length; at >= 0; at -= 3) {
    if (tape[at] !== Mark.Item) continue;
    if (tape[at + 1]! <= from) return from;
    const part = tape[at + 1]! < to ? partOfItem(prompt, at, next) : Part.User;
    if (part !== Part.User && part !== Part.System) return tape[at + 2]!;
    next = at;
  }
  return from;
}

/** An item's role decides, else its type; an item with neither is the user's. */
function partOfItem({ json, tape }: Prompt, item: number, next: number): number {
  let part: number = Part.User;
  for (let at = item + 3; at < next; at += 3) {
    if (tape[at] === Mark.Role) {
      const role = partOfRole(json, tape[at + 1]!);
      if (role !== -1) return role;
    } else if (tape[at] === Mark.Type) part = partOfType(json, tape[at + 1]!, tape[at + 2]!);
  }
  return part;
}

const partOfType = (json: Bytes, from: number, to: number): number => partOfKind(kindOfType(json, from, to), Part.History, Part.User);

/** The part of a kind; `speaker`: whose item it stands in, `text`: what its text counts as. */
function partOfKind(kind: number, speaker: number, text: number): number {
  if (kind === Kind.Text) return text;
  if (kind === Kind.ToolResult) return Part.ToolResults;
  if (kind === Kind.Retrieved) return Part.Retrieved;
  return kind === Kind.Tools ? Part.Tools : speaker;
}

function addItem(prompt: Prompt, item: number, next: number, isNew: boolean): void {
  const { json, tape } = prompt;
  const said = partOfItem(prompt, item, next);
  const part = said === Part.User && !isNew ? Part.History : said;
  let owner = -1; // of the frame: whoever has the first block
  let contentFrom = -1;
  let contentTo = -1;
  let kind = 0;
  for (let at = item + 3; at < next; at += 3) {
    const mark = tape[at];
    if (mark === Mark.Content) {
      if (contentFrom === -1) contentFrom = tape[at + 1]!;
      contentTo = tape[at + 2]!;
      addContent(prompt, part, said, contentFrom, contentTo);
    } else if (mark === Mark.Block) {
      const blockPart = addBlock(prompt, part, said, at);
      if (owner === -1) owner = blockPart;
    } else if (mark === Mark.Type) kind = kindOfType(json, tape[at + 1]!, tape[at + 2]!);
  }
  addKnown(owner === -1 ? part : owner, frameTokens);
  if (contentFrom === -1) addWhole(prompt, part, kind, tape[item + 1]!, tape[item + 2]!);
  else addAround(json, part, tape[item + 1]!, contentFrom, contentTo, tape[item + 2]!);
}

/** A content that is no list: a text, or an object such as a screenshot. */
function addContent({ json, family }: Prompt, part: number, said: number, from: number, to: number): void {
  if (json[from] === QUOTE) addSaid(json, part, said, from + 1, to - 1);
  else if (json[from] !== OPEN_LIST && to - from > 4) addResult(family, json, part, from, to);
}

/** What stands beside the content: tool calls, mostly. */
function addAround(json: Bytes, part: number, from: number, contentFrom: number, contentTo: number, to: number): void {
  if (contentFrom - from > frameBytes) addText(part, json, from, contentFrom);
  if (to - contentTo > frameBytes) addText(part, json, contentTo, to);
}

/** An item without content: a call, a result of another shape, reasoning, a bare string. */
function addWhole({ json, family }: Prompt, part: number, kind: number, from: number, to: number): void {
  if (json[from] === QUOTE) addUserText(json, part, from + 1, to - 1);
  else if (kind === Kind.Hidden) addKnown(part, (to - from) * hiddenTokensPerByte);
  else if (kind === Kind.Media) addKnown(Part.Media, mediaTokens(family, json, from, to));
  else addResult(family, json, part, from, to);
}

/** Returns the part the block belongs to. */
function addBlock(prompt: Prompt, part: number, said: number, at: number): number {
  const { json, tape } = prompt;
  const from = tape[at + 1]!;
  const to = tape[at + 2]!;
  if (json[from] === QUOTE) return addSaid(json, part, said, from + 1, to - 1);
  const isTyped = tape[at + 3] === Mark.BlockType;
  const kind = isTyped ? kindOfType(json, tape[at + 4]!, tape[at + 5]!) : kindOfKeys(json, from, to);
  if (kind === Kind.Text) return addSaid(json, part, said, textStart(json, from, isTyped ? tape[at + 5]! : from), to - 2);
  return addOther(prompt, part, kind, from, to);
}

/** A block that is no text. */
function addOther({ json, family }: Prompt, part: number, kind: number, from: number, to: number): number {
  switch (kind) {
    case Kind.Media:
      return addKnown(Part.Media, mediaTokens(family, json, from, to));
    case Kind.File:
    case Kind.Document:
      return addFile(family, json, kind, from, to);
    case Kind.Hidden:
      return addKnown(part, (to - from) * hiddenTokensPerByte);
    case Kind.ToolResult:
      return addResult(family, json, Part.ToolResults, Math.min(to - 1, from + resultFrameBytes), to);
    default: {
      const owner = partOfKind(kind, part, part);
      addText(owner, json, from, to);
      return owner;
    }
  }
}

/** A text of an item: the assistant's and a tool's as it is, others' may be retrieved. */
function addSaid(json: Bytes, part: number, said: number, from: number, to: number): number {
  if (said === Part.User || said === Part.System) return addUserText(json, part, from, to);
  addText(part, json, from, to);
  return part;
}

function addUserText(json: Bytes, part: number, from: number, to: number): number {
  const retrieved = isRetrieved(json, from);
  const end = !retrieved ? from : part === Part.User ? closingTag(json, from, to) : to;
  addText(Part.Retrieved, json, from, end);
  addText(part, json, end, to);
  return retrieved ? Part.Retrieved : part;
}

/** Text in which pictures may be buried, known by their base64. Where it is the model's own, base64 is a signature and counts as nothing. */
function addResult(family: Family, json: Bytes, part: number, from: number, to: number): number {
  const hasBase64 = addText(part, json, from, to);
  if (hasBase64 && part !== Part.History) addKnown(Part.Media, imageTokens(family, typicalImage));
  return part;
}

const sourceBytes = 160;
const textFile = /data:(?:text\/|application\/json)/;
const isMediaSource = /"(?:base64|url|file)"/;
/** Tokens a byte of base64 of plain text stands for. */
const encodedTextTokens = 0.75 / 4;

/** A file is retrieved text when its bytes are text, else media. */
function addFile(family: Family, json: Bytes, kind: number, from: number, to: number): number {
  const head = json.toString('latin1', from, Math.min(to, from + sourceBytes));
  if (textFile.test(head)) return addKnown(Part.Retrieved, (to - from) * encodedTextTokens);
  if (kind === Kind.File || isMediaSource.test(head)) return addKnown(Part.Media, mediaTokens(family, json, from, to));
  addText(Part.Retrieved, json, from, to);
  return Part.Retrieved;
}
