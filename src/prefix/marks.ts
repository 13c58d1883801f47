import type { Call } from '../core/call.ts';
import type { Bytes } from '../core/json.ts';
import { child, edited, tryTree, type Edit, type Node } from './json-tree.ts';

const key = 'cache_control';
/** Whether JSON has a mark for the cache anywhere. */
export const hasMark = (json: string | Bytes): boolean => json.includes(`"${key}"`);

/** Members of a request in which a client marks its prompt; the first is itself a mark. */
export const markedMembers = [key, 'tools', 'system', 'messages'] as const;

/** Whether a client marks its prompt for the cache. */
export const isMarkedCall = (call: Pick<Call, 'json'>): boolean =>
  markedMembers.some((member) => {
    const json = call.json(member);
    return json !== undefined && (member === key || hasMark(json));
  });

/** The JSON with the cache marks of `now` at the same blocks, and no others: a client's marks wander, the bytes between them stay. `undefined`: the blocks are not the same. */
export function withMarksOf(json: string, now: string): string | undefined {
  if (!hasMark(json) && !hasMark(now)) return json;
  const bare = withoutMarks(json);
  const [to, from] = [tryTree(bare), tryTree(now)];
  const edits: Edit[] = [];
  return to && from && carry(to, from, now, edits) ? edited(bare, edits) : undefined;
}

/** The JSON without its marks. */
export function withoutMarks(json: string): string {
  const tree = hasMark(json) ? tryTree(json) : undefined;
  if (!tree) return json;
  const edits: Edit[] = [];
  remove(tree, edits);
  return edited(json, edits);
}

const places = (node: Node): readonly Node[] => {
  if (node.kind === 'list') return node.elements;
  const content = child(node, 'content') ?? child(node, 'parts');
  return content?.kind === 'list' ? content.elements : [];
};

function remove(node: Node, edits: Edit[]): void {
  if (node.kind === 'object') {
    const index = node.members.findIndex((member) => member.key === key);
    const [before, member, after] = [node.members[index - 1], node.members[index], node.members[index + 1]];
    if (member)
      edits.push(before ? { from: before.to, to: member.to, text: '' } : { from: member.from, to: after?.from ?? member.to, text: '' });
  }
  for (const place of places(node)) remove(place, edits);
}

/** False when a mark has no block to stand at. */
function carry(to: Node, from: Node, now: string, edits: Edit[]): boolean {
  const mark = child(from, key);
  if (mark && to.kind !== 'object') return false;
  if (mark && to.kind === 'object') {
    const at = to.members.at(-1)?.to ?? to.from + 1;
    edits.push({ from: at, to: at, text: `${to.members.length > 0 ? ',' : ''}"${key}":${now.slice(mark.from, mark.to)}` });
  }
  const [targets, sources] = [places(to), places(from)];
  return sources.every((source, index) =>
    targets[index] ? carry(targets[index], source, now, edits) : !hasMark(now.slice(source.from, source.to)),
  );
}
