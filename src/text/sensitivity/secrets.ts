import { entropyBits } from './entropy.ts';
import type { Finding } from './finding.ts';
import { matches, type ShapeRule } from './rule.ts';

/** Not in the middle of a longer word. */
const start = String.raw`(?<![A-Za-z0-9_-])`;
const end = String.raw`(?![A-Za-z0-9_-])`;
const whole = (source: string): RegExp => new RegExp(`${start}(?:${source})${end}`, 'g');

/** Text made up for examples: the same letter over and over, or a sentence of capitals. */
const isRandom = (value: string): boolean => entropyBits(value) >= 2.5;

const placeholderPassword = /^(?:[*x.]{3,}|password|passwort|pass|passwd|pwd|secret|changeme|your.{0,20})$/i;

/** Credentials by the forms their vendors give them; most carry a prefix of their own for this very purpose. */
const vendorRules: readonly ShapeRule[] = [
  { kind: 'aws_key', pattern: whole('(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}') },
  { kind: 'gcp_key', pattern: whole(String.raw`AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{28}|ya29\.[0-9A-Za-z_-]{20,1000}`) },
  {
    kind: 'azure_key',
    pattern:
      /(?:AccountKey|SharedAccessKey)=(?<value>[A-Za-z0-9+/]{40,100}={0,2})|(?<![\w~.-])(?:[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34})(?![\w~.-])|[?&]sig=(?:[A-Za-z0-9%+/]{40,100}={0,2})/g,
  },
  { kind: 'github_token', pattern: whole('gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,120}') },
  { kind: 'gitlab_token', pattern: whole('gl(?:pat|dt|rt|cbt|ptt|soat|oas)-[A-Za-z0-9_-]{20,300}') },
  {
    kind: 'slack_token',
    pattern: new RegExp(
      `${start}(?:xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-\\d-[A-Za-z0-9-]{10,250})${end}|https://hooks\\.slack\\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,120}`,
      'g',
    ),
  },
  { kind: 'stripe_key', pattern: whole('(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9+/]{24,100}') },
  { kind: 'anthropic_key', pattern: whole('sk-ant-[A-Za-z0-9_-]{20,250}'), isReal: isRandom },
  { kind: 'openai_key', pattern: whole('sk-(?:proj-|svcacct-|admin-|None-)[A-Za-z0-9_-]{20,250}|sk-[A-Za-z0-9]{32,64}'), isReal: isRandom },
  {
    kind: 'vendor_token',
    pattern: whole(
      [
        'npm_[A-Za-z0-9]{36}',
        'hf_[A-Za-z0-9]{34}',
        'gsk_[A-Za-z0-9]{40,60}',
        'xai-[A-Za-z0-9]{60,100}',
        'sk-or-v1-[a-f0-9]{64}',
        'pplx-[A-Za-z0-9]{40,60}',
        String.raw`SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}`,
        'key-[a-f0-9]{32}',
        'SK[a-f0-9]{32}',
        'dop_v1_[a-f0-9]{64}',
        'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}',
        'pypi-[A-Za-z0-9_-]{50,250}',
        'dckr_pat_[A-Za-z0-9_-]{20,60}',
        String.raw`hv[sb]\.[A-Za-z0-9_-]{24,200}`,
        'lin_api_[A-Za-z0-9]{40}',
        'ntn_[A-Za-z0-9]{40,60}',
        'sq0(?:atp|csp)-[A-Za-z0-9_-]{22,60}',
        String.raw`\d{8,10}:AA[A-Za-z0-9_-]{33}`,
        'glc_[A-Za-z0-9+/]{32,250}={0,2}',
        'rubygems_[a-f0-9]{48}',
      ].join('|'),
    ),
  },
  {
    kind: 'private_key',
    // The body may be cut short: what follows the head is taken all the same, up to the longest key there is.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\:,.()-]{0,12000}?-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\]{0,12000}/g,
  },
  { kind: 'jwt', pattern: whole(String.raw`eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{10,1000}`) },
  {
    kind: 'connection_string',
    pattern:
      /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\s:/@"'<>{}$[\]]{0,100}:(?<value>[^\s@/"'<>{}$[\]]{3,200})@[A-Za-z0-9._-]{1,255}/g,
    isReal: (value) => !placeholderPassword.test(value),
  },
  ...[
    /(?<![A-Za-z])(?:curl|wget|https?)(?![A-Za-z])[^\n]{0,200}?\s(?:-u|--user)[ =]["']?[\w.@+-]{1,64}:(?<value>[^\s"'$<{][^\s"']{3,100})/g,
    /(?<![A-Za-z])mysql(?:dump|admin)?\s[^\n]{0,200}?\s-p(?<value>[^\s"'$<{-][^\s"']{3,60})/g,
  ].map((pattern): ShapeRule => ({ kind: 'password', pattern, isReal: (value) => !placeholderPassword.test(value) })),
];

/** What all vendor rules begin with, or hold near their beginning: where none of it stands, none of them is tried. */
const anchors =
  /AKIA|ASIA|ABIA|ACCA|AIza|GOCSPX|ya29\.|AccessKey=|AccountKey=|Q~|[?&]sig=|gh[pousr]_|github_pat_|gl[a-z]{2,4}-|xox|xapp-|hooks\.slack|[sr]k_(?:live|test)|whsec_|sk-|npm_|hf_|gsk_|xai-|pplx-|SG\.|key-|SK[a-f0-9]{8}|dop_v1|shp(?:at|ca|pa|ss)_|pypi-|dckr_|hv[sb]\.|lin_api|ntn_|sq0|:AA|glc_|rubygems_|-----BEGIN|eyJ|:\/\/|\s(?:-u|--user)[ =]|\s-p\S/;

/** Secrets known by their own form. */
export function findVendorSecrets(text: string, found: Finding[]): void {
  if (!anchors.test(text)) return;
  for (const rule of vendorRules) matches(rule, text, found);
}
