import type { ApiId } from '../../core/api.ts';
import type { Flow } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import { disjoint, type Finding } from '../../text/sensitivity/finding.ts';
import { redactionOf, replaced } from '../../text/sensitivity/replace.ts';
import type { Rewriter, TextRewriter } from './channels.ts';
import { rewriteReply } from './rewrite-reply.ts';

interface Redacting {
  readonly api: ApiId;
  readonly find: (text: string) => readonly Finding[];
}

/**
 * A whole reply, body or stream, with what `find` finds taken out, also where a value is cut across events: it is read twice, first for the texts that
 * go on from event to event, then to change their pieces.
 */
export function redactReply(body: Bytes, { api, find }: Redacting): Bytes {
  const isDocument = /^\s*[{[]/.test(body.toString('latin1', 0, 64));
  const options = {
    api,
    contentType: isDocument ? 'application/json' : 'text/event-stream',
    maxEventBytes: Infinity,
    maxBodyBytes: Infinity,
  };
  const texts: { text: string }[] = [];
  read(rewriteReply(flowOf(body), { whole: (text) => text, pieces: () => collecting(texts) }, options));
  const whole: Rewriter['whole'] = (text) => replaced(text, find(text), redactionOf);
  const left = texts.map(({ text }) => redacting(find(text)));
  return read(rewriteReply(flowOf(body), { whole, pieces: () => left.shift() ?? asItIs }, options));
}

const asItIs: TextRewriter = { write: (piece) => piece, end: () => '' };

function collecting(texts: { text: string }[]): TextRewriter {
  const own = { text: '' };
  texts.push(own);
  return {
    write: (piece) => {
      own.text += piece;
      return piece;
    },
    end: () => '',
  };
}

/** Changes the pieces of a text whose findings are known: the mark stands where a value begins. */
function redacting(found: readonly Finding[]): TextRewriter {
  const findings = disjoint(found);
  let at = 0;
  return {
    write(piece) {
      const from = at;
      at += piece.length;
      let kept = from;
      let result = '';
      for (const finding of findings) {
        if (finding.to <= from || finding.from >= at) continue;
        if (finding.from >= from) result += piece.slice(kept - from, finding.from - from) + redactionOf(finding);
        kept = Math.min(at, finding.to);
      }
      return result + piece.slice(kept - from);
    },
    end: () => '',
  };
}

const flowOf = (body: Bytes): Flow => ({
  to(sink) {
    sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
    sink.write(body);
    sink.end();
  },
});

function read(flow: Flow): Bytes {
  const chunks: Bytes[] = [];
  flow.to({ open: () => {}, write: (chunk) => void chunks.push(chunk), end: () => {} });
  return Buffer.concat(chunks);
}
