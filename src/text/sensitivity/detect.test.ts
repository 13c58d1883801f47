import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { detect } from './detect.ts';

/** What is found in a text: `kind=value`. */
const found = (text: string, field?: string): readonly string[] =>
  detect(text, field).map(({ kind, from, to }) => `${kind}=${text.slice(from, to)}`);

const letters = 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7bC9d';

suite('secrets', () => {
  const cases: readonly (readonly [text: string, ...found: readonly string[]])[] = [
    ['key AKIAIOSFODNN7EXAMPLE here', 'aws_key=AKIAIOSFODNN7EXAMPLE'],
    [`AIza${letters.slice(0, 35)}`, `gcp_key=AIza${letters.slice(0, 35)}`],
    [`DefaultEndpointsProtocol=https;AccountKey=${letters}${letters}==;x`, `azure_key=${letters}${letters}==`],
    [`ghp_${letters.slice(0, 36)}`, `github_token=ghp_${letters.slice(0, 36)}`],
    [`glpat-${letters.slice(0, 20)}.`, `gitlab_token=glpat-${letters.slice(0, 20)}`],
    ['xoxb-1234567890-abcdefghij', 'slack_token=xoxb-1234567890-abcdefghij'],
    [`sk_live_${letters.slice(0, 24)}`, `stripe_key=sk_live_${letters.slice(0, 24)}`],
    [`"sk-proj-${letters}"`, `openai_key=sk-proj-${letters}`],
    [`sk-ant-api03-${letters}`, `anthropic_key=sk-ant-api03-${letters}`],
    [`npm_${letters.slice(0, 36)}`, `vendor_token=npm_${letters.slice(0, 36)}`],
    ['postgres://app:s3cr3t-pw@db.internal/x', 'connection_string=s3cr3t-pw'],
    [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${letters}`, `jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${letters}`],
    ['DB_PASSWORD="s3cr3t"', 'password=s3cr3t'],
    ['Das Passwort lautet Geheim123!', 'password=Geheim123!'],
    ['密码是Abc12345。', 'password=Abc12345'],
    ['wifi pw is Winter9948! ok', 'password=Winter9948!'],
    ['machine m login l password qX7Gd2pL9s', 'password=qX7Gd2pL9s'],
    ['admin-password: Winter8162*', 'password=Winter8162*'],
    ['**password: Winter8162**', 'password=Winter8162'],
    ['spring.datasource.password=paIQt%yoZig+', 'password=paIQt%yoZig+'],
    ['curl -s -u "deploy:seven-horse-071" https://h/', 'password=seven-horse-071'],
    ['mysqldump -u root -ppurple-horse-093 shop', 'password=purple-horse-093'],
    ['api_key = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"', 'assigned_secret=9f8e7d6c5b4a39281706f5e4d3c2b1a0'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
      'private_key=-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
    ],
    ['-----BEGIN PRIVATE KEY-----\nMIIEcut', 'private_key=-----BEGIN PRIVATE KEY-----\nMIIEcut'],
  ];
  for (const [text, ...expected] of cases) test(JSON.stringify(text.slice(0, 60)), () => assert.deepEqual(found(text), expected));
});

suite('personal data', () => {
  const cases: readonly (readonly [text: string, ...found: readonly string[]])[] = [
    ['Mail jane.doe+x@example.co.uk.', 'email=jane.doe+x@example.co.uk'],
    ['пишите: иван@пример.рф', 'email=иван@пример.рф'],
    ['call +49 (0)30 1234-5678 or (415) 555-2671', 'phone=+49 (0)30 1234-5678', 'phone=(415) 555-2671'],
    ['Tel. 030 12345678', 'phone=030 12345678'],
    ['Sie erreichen mich unter 0221 4745758', 'phone=0221 4745758'],
    ['TEL;TYPE=CELL:+39 347 462 8830', 'phone=+39 347 462 8830'],
    ['card_number,exp\n4111111111111111,12/27', 'credit_card=4111111111111111'],
    ['ssn\nAnn,Lee,536-22-8726,1', 'us_ssn=536-22-8726'],
    ['https://h.example/reset?mail=jane@posteo.de&x=1', 'email=jane@posteo.de'],
    ['BDAY:1985-11-03', 'birth_date=1985-11-03'],
    ['Passport No . L7XN4W1KV', 'passport=L7XN4W1KV'],
    ['card 4111 1111 1111 1111', 'credit_card=4111 1111 1111 1111'],
    ['IBAN DE89 3704 0044 0532 0130 00 please', 'iban=DE89 3704 0044 0532 0130 00'],
    ['SSN 536-22-8726', 'us_ssn=536-22-8726'],
    ['CPF 529.982.247-25', 'br_cpf=529.982.247-25'],
    ['Aadhaar 2341 2341 2346', 'in_aadhaar=2341 2341 2346'],
    ['X1234567L, 12345678Z', 'es_dni=X1234567L', 'es_dni=12345678Z'],
    ['RSSMRA85T10A562S', 'it_codice_fiscale=RSSMRA85T10A562S'],
    ['身份证 11010519491231002X', 'cn_resident_id=11010519491231002X'],
    ['PESEL 44051401359', 'pl_pesel=44051401359'],
    ['Steuer-ID 86 095 742 719', 'de_tax_id=86 095 742 719'],
    ['NIR 2 55 08 14 168 025 38', 'fr_nir=2 55 08 14 168 025 38'],
    ['BSN 111222333', 'nl_bsn=111222333'],
    ['from 8.8.8.8 and 2001:db8::ff00:42:8329', 'ip_address=8.8.8.8', 'ip_address=2001:db8::ff00:42:8329'],
    ['geboren am 12.03.1981 in Ulm', 'birth_date=12.03.1981'],
    ['生年月日は1981年3月12日です', 'birth_date=1981年3月12日'],
    ['She was (born November 28, 1973)', 'birth_date=November 28, 1973'],
    ['passport number: C01X00T47', 'passport=C01X00T47'],
  ];
  for (const [text, ...expected] of cases) test(JSON.stringify(text), () => assert.deepEqual(found(text), expected));
});

suite('fields name their values', () => {
  const cases: readonly (readonly [field: string, value: string, ...found: readonly string[]])[] = [
    ['password', 'correcthorse', 'password=correcthorse'],
    ['dbPassword', 'x9!y', 'password=x9!y'],
    ['X-Api-Key', letters, `assigned_secret=${letters}`],
    ['dateOfBirth', '1981-03-12', 'birth_date=1981-03-12'],
    ['bsn', '111222333', 'nl_bsn=111222333'],
    ['phoneNumber', '03012345678', 'phone=03012345678'],
    ['orderNumber', '03012345678'],
    ['max_tokens', '4096'],
    ['password', '<your password>'],
    ['tokenizer', 'cl100k_base_2023_v1'],
  ];
  for (const [field, value, ...expected] of cases) test(`${field}: ${value}`, () => assert.deepEqual(found(value, field), expected));
});

suite('nothing is found in', () => {
  const cases: readonly string[] = [
    '',
    'uuid 123e4567-e89b-12d3-a456-426614174000',
    'order 123456789012, invoice 2024-000123, at 1699999999',
    'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'v1.2.3.4, version 10.0.19041.1, 127.0.0.1 and 0.0.0.0, 255.255.255.0',
    'git clone git@github.com:org/repo.git && npm i react@19.1.0 @scope/pkg@latest',
    'const token = getToken(); password: string; apiKey: process.env.API_KEY',
    'password=${PASSWORD} token=<token> secret: "********"',
    'at 12:30:45, std::vector, a::b, 10:20',
    'the secret is out, the token economy is up 25%, a password is required',
    'postgres://user:password@localhost/x',
    '2024-05-06 to 2024-05-09, 1,234,567.89 EUR, 3.14159265358979',
    'card 4111 1111 1111 1112',
    'He was born in 1981 and left.',
    'at 2025-09-08T11:51:12.62466956Z: 00101 00100 11001',
  ];
  for (const text of cases) test(JSON.stringify(text), () => assert.deepEqual(found(text), []));
});

suite('hostile texts', () => {
  // A search that backtracks without bound would take hours on these.
  const size = 200_000;
  const units = [
    'a',
    '1',
    '1 ',
    '-1',
    '@',
    'a@',
    'a.',
    'a@a.',
    '::',
    '1:',
    '1.',
    'eyJ',
    'eyJa.',
    'a://a:',
    '://',
    'password',
    'password=',
    'token: "',
    'AKIA',
    'sk-',
    'DE89',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    ' ',
    '\n',
    'é',
    '密码',
    'geb. ',
    'passport ',
    '+',
    '(1',
    'A1',
    'xox',
    '?sig=',
    '"',
    '\\',
  ];
  for (const unit of units)
    test(`${JSON.stringify(unit)} over and over`, { timeout: 60_000 }, () => {
      for (const finding of detect(unit.repeat(Math.ceil(size / unit.length)), 'password')) assert.ok(finding.to > finding.from);
    });
});

test('findings lie in the text, in order and apart, whatever the text', () => {
  const unit = fc.constantFrom(
    'a',
    '1',
    ' ',
    '@',
    '.',
    '-',
    ':',
    '=',
    '"',
    'x9',
    'password',
    'key',
    '+49',
    'é',
    '密',
    '𝒳',
    '\n',
    'DE89',
    'sk-ant-',
    '4111111111111111',
  );
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 60 }),
      fc.option(fc.constantFrom('password', 'phone', 'text'), { nil: undefined }),
      (text, field) => {
        let end = 0;
        for (const { from, to } of detect(text, field)) {
          assert.ok(from >= end && to > from && to <= text.length);
          end = to;
        }
      },
    ),
    { numRuns: 500 },
  );
});
