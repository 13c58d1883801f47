import type { Reply } from '../../core/reply.ts';
import { picker } from '../../protocols/json-scan.ts';
import { Kept } from '../../protocols/kept.ts';
import { stringOf } from '../../protocols/reader.ts';

const pickId = picker({ id: 'id', name: 'name' });
/** Bytes of a batch's description that are looked at. */
const maxDescriptionBytes = 1 << 20;

/** The same reply; `learn` hears the id of the batch it describes. */
export function learned(reply: Reply, learn: (id: string) => void): Reply {
  const kept = new Kept(maxDescriptionBytes);
  return reply.watched({
    write: (chunk) => kept.add(chunk),
    end() {
      const { found } = pickId(kept.bytes());
      const id = stringOf(found.name?.[0] ?? found.id?.[0]);
      if (id !== undefined) learn(id);
    },
  });
}
