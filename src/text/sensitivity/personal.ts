import * as check from './checksums.ts';
import { isNear } from './context.ts';
import { digitWindows, type Window } from './digit-windows.ts';
import type { Finding } from './finding.ts';
import { ibanLengths } from './iban-lengths.ts';
import { matches, type ShapeRule } from './rule.ts';

const ibanPattern = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ ]?[A-Za-z0-9]{4}){2,7}(?:[ ]?[A-Za-z0-9]{1,4})?(?![A-Za-z0-9])/g;

/** Numbers of people that hold letters, by form and checksum. */
const lettered: readonly ShapeRule[] = [
  {
    kind: 'es_dni',
    pattern: /(?<![A-Za-z0-9.])(?:\d{8}|[XYZ]-?\d{7})[- ]?[A-HJ-NP-TV-Z](?![A-Za-z0-9])/g,
    isReal: (value) => check.isSpanishDni(value.replaceAll(/[- ]/g, '')),
  },
  {
    kind: 'it_codice_fiscale',
    pattern:
      /(?<![A-Za-z0-9])[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[ABCDEHLMPRSTabcdehlmprst][0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z](?![A-Za-z0-9])/g,
    isReal: (value) => check.isCodiceFiscale(value.toUpperCase()),
  },
  {
    kind: 'fr_nir',
    pattern: /(?<![A-Za-z0-9])[1-478] ?\d{2} ?\d{2} ?2[AB] ?\d{3} ?\d{3} ?\d{2}(?![A-Za-z0-9])/g,
    isReal: (value) => check.isFrenchNir(value.replaceAll(' ', '')),
  },
  { kind: 'cn_resident_id', pattern: /(?<![A-Za-z0-9])[1-8]\d{16}[\dXx](?![A-Za-z0-9])/g, isReal: check.isChineseResidentId },
  {
    kind: 'gb_nino',
    pattern: /(?<![A-Za-z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])/g,
    isReal: (value, text, from) => value.includes(' ') || isNear('gb_nino', text, from, undefined),
  },
];

/** How long the parts of an e-mail address may be, RFC 5321. */
const maxLocalLength = 64;
const maxDomainLength = 255;
const localCharacter = /[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_~-]/u;
const domain = /(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.){1,8}\p{L}[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}]/uy;

/** Up to an address that is the value in a URL's query: there its sign is no part of it. */
const isQuery = /:\/\/[^\s?]{1,150}\?[^\s]{0,150}=[^\s=&]{1,64}$/;
const maxQueryLength = 250;

/** Addresses around each `@`. */
function findEmails(text: string, found: Finding[]): void {
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let from = at;
    while (from > 0 && at - from < maxLocalLength && localCharacter.test(text[from - 1]!)) from -= 1;
    if (isQuery.test(text.slice(Math.max(0, from - maxQueryLength), at))) from = Math.max(from, text.lastIndexOf('=', at - 1) + 1);
    while (from < at && /[.'/=&?*!#]/.test(text[from]!)) from += 1;
    domain.lastIndex = at + 1;
    const host = domain.exec(text)?.[0];
    if (from === at || !host || host.length > maxDomainLength || isRemote(text, from, at, at + 1 + host.length)) continue;
    found.push({ kind: 'email', from, to: at + 1 + host.length });
  }
}

/** `git@host:path` is a place of code, and `scheme://user:pass@host` a connection. */
const isRemote = (text: string, from: number, at: number, end: number): boolean =>
  (text.slice(from, at) === 'git' && (text[end] === ':' || text[end] === '/')) ||
  /:\/\/[^\s/?]{0,80}$/.test(text.slice(Math.max(0, from - 90), from));

function findIbans(text: string, { from, to }: Window, found: Finding[]): void {
  const piece = text.slice(from, to);
  ibanPattern.lastIndex = 0;
  for (let match = ibanPattern.exec(piece); match; match = ibanPattern.exec(piece)) {
    const length = ibanLength(match[0]);
    if (length > 0) found.push({ kind: 'iban', from: from + match.index, to: from + match.index + length });
    else ibanPattern.lastIndex = match.index + 4;
  }
}

/** Characters of the IBAN that `raw` begins with; 0: none. A word may follow it without a comma, so the country's own length decides. */
function ibanLength(raw: string): number {
  const length = ibanLengths[raw.slice(0, 2).toUpperCase()];
  if (length === undefined) return 0;
  let end = 0;
  for (let seen = 0; seen < length; end += 1) {
    if (end >= raw.length) return 0;
    if (raw[end] !== ' ') seen += 1;
  }
  const compact = raw.slice(0, end).replaceAll(' ', '').toUpperCase();
  const isWhole = end === raw.length || raw[end] === ' ';
  return isWhole && check.mod97(compact.slice(4) + compact.slice(0, 4)) === 1 ? end : 0;
}

const ipv4 = /(?<![\w.+-])(?:(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d)(?![\w-]|\.\d)/g;
/** Addresses that name no one: the machine itself, none at all, masks. */
const noOnes = /^(?:127\.|0\.|255\.255\.|::1$|::$)/;
const versionBefore = /(?:version|release|ver\.?|v|build|firmware|chrome|section|§|driver)[\s:="'/]{0,3}$/i;

const ipv4Rule: ShapeRule = {
  kind: 'ip_address',
  pattern: ipv4,
  isReal: (value, text, from) => !noOnes.test(value) && !versionBefore.test(text.slice(Math.max(0, from - 12), from)),
};
const hexOrColon = /[0-9A-Fa-f:]{2,45}/y;
const wordCharacter = /[\w.]/;

/** Around each colon: what holds nothing but hexadecimal digits and colons. */
function findIpv6(text: string, found: Finding[]): void {
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at)) {
    let from = at;
    while (from > 0 && at - from < 4 && /[0-9A-Fa-f]/.test(text[from - 1]!)) from -= 1;
    hexOrColon.lastIndex = from;
    const value = hexOrColon.exec(text)?.[0].replace(/(?<!:):$/, '') ?? '';
    const to = from + value.length;
    const isApart = !wordCharacter.test(text[from - 1] ?? ' ') && !/[\w:]/.test(text[to] ?? ' ');
    if (isApart && value.length > 2 && isIpv6(value) && !noOnes.test(value)) found.push({ kind: 'ip_address', from, to });
    at = Math.max(at + 1, to);
  }
}

function isIpv6(value: string): boolean {
  const groups = value.split(':');
  const hasGap = value.includes('::');
  if (/^\d{1,2}:\d{2}:\d{2}$/.test(value) || value.indexOf('::') !== value.lastIndexOf('::')) return false;
  return (
    (hasGap ? groups.length <= 9 : groups.length === 8) &&
    groups.every((group) => group.length <= 4) &&
    (!hasGap || /[0-9A-Fa-f]{3,4}/.test(value))
  );
}

/** Personal data known by its own form. */
export function findPersonal(text: string, found: Finding[]): void {
  findEmails(text, found);
  findIpv6(text, found);
  for (const window of digitWindows(text)) {
    findIbans(text, window, found);
    for (const rule of lettered) matches(rule, text, found, window);
    matches(ipv4Rule, text, found, window);
  }
}
