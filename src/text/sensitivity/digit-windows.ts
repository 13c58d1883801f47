/** A piece of a text, from `from` up to `to`. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Letters of a number that may stand before its first digit, and between its groups of digits. */
const reach = 12;
/** How far a word is followed to its end. */
const maxWord = 64;
/** Numbers of people and addresses of machines have at least this many digits. */
const minDigits = 4;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isAlphanumeric = (code: number): boolean => isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** Where digits stand close to each other: the only places worth a closer look. Windows begin and end between words, and do not overlap. */
export function digitWindows(text: string): readonly Window[] {
  const windows: Window[] = [];
  let from = -1;
  let last = -1;
  let digits = 0;
  const close = (): void => {
    if (digits >= minDigits) windows.push(widened(text, from, last + 1, windows.at(-1)?.to ?? 0));
  };
  for (let at = 0; at < text.length; at += 1) {
    if (!isDigit(text.charCodeAt(at))) continue;
    if (from === -1 || at - last > reach) {
      close();
      from = at;
      digits = 0;
    }
    digits += 1;
    last = at;
  }
  close();
  return windows;
}

function widened(text: string, from: number, to: number, min: number): Window {
  let start = Math.max(min, from - reach);
  for (let step = 0; step < maxWord && start > min && isAlphanumeric(text.charCodeAt(start - 1)); step += 1) start -= 1;
  let end = Math.min(text.length, to + reach);
  for (let step = 0; step < maxWord && end < text.length && isAlphanumeric(text.charCodeAt(end)); step += 1) end += 1;
  return { from: start, to: end };
}
