import { createRequire } from 'node:module';

/** Characters that are looked at: more take twice the time and make it hardly surer. */
export const maxLanguageCharacters = 240;
/** Shorter texts are no language in particular. */
export const minLanguageCharacters = 12;

type Detect = (text: string) => string;
let detect: Detect | undefined;

/** Loaded when the first text is looked at: its profiles take some memory, and most gateways ask for no language. */
const detector = (): Detect => (detect ??= (createRequire(import.meta.url)('tinyld') as { readonly detect: Detect }).detect);

/** Loads it now, which takes a tenth of a second: before calls come, for who will need it. */
export const loadLanguages = (): void => void detector();

/** ISO 639-1 language of a text; `undefined` where it is too short or like none. Code and addresses are left out of account. */
export function languageOf(text: string): string | undefined {
  const words = text
    .slice(0, 4 * maxLanguageCharacters)
    .replace(/```[\s\S]*?(?:```|$)|https?:\/\/\S+|\S*[\\/_{}<>=]\S*/g, ' ')
    .trim()
    .slice(0, maxLanguageCharacters);
  if (words.length < minLanguageCharacters && !/[\u0250-\uffff]/.test(words)) return undefined;
  return detector()(words) || undefined;
}
