/** What changes from one run of the same thing to the next without telling anything: points in time, durations, random ids. */
const volatile = new RegExp(
  `\\b(?:${[
    /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/,
    /\d\d?:\d\d:\d\d(?:[.,]\d+)?\b/,
    /1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?\b/,
    /\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|secs?|seconds)\b/,
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/,
    /(?:0x)?(?=[a-f]*\d)[0-9a-f]{12,64}\b/,
    /(?:req|request|trace|call|run|msg|toolu)[_-](?=\w*\d)\w{6,}/,
  ]
    .map(({ source }) => source)
    .join('|')})`,
  'gi',
);

/** Numbers of a try in arguments. */
const counters = /\b(attempt|retry|retries|try|nonce|seq|request_?id|timestamp|ts)("?\s*[:=]\s*"?)[\w.-]+/gi;

/** Other numbers stay: the progress of a job is what is new in a poll. */
export const withoutVolatile = (text: string): string => text.replace(volatile, '#');

export const withoutCounters = (text: string): string => withoutVolatile(text.replace(counters, '$1$2#'));

const headChars = 400;
const tailChars = 240;
/** Longer results are read as errors only by what stands at their beginning, or by how programs print errors. */
const shortChars = 400;
const beginningChars = 160;
const words = new RegExp(
  `\\b(?:${[
    /err(?:or)?s?\b|exception|fail(?:ed|ure|s)?\b|fatal|panic|traceback|uncaught|abort(?:ed)?\b|crash/,
    /invalid|illegal|malformed|unexpected|unsupported|unknown|undefined|missing|required?\b|must\b|wrong\b/,
    /unavailable|denied|refused|rejected|forbidden|unauthori[sz]ed|blocked|expired|exceeded|conflict|cancell?ed/,
    /unable|cannot|can['’]?t\b|could ?n[o'’]t|time[ds]?[ -]?out|retry|try again|rate limit|too many/,
    /not (?:been|found|exist|valid|allowed|permitted|recogni[sz]ed|defined|installed|configured|supported|authori[sz]ed|have|a\b|an\b)/,
    /gone\b|overloaded|busy|declined|insufficient|needed|fault\b|killed|corrupt(?:ed)?|unreachable|disconnected|broken|disabled|mismatch|quota|sorry|oops/,
    /no such|doesn['’]t|don['’]t have|already exists/,
    /(?:http|status|code):?[ /:]*(?:\d\.\d )?[45]\d\d\b/,
    /exit(?:ed)?(?: with)?(?: code| status)?:? ?[1-9]/,
  ]
    .map(({ source }) => source)
    .join('|')})`,
  'i',
);
const printed =
  /\b\w*(?:Error|Exception)\b(?: \[\w+\])?\s*[:(]|\b(?:ERROR|FATAL|CRITICAL|PANIC)\b|\bE[A-Z]{3,12}\b[: ]|\bTraceback \(|\bpanicked at\b|"[Ee]rrors?"\s*:|\b(?:success|ok)"?\s*[:=]\s*false|\bis_?[Ee]rror"?\s*[:=]\s*true/;
/** What says that nothing went wrong, in the words of what goes wrong. */
const fineWords =
  /\b(?:no|0|zero) (?:errors?|failures?|failed)\b|\b(?:is_?)?(?:errors?|failed|failures?|exceptions?|missing)"?\s*[:=]\s*(?:0\b|null|false|none|no\b|\[\]|\{\}|""|'')/gi;
/** A search that finds nothing has not failed. */
const foundNothing =
  /^\W*(?:no|0|zero|none) ?(?:matching|matches|match|results?|files?|entries|data|output|rows|records|hits|items)?\b[^.:]{0,40}$/i;

function readsLikeError(text: string, ends: string): boolean {
  if (foundNothing.test(text)) return false;
  const looked = (text.length <= shortChars ? text : text.slice(0, beginningChars)).replace(fineWords, ' ');
  return words.test(looked) || printed.test(text.length <= shortChars ? looked : ends.replace(fineWords, ' '));
}

/** Numbers of an error that change without telling anything; those of a progress stay. */
const numbers = /(?<progress>\d+(?:[.,]\d+)? ?(?:%|percent|(?:of|out of|\/) ?\d+\b(?!\/)))|[\da-f]*\d[\da-f]*/g;

/** Letters that an error must have to be told from another: `exit code 1` alone says too little. */
const minLetters = 10;

/**
 * The error that a result tells, with digits, ids and times masked, so that the same error is the same text; `undefined` when it reads like none.
 * Only the beginning and the end of a long result count.
 */
export function errorIn(text: string, failed: boolean): string | undefined {
  const ends = text.length > headChars + tailChars ? `${text.slice(0, headChars)}\n${text.slice(-tailChars)}` : text;
  if (!failed && !readsLikeError(text, ends)) return undefined;
  const masked = withoutCounters(ends)
    .toLowerCase()
    .replace(numbers, (number, progress: string | undefined) => (progress === undefined ? '#' : number))
    .replace(/\s+/g, ' ')
    .trim();
  return masked.replace(/[^\p{L}]/gu, '').length < minLetters ? undefined : masked;
}
