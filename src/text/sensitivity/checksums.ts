/** Digits of a text, everything else left out. */
export const digitsOf = (text: string): string => text.replaceAll(/\D/g, '');

const digit = (digits: string, at: number): number => digits.charCodeAt(at) - 48;
const weighted = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * digit(digits, at), 0);
const isRepeated = (digits: string): boolean => digits.length > 1 && digits.split(digits[0]!).join('') === '';

/** ISO/IEC 7812: payment cards, and the Canadian SIN. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, doubled = false; at >= 0; at -= 1, doubled = !doubled) {
    const value = digit(digits, at) * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 97-10 over digits and letters (A is 10): 1 for an IBAN whose first four characters were moved to its end. */
export function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

const verhoeffProduct = (a: number, b: number): number => {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
};
const verhoeffStep = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** The dihedral check of Verhoeff: India's Aadhaar. */
export function isVerhoeff(digits: string): boolean {
  let check = 0;
  for (let at = 0; at < digits.length; at += 1) {
    let value = digit(digits, digits.length - 1 - at);
    for (let turn = at % 8; turn > 0; turn -= 1) value = verhoeffStep[value]!;
    check = verhoeffProduct(check, value);
  }
  return check === 0;
}

/** Steueridentifikationsnummer: 11 digits, ISO/IEC 7064 MOD 11,10; of the first ten one digit stands twice or three times, the others once at most. */
export function isGermanTaxId(digits: string): boolean {
  if (digits.length !== 11 || digits[0] === '0' || !hasOneRepeatedDigit(digits.slice(0, 10))) return false;
  let product = 10;
  for (let at = 0; at < 10; at += 1) {
    const sum = (digit(digits, at) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return (11 - product) % 10 === digit(digits, 10);
}

function hasOneRepeatedDigit(digits: string): boolean {
  const counts = Array.from({ length: 10 }, (_, value) => String(value)).map((value) => digits.split(value).length - 1);
  return counts.filter((count) => count > 1).length === 1 && Math.max(...counts) <= 3;
}

/** French NIR: 13 characters and a key of two digits; Corsican departments 2A and 2B count as 19 and 18. */
export function isFrenchNir(text: string): boolean {
  const match = /^([1-478]\d{2}(?:0[1-9]|1[0-2]|[2-4]\d|5[0]|[6-9]\d)(?:\d{2}|2[AB])\d{6})(\d{2})$/.exec(text);
  if (!match) return false;
  const number = BigInt(match[1]!.replace('2A', '19').replace('2B', '18'));
  return 97 - Number(number % 97n) === Number(match[2]);
}

const dniLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Spanish DNI (8 digits and a letter) and NIE (X, Y or Z, 7 digits and a letter). */
export function isSpanishDni(text: string): boolean {
  const number = text.slice(0, -1).replace('X', '0').replace('Y', '1').replace('Z', '2');
  return dniLetters[Number(number) % 23] === text.at(-1);
}

const oddValues = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Italian codice fiscale, in upper case: the last letter checks the 15 before it. */
export function isCodiceFiscale(text: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at += 1) {
    const code = text.charCodeAt(at);
    const value = code >= 65 ? code - 65 : code - 48;
    sum += at % 2 === 0 ? oddValues[value]! : value;
  }
  return 65 + (sum % 26) === text.charCodeAt(15);
}

/** Dutch BSN: the test of eleven over 9 digits. */
export const isBsn = (digits: string): boolean =>
  digits.length === 9 && !isRepeated(digits) && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

/** Brazilian CPF: 11 digits, the last two check the others. */
export function isCpf(digits: string): boolean {
  if (digits.length !== 11 || isRepeated(digits)) return false;
  const check = (length: number): number =>
    ((weighted(
      digits,
      Array.from({ length }, (_, at) => length + 1 - at),
    ) *
      10) %
      11) %
    10;
  return check(9) === digit(digits, 9) && check(10) === digit(digits, 10);
}

/** Resident identity number of China, GB 11643: place, date of birth, sequence and a check that may be X. */
export function isChineseResidentId(text: string): boolean {
  const sum = weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  return '10X98765432'[sum % 11] === text[17]!.toUpperCase() && isDate(text.slice(6, 10), text.slice(10, 12), text.slice(12, 14));
}

/** Polish PESEL: a date of birth whose month tells the century, a sequence and a check. */
export function isPesel(digits: string): boolean {
  if (digits.length !== 11 || weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 !== 0) return false;
  const month = Number(digits.slice(2, 4));
  const year = [1900, 2000, 2100, 2200, 1800][Math.floor(month / 20)]! + Number(digits.slice(0, 2));
  return isDate(String(year), String(month % 20), digits.slice(4, 6));
}

/** Resident registration number of Korea: 13 digits, the last checks the others. Numbers given since October 2020 need not hold it. */
export function isKoreanRrn(digits: string): boolean {
  const check = (11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10;
  const since = Number(digits.slice(0, 4)) >= 2010 && Number(digits[6]) >= 3 && Number(digits[6]) <= 4;
  const century = '90'.includes(digits[6]!) ? '18' : '1256'.includes(digits[6]!) ? '19' : '20';
  return isDate(century + digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)) && (since || check === digit(digits, 12));
}

/** US Social Security number: no check digit, but numbers that were never given out. */
export const isSsn = (digits: string): boolean =>
  digits.length === 9 &&
  !/^(?:000|666|9)/.test(digits) &&
  digits.slice(3, 5) !== '00' &&
  digits.slice(5) !== '0000' &&
  !isRepeated(digits) &&
  digits !== '123456789' &&
  digits !== '078051120'; // printed on a wallet card in 1938, and copied ever since

/** A day that exists, from 1800 to 2299. */
export function isDate(year: string, month: string, day: string): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  return y >= 1800 && y < 2300 && m >= 1 && m <= 12 && d >= 1 && d <= new Date(Date.UTC(y, m, 0)).getUTCDate();
}
