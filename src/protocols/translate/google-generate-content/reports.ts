import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Dropped } from '../../../core/canonical/feature.ts';
import type { Part, Seal } from '../../../core/canonical/part.ts';
import type { Tool } from '../../../core/canonical/tool.ts';
import { lossesOf } from '../losses.ts';
import { parsedObject } from './arguments.ts';
import { isSystem } from './encode-contents.ts';
import { losses } from './losses.ts';
import { isKeptByGoogle } from './media.ts';
import { takesBudgets } from './thinking.ts';

/** Google takes no more. */
export const maxStops = 5;

/** All that goes lost or is changed, but for thinking. @throws {GatewayError} `invalid_request` for what cannot be carried. */
export function reportsOf(call: CanonicalCall, model: string): readonly Dropped[] {
  const told = [...lossesOf(foreign(call), losses), ...settingReports(call), ...messageReports(call, takesBudgets(model))];
  const seen = new Set<string>();
  return told.filter(({ what }) => !seen.has(what) && seen.add(what));
}

/** The call without what is Google's own, which its table would refuse. */
function foreign(call: CanonicalCall): CanonicalCall {
  const { state, ...rest } = call;
  const messages = call.messages.map((message) =>
    message.parts.some(isOwn)
      ? ({ ...message, parts: (message.parts as readonly Part[]).filter((part) => !isOwn(part)) } as typeof message)
      : message,
  );
  return { ...rest, messages, tools: call.tools.filter((tool) => !isOwnTool(tool)), ...(state && !isOwnCache(call) && { state }) };
}

const isOwn = (part: Part): boolean =>
  part.type === 'opaque' ? part.api === 'google.generate_content' : 'source' in part && isKeptByGoogle(part.source);
export const isOwnTool = (tool: Tool): boolean => tool.type === 'server' && tool.api === 'google.generate_content';
/** Decoders put the name of an explicit cache where other APIs have conversations. */
export const isOwnCache = ({ state }: CanonicalCall): boolean => state?.conversation?.includes('cachedContents/') === true;

function settingReports({ stop, metadata, serviceTier, toolChoice }: CanonicalCall): readonly Dropped[] {
  const told: Dropped[] = [];
  if (stop && stop.length > maxStops) told.push({ what: 'stop', why: `Gemini takes ${maxStops} stop sequences, the first ones are sent` });
  if (metadata && Object.keys(labelsOf(metadata)).length < Object.keys(metadata).length)
    told.push({ what: 'metadata', why: 'labels are 63 small letters, digits, - and _ at most' });
  if (serviceTier === 'auto') told.push({ what: 'service_tier', why: 'Google decides where no tier is named' });
  if (toolChoice?.type === 'allowed' && toolChoice.names.length === 0) told.push({ what: 'tool_choice.allowed', why: 'no tool was named' });
  else if (toolChoice?.type === 'allowed' && toolChoice.mode === 'required' && toolChoice.names.length === 1)
    told.push({ what: 'tool_choice.allowed', why: 'sent as the one tool that must be called' });
  return told;
}

/** Those labels that Google takes. */
export const labelsOf = (metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(metadata).filter(([key, value]) => /^[a-z][a-z0-9_-]{0,62}$/.test(key) && /^[a-z0-9_-]{0,63}$/.test(value)),
  );

function messageReports({ messages }: CanonicalCall, isOlder: boolean): readonly Dropped[] {
  const told: Dropped[] = messages.flatMap((message) => (message.parts as readonly Part[]).flatMap((part) => partReports(part, isOlder)));
  if (messages.length > 0 && messages.every(isSystem))
    told.push({ what: 'text', why: 'instructions alone are sent as a message of the user' });
  return told;
}

const otherFamily = 'of no use to another provider';
const isForeign = (seal: Seal | undefined): boolean => seal !== undefined && seal.family !== 'google';

function partReports(part: Part, isOlder: boolean): readonly Dropped[] {
  if (part.type === 'reasoning') {
    if (!isForeign(part.seal)) return part.text === '' && !part.seal ? [{ what: 'reasoning', why: 'it is empty' }] : [];
    const seal: Dropped = { what: 'reasoning.seal', why: otherFamily };
    return part.text === '' ? [seal, { what: 'reasoning', why: 'nothing of it can be read' }] : [seal];
  }
  if (part.type === 'tool-call') {
    const isObject = !part.custom && parsedObject(part.arguments) !== undefined;
    return [
      ...(isForeign(part.seal) ? [{ what: 'tool_call.seal' as const, why: otherFamily }] : []),
      ...(isObject ? [] : [{ what: 'tool_call' as const, why: 'arguments that are no object are sent inside one' }]),
    ];
  }
  const media = part.type === 'tool-result' ? part.content.flatMap((one) => (one.type === 'text' ? [] : [one.source.kind])) : [];
  if (media.includes('text')) return [{ what: 'tool_result.media', why: 'a document of plain text is sent as text' }];
  return isOlder && media.length > 0 ? [{ what: 'tool_result.media', why: 'sent beside the answer of the tool' }] : [];
}
