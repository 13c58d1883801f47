import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';

/** A paragraph of the question that stands in the answer as it is must be this long. */
export const echoChars = 200;
/** Less than this share of an answer is not worth a word. */
const minShare = 0.15;
/** Shorter answers are not looked at. */
const minAnswerChars = 120;

const opening =
  /^\s*(?:(?:certainly|sure|of course|absolutely|great question|great|happy to help|i'd be happy to)\b[^\n]{0,200}?[.!:]\s+)+/i;
const closing =
  /(?:\s*(?:i hope (?:this|that) helps|let me know if|please let me know|feel free to|if you (?:have|need) any (?:other|further|more|additional)|is there anything else)\b[^\n]{0,300}?[.!?](?=\s|$))+\s*$/i;

/** Phrases around the answer, and parts of the question that are said again. */
export function verboseOutputs(book: FindingBook): Finder {
  return {
    see({ call, kinds, rates, layout }) {
      const text = call.reply?.text ?? '';
      if (!rates || text.length < minAnswerChars || kinds.output === 0) return false;
      const asked = layout?.items.findLast(({ part }) => part === 'user')?.heard ?? '';
      const phrases = (opening.exec(text)?.[0].length ?? 0) + (closing.exec(text)?.[0].length ?? 0);
      const said = [
        { subject: 'phrases around the answer', chars: phrases },
        { subject: 'parts of the question said again', chars: echoed(text, asked) },
      ];
      for (const { subject, chars } of said) {
        const share = chars / text.length;
        if (share < minShare) continue;
        const terms = [{ what: 'output', model: call.model, tokens: share * kinds.output, rate: rates.output }];
        book.add({ kind: 'verbose_output', app: call.app, subject, where: call.where, terms });
      }
      return false;
    },
    end: () => {},
  };
}

/** Characters of long paragraphs that stand in the question too. */
function echoed(text: string, asked: string): number {
  if (asked.length < echoChars) return 0;
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph.length >= echoChars && asked.includes(paragraph))
    .reduce((sum, paragraph) => sum + paragraph.length, 0);
}
