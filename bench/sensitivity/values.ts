import * as check from '../../src/text/sensitivity/checksums.ts';
import { chars, digits, pick, type Random } from './random.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const mixed = `${lower}${upper}0123456789`;
const hex = '0123456789abcdef';

/** Tries numbers until one holds. */
function until(random: Random, make: (random: Random) => string, isValid: (value: string) => boolean): string {
  for (;;) {
    const value = make(random);
    if (isValid(value)) return value;
  }
}

const grouped = (value: string, sizes: readonly number[], separator: string): string => {
  let at = 0;
  return sizes.map((size) => value.slice(at, (at += size))).join(separator);
};
const day = (random: Random): readonly [year: string, month: string, day: string] => [
  String(1940 + Math.floor(random() * 65)),
  String(1 + Math.floor(random() * 12)).padStart(2, '0'),
  String(1 + Math.floor(random() * 28)).padStart(2, '0'),
];

const names = ['jane.doe', 'm.mueller', 'sofia', 'li-wei', 'o_brien', 'anna+news', 'jp', 'k.nowak84', 'info', 'Chloe.Martin'];
const hosts = [
  'example.org',
  'mail.example.com',
  'firma-beispiel.de',
  'exemple.fr',
  'example.co.uk',
  'przyklad.pl',
  'uni.example.edu',
  'correo.example.es',
];

/** Makers of values by the name that templates use; the kind is what stands before the first dot. */
export const makers: Readonly<Record<string, (random: Random) => string>> = {
  email: (random) => `${pick(random, names)}@${pick(random, hosts)}`,
  phone: (random) =>
    pick(random, [
      () => `+49 ${digits(random, 3)} ${digits(random, 7)}`,
      () => `+1 (415) 555-${digits(random, 4)}`,
      () => `+33 6 ${grouped(digits(random, 8), [2, 2, 2, 2], ' ')}`,
      () => `+86 138 ${grouped(digits(random, 8), [4, 4], ' ')}`,
      () => `+44 20 7946 ${digits(random, 4)}`,
      () => `+4915${digits(random, 9)}`,
      () => `+55 11 9${digits(random, 4)}-${digits(random, 4)}`,
    ])(),
  'phone.national': (random) =>
    pick(random, [
      () => `0${digits(random, 3)} ${digits(random, 6)}`,
      () => `0${pick(random, ['30', '40', '89'])}/${digits(random, 7)}`,
      () => `06 ${grouped(digits(random, 8), [2, 2, 2, 2], ' ')}`,
    ])(),
  'phone.us': (random) =>
    pick(random, [() => `(212) 555-${digits(random, 4)}`, () => `646-555-${digits(random, 4)}`, () => `312.555.${digits(random, 4)}`])(),
  credit_card: (random) => {
    const value = until(random, () => `${pick(random, ['4', '51', '55', '6011'])}${digits(random, 15)}`.slice(0, 16), check.isLuhn);
    return pick(random, [value, grouped(value, [4, 4, 4, 4], ' '), grouped(value, [4, 4, 4, 4], '-')]);
  },
  iban: (random) => {
    const [country, length] = pick(random, [
      ['DE', 18],
      ['FR', 23],
      ['ES', 20],
      ['IT', 0],
      ['NL', 0],
      ['PL', 24],
      ['GB', 0],
    ] as const);
    const body =
      country === 'NL'
        ? `INGB${digits(random, 10)}`
        : country === 'GB'
          ? `NWBK${digits(random, 14)}`
          : country === 'IT'
            ? `X${digits(random, 22)}`
            : digits(random, length);
    const key = String(98 - check.mod97(`${body}${country}00`)).padStart(2, '0');
    const value = `${country}${key}${body}`;
    return random() < 0.5 ? value : value.replaceAll(/(.{4})(?=.)/g, '$1 ');
  },
  'email.obfuscated': (random) => `${pick(random, names)} (at) example (dot) org`,
  'us_ssn.plain': (random) => until(random, () => digits(random, 9), check.isSsn),
  us_ssn: (random) =>
    grouped(
      until(random, () => digits(random, 9), check.isSsn),
      [3, 2, 4],
      '-',
    ),
  de_tax_id: (random) => {
    const value = until(random, () => digits(random, 11), check.isGermanTaxId);
    return random() < 0.5 ? value : grouped(value, [2, 3, 3, 3], ' ');
  },
  fr_nir: (random) => {
    const [year, month] = day(random);
    const body = `${pick(random, ['1', '2'])}${year.slice(2)}${month}${pick(random, ['75', '69', '13', '33'])}${digits(random, 6)}`;
    const value = `${body}${String(97 - Number(BigInt(body) % 97n)).padStart(2, '0')}`;
    return random() < 0.5 ? value : grouped(value, [1, 2, 2, 2, 3, 3, 2], ' ');
  },
  es_dni: (random) =>
    until(
      random,
      () =>
        `${pick(random, [digits(random, 8), `X${digits(random, 7)}`, `Y${digits(random, 7)}`])}${chars(random, 1, 'TRWAGMYFPDXBNJZSQVHLCKE')}`,
      check.isSpanishDni,
    ),
  it_codice_fiscale: (random) => {
    const [year, , date] = day(random);
    return until(
      random,
      () =>
        `${chars(random, 6, 'BCDFGLMNPRST')}${year.slice(2)}${chars(random, 1, 'ABCDEHLMPRST')}${date}${chars(random, 1, 'AFHL')}${digits(random, 3)}${chars(random, 1, upper)}`,
      check.isCodiceFiscale,
    );
  },
  nl_bsn: (random) => until(random, () => digits(random, 9), check.isBsn),
  br_cpf: (random) => {
    const value = until(random, () => digits(random, 11), check.isCpf);
    return random() < 0.3 ? value : `${grouped(value.slice(0, 9), [3, 3, 3], '.')}-${value.slice(9)}`;
  },
  in_aadhaar: (random) => {
    const value = until(random, () => `${chars(random, 1, '23456789')}${digits(random, 11)}`, check.isVerhoeff);
    return random() < 0.3 ? value : grouped(value, [4, 4, 4], ' ');
  },
  cn_resident_id: (random) =>
    until(random, () => `110105${day(random).join('')}${digits(random, 3)}${chars(random, 1, '0123456789X')}`, check.isChineseResidentId),
  pl_pesel: (random) => {
    const [year, month, date] = day(random);
    const moved = Number(year) >= 2000 ? String(Number(month) + 20) : month;
    return until(random, () => `${year.slice(2)}${moved}${date}${digits(random, 5)}`, check.isPesel);
  },
  gb_nino: (random) => `${pick(random, ['AB', 'JG', 'PW'])} ${grouped(digits(random, 6), [2, 2, 2], ' ')} ${chars(random, 1, 'ABCD')}`,
  ca_sin: (random) =>
    grouped(
      until(random, () => `${chars(random, 1, '1245')}${digits(random, 8)}`, check.isLuhn),
      [3, 3, 3],
      ' ',
    ),
  kr_rrn: (random) => {
    const [year, month, date] = day(random);
    const value = until(
      random,
      () => `${year.slice(2)}${month}${date}${pick(random, Number(year) < 2000 ? ['1', '2'] : ['3', '4'])}${digits(random, 6)}`,
      check.isKoreanRrn,
    );
    return grouped(value, [6, 7], '-');
  },
  ip_address: (random) =>
    pick(random, [
      () =>
        `${pick(random, ['81', '203', '188'])}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 254) + 1}`,
      () => `2001:db8:${chars(random, 4, hex)}::${chars(random, 3, hex)}`,
    ])(),
  birth_date: (random) => {
    const [y, m, d] = day(random);
    return pick(random, [`${d}.${m}.${y}`, `${y}-${m}-${d}`, `${d}/${m}/${y}`]);
  },
  'birth_date.cjk': (random) => {
    const [y, m, d] = day(random);
    return `${y}年${Number(m)}月${Number(d)}日`;
  },
  passport: (random) => pick(random, [`C${digits(random, 8)}`, `${chars(random, 2, upper)}${digits(random, 7)}`, `E${digits(random, 8)}`]),
  password: (random) =>
    `${pick(random, ['Sommer', 'Tr0ub4dor', 'hunter', 'Blue.Sky', 'Katze'])}${digits(random, 2)}${pick(random, ['!', '#', '$', 'x', '?9'])}`,
  aws_key: (random) => `AKIA${chars(random, 16, `${upper}234567`)}`,
  gcp_key: (random) => `AIza${chars(random, 35, mixed)}`,
  azure_key: (random) => `${chars(random, 86, mixed)}==`,
  github_token: (random) => `ghp_${chars(random, 36, mixed)}`,
  gitlab_token: (random) => `glpat-${chars(random, 20, mixed)}`,
  slack_token: (random) => `xoxb-${digits(random, 11)}-${chars(random, 24, mixed)}`,
  stripe_key: (random) => `sk_live_${chars(random, 24, mixed)}`,
  openai_key: (random) => `sk-proj-${chars(random, 48, mixed)}`,
  anthropic_key: (random) => `sk-ant-api03-${chars(random, 80, mixed)}`,
  vendor_token: (random) =>
    pick(random, [
      `hf_${chars(random, 34, mixed)}`,
      `npm_${chars(random, 36, mixed)}`,
      `SG.${chars(random, 22, mixed)}.${chars(random, 43, mixed)}`,
    ]),
  jwt: (random) => `eyJhbGciOiJIUzI1NiJ9.eyJ${chars(random, 60, mixed)}.${chars(random, 43, mixed)}`,
  connection_string: (random) => chars(random, 12, mixed),
  assigned_secret: (random) => chars(random, 32, hex),
  private_key: (random) =>
    `-----BEGIN PRIVATE KEY-----\n${Array.from({ length: 6 }, () => chars(random, 64, mixed)).join('\n')}\n-----END PRIVATE KEY-----`,
  // What must not be found.
  'no.uuid': (random) => grouped(chars(random, 32, hex), [8, 4, 4, 4, 12], '-'),
  'no.sha': (random) => chars(random, 40, hex),
  'no.order': (random) =>
    pick(random, [
      digits(random, 10),
      digits(random, 12),
      `${digits(random, 3)}-${digits(random, 7)}-${digits(random, 7)}`,
      `ORD-${digits(random, 8)}`,
    ]),
  'no.version': (random) =>
    `${Math.floor(random() * 20)}.${Math.floor(random() * 20)}.${Math.floor(random() * 300)}.${Math.floor(random() * 200)}`,
  'no.epoch': (random) => `17${digits(random, 8)}`,
  'no.date': (random) => day(random).join('-'),
  'no.base64': (random) => chars(random, 120, `${mixed}+/`),
  'no.amount': (random) => `${digits(random, 1)},${digits(random, 3)},${digits(random, 3)}.${digits(random, 2)}`,
  'no.float': (random) => `${digits(random, 1)}.${digits(random, 15)}`,
  'no.ean': (random) => digits(random, 13),
  'no.id16': (random) => digits(random, 16),
};
