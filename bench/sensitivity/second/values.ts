import { chars, digits, pick, type Random } from '../random.ts';

/** Values that nobody has, each right by its own check digits: reckoned here again, not by the code that is measured. */
export const values: Readonly<Record<string, (random: Random) => string>> = {
  aws_key: (random) => `${pick(random, ['AKIA', 'ASIA'])}${chars(random, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
  gcp_key: (random) => `AIza${chars(random, 35, `${alphanumeric}_-`)}`,
  azure_key: (random) => `${chars(random, 86, `${alphanumeric}+/`)}==`,
  github_token: (random) =>
    pick(random, [
      `ghp_${chars(random, 36, alphanumeric)}`,
      `github_pat_${chars(random, 22, alphanumeric)}_${chars(random, 59, alphanumeric)}`,
    ]),
  gitlab_token: (random) => `glpat-${chars(random, 20, `${alphanumeric}_-`)}`,
  slack_token: (random) => `xoxb-${digits(random, 12)}-${digits(random, 13)}-${chars(random, 24, alphanumeric)}`,
  stripe_key: (random) => `${pick(random, ['sk', 'rk'])}_live_${chars(random, 24, alphanumeric)}`,
  openai_key: (random) => `sk-proj-${chars(random, 74, `${alphanumeric}_-`)}T3BlbkFJ${chars(random, 74, `${alphanumeric}_-`)}`,
  anthropic_key: (random) => `sk-ant-api03-${chars(random, 93, `${alphanumeric}_-`)}AA`,
  vendor_token: (random) =>
    pick(random, [
      `npm_${chars(random, 36, alphanumeric)}`,
      `SG.${chars(random, 22, alphanumeric)}.${chars(random, 43, alphanumeric)}`,
      `hf_${chars(random, 34, letters)}`,
      `dop_v1_${chars(random, 64, hex)}`,
      `shpat_${chars(random, 32, hex)}`,
    ]),
  private_key: (random) =>
    ['-----BEGIN PRIVATE KEY-----', ...Array.from({ length: 4 }, () => chars(random, 64, `${alphanumeric}+/`)), '-----END PRIVATE KEY-----'].join('\n'),
  jwt: (random) =>
    [{ alg: 'HS256', typ: 'JWT' }, { sub: digits(random, 8), exp: 1_900_000_000 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat(chars(random, 43, `${alphanumeric}_-`))
      .join('.'),
  assigned_secret: (random) => chars(random, pick(random, [24, 32, 40]), alphanumeric),
  hex_secret: (random) => chars(random, pick(random, [32, 48, 64]), hex),
  password: (random) =>
    pick(random, [
      `${pick(random, ['Winter', 'Tiger', 'kaffee', 'Merlin', 'orange'])}${digits(random, 4)}${pick(random, ['!', '#', '$$', '*'])}`,
      chars(random, 12, `${alphanumeric}!#%+=?@^*`).replace(/^\W/, 'q'),
      `${pick(random, ['correct', 'purple', 'seven'])}-${pick(random, ['horse', 'lamp', 'rivers'])}-${digits(random, 3)}`,
    ]),
  email: (random) => {
    const name = pick(random, ['anna', 'j.novak', 'carlos_m', 'wei-ling', 'o.brien', 'lena.k+shop', 'MHansen', 'info.kowalski']);
    return `${name}${digits(random, 2)}@${pick(random, ['bluewin.ch', 'posteo.de', 'mail.ru', 'uni-koeln.de', 'firma.co.uk', 'qq.com', 'libero.it', 'proton.me'])}`;
  },
  us_phone: (random) => pick(random, [(n: readonly string[]) => `(${n[0]}) ${n[1]}-${n[2]}`, (n: readonly string[]) => `${n[0]}-${n[1]}-${n[2]}`, (n: readonly string[]) => `+1 ${n[0]} ${n[1]} ${n[2]}`, (n: readonly string[]) => `${n[0]}.${n[1]}.${n[2]}`])([pick(random, ['212', '415', '617', '303']), `${pick(random, ['5', '7', '8'])}${digits(random, 2)}`, digits(random, 4)]),
  phone: (random) => `+${pick(random, ['44 20 79', '49 171 ', '33 6 12 ', '34 612 ', '39 347 ', '48 601 ', '81 90 ', '55 11 9'])}${pick(random, ['46 12 83', '55 21 90 4', '33 48 71'])}${digits(random, 1)}`,
  de_phone: (random) => `0${pick(random, ['30', '89', '221', '171'])} ${digits(random, 3)}${pick(random, ['', ' '])}${digits(random, 4)}`,
  fr_phone: (random) => `0${pick(random, ['1', '4', '6', '7'])} ${Array.from({ length: 4 }, () => digits(random, 2)).join(' ')}`,
  cn_phone: (random) => `1${pick(random, ['38', '59', '86'])}${digits(random, 8)}`,
  credit_card: (random) => {
    const number = luhn(`${pick(random, ['4', '51', '52', '55'])}${digits(random, 14)}`.slice(0, 15));
    return pick(random, [number, number.replace(/(.{4})(?=.)/g, '$1 '), number.replace(/(.{4})(?=.)/g, '$1-')]);
  },
  iban: (random) => {
    const [country, length] = pick(random, [['DE', 18], ['PL', 24], ['AT', 16], ['ES', 20], ['CH', 17]] as const);
    const account = digits(random, length);
    const rest = mod(`${account}${country.split('').map((letter) => letter.charCodeAt(0) - 55).join('')}00`, 97);
    const whole = `${country}${String(98 - rest).padStart(2, '0')}${account}`;
    return random() < 0.5 ? whole : whole.replace(/(.{4})(?=.)/g, '$1 ');
  },
  us_ssn: (random) => `${pick(random, ['212', '430', '551', '078'])}-${pick(random, ['05', '31', '64'])}-${pick(random, ['1', '4', '8'])}${digits(random, 3)}`,
  de_tax_id: (random) => deTaxId(`${pick(random, ['6', '8', '4'])}5929970489`.slice(0, 10), random),
  fr_nir: (random) => {
    const body = `${pick(random, ['1', '2'])}${pick(random, ['85', '63', '91'])}${pick(random, ['05', '11'])}${pick(random, ['75', '33', '69'])}${digits(random, 6)}`;
    return `${body}${String(97 - mod(body, 97)).padStart(2, '0')}`;
  },
  es_dni: (random) => withLetter(`${pick(random, ['1', '4', '7'])}${digits(random, 7)}`),
  it_codice_fiscale: (random) => codice(`${pick(random, ['RSS', 'BNC', 'VRD'])}${pick(random, ['MRA', 'LCU', 'GNN'])}${pick(random, ['85', '72', '90'])}${pick(random, ['T10', 'A01', 'M52'])}${pick(random, ['A562', 'H501', 'F205'])}`),
  nl_bsn: (random) => weighed(random, [9, 8, 7, 6, 5, 4, 3, 2], (sum) => sum % 11),
  br_cpf: (random) => {
    const nine = digits(random, 9);
    const first = cpfDigit(nine);
    const all = `${nine}${first}${cpfDigit(`${nine}${first}`)}`;
    return all.replace(/(\d{3})(\d{3})(\d{3})(\d{2})/, '$1.$2.$3-$4');
  },
  in_aadhaar: (random) => verhoeff(`${pick(random, ['3', '5', '8'])}${digits(random, 10)}`).replace(/(.{4})(?=.)/g, '$1 '),
  cn_resident_id: (random) => {
    const body = `${pick(random, ['110105', '310115', '440106'])}19${pick(random, ['850312', '921107', '700529'])}${digits(random, 3)}`;
    const sum = body.split('').reduce((total, digit, at) => total + Number(digit) * [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][at]!, 0);
    return `${body}${'10X98765432'[sum % 11]!}`;
  },
  pl_pesel: (random) => {
    const body = `${pick(random, ['850214', '720930', '991105'])}${digits(random, 4)}`;
    const sum = body.split('').reduce((total, digit, at) => total + Number(digit) * [1, 3, 7, 9, 1, 3, 7, 9, 1, 3][at]!, 0);
    return `${body}${(10 - (sum % 10)) % 10}`;
  },
  gb_nino: (random) => `${pick(random, ['AB', 'JK', 'SN'])} ${digits(random, 2)} ${digits(random, 2)} ${digits(random, 2)} ${pick(random, ['A', 'C', 'D'])}`,
  ca_sin: (random) => luhn(`${pick(random, ['1', '4', '7'])}${digits(random, 7)}`).replace(/(.{3})(?=.)/g, '$1 '),
  kr_rrn: (random) => {
    const body = `${pick(random, ['850312', '920704'])}${pick(random, ['1', '2'])}${digits(random, 5)}`;
    const sum = body.split('').reduce((total, digit, at) => total + Number(digit) * [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5][at]!, 0);
    return `${body.slice(0, 6)}-${body.slice(6)}${(11 - (sum % 11)) % 10}`;
  },
  ip_address: (random) => `${pick(random, ['81', '203', '145', '62'])}.${pick(random, ['17', '94', '201'])}.${pick(random, ['8', '133', '250'])}.${pick(random, ['4', '77', '219'])}`,
  birth_iso: (random) => `${pick(random, ['1961', '1978', '1985', '1993', '2001'])}-${pick(random, ['02', '07', '11'])}-${pick(random, ['03', '14', '28'])}`,
  birth_dots: (random) => `${pick(random, ['03', '14', '28'])}.${pick(random, ['02', '07', '11'])}.${pick(random, ['1961', '1978', '1985', '1993'])}`,
  birth_slashes: (random) => `${pick(random, ['03', '07', '11'])}/${pick(random, ['14', '28', '09'])}/${pick(random, ['1961', '1978', '1985'])}`,
  birth_words: (random) => `${pick(random, ['March', 'July', 'October'])} ${pick(random, ['3', '14', '28'])}, ${pick(random, ['1961', '1978', '1985'])}`,
  passport: (random) => pick(random, [`C${digits(random, 8)}`, `${pick(random, ['L', 'F', 'X'])}${chars(random, 8, '0123456789CFGHJKLMNPRTVWXYZ')}`, digits(random, 9)]),
}; // prettier-ignore

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}0123456789`;
const hex = '0123456789abcdef';

const mod = (number: string, by: number): number => number.split('').reduce((rest, digit) => (rest * 10 + Number(digit)) % by, 0);

function luhn(body: string): string {
  const sum = body
    .split('')
    .toReversed()
    .reduce((total, digit, at) => {
      const doubled = Number(digit) * (at % 2 === 0 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/** One digit stands twice among the first ten, as the tax office gives them out. */
function deTaxId(start: string, random: Random): string {
  const ten = `${start[0]}${digits(random, 1)}`.padEnd(2, '3');
  const others = '0123456789'
    .split('')
    .filter((digit) => !ten.includes(digit))
    .slice(0, 7);
  const body = `${ten}${others.join('')}${others[0]}`.slice(0, 10).padEnd(10, others[1]);
  let product = 10;
  for (const digit of body) {
    const sum = (Number(digit) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return `${body}${(11 - product) % 10}`;
}

const withLetter = (number: string): string => `${number}${'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23]!}`;

function codice(body: string): string {
  const odd: Readonly<Record<string, number>> = Object.fromEntries(
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23].flatMap((value, at) => [
      [String.fromCharCode(65 + at), value],
      ...(at < 10 ? [[String(at), value]] : []),
    ]),
  ) as Record<string, number>;
  const even = (letter: string): number => (letter >= 'A' ? letter.charCodeAt(0) - 65 : Number(letter));
  const sum = body.split('').reduce((total, letter, at) => total + (at % 2 === 0 ? odd[letter]! : even(letter)), 0);
  return `${body}${String.fromCharCode(65 + (sum % 26))}`;
}

function weighed(random: Random, weights: readonly number[], last: (sum: number) => number): string {
  for (;;) {
    const body = `${pick(random, ['1', '2', '3'])}${digits(random, weights.length - 1)}`;
    const check = last(body.split('').reduce((total, digit, at) => total + Number(digit) * weights[at]!, 0));
    if (check < 10) return `${body}${check}`;
  }
}

function cpfDigit(body: string): number {
  const sum = body.split('').reduce((total, digit, at) => total + Number(digit) * (body.length + 1 - at), 0);
  return sum % 11 < 2 ? 0 : 11 - (sum % 11);
}

/** The dihedral group of ten, by its rules: five turns, and five turns of the mirror image. */
const times = (a: number, b: number): number =>
  a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
const turned = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function verhoeff(body: string): string {
  const turnedBy = (digit: number, count: number): number => (count === 0 ? digit : turnedBy(turned[digit]!, count - 1));
  const sum = body
    .split('')
    .toReversed()
    .reduce((total, digit, at) => times(total, turnedBy(Number(digit), (at + 1) % 8)), 0);
  return `${body}${[0, 4, 3, 2, 1, 5, 6, 7, 8, 9][sum]!}`;
}
