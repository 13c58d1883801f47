import { createHash, createHmac } from 'node:crypto';
import type { HeaderOf } from '../generation.ts';
import { VendorError } from '../wire/errors.ts';

/** What a signature is checked against: written by AWS's description of Signature Version 4, without its libraries. */
export interface Signed {
  readonly method: string;
  /** As it came, query included. */
  readonly url: string;
  readonly header: HeaderOf;
  readonly body: Buffer;
}

const shape =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
const service = 'bedrock';
/** AWS takes no signature that is older or newer. */
const maxSkewMs = 5 * 60_000;

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** @throws {VendorError} 403 when the signature is none, old, of an unknown key, or of another request. `secrets`: by access key id. */
export function checkSignature(signed: Signed, secrets: Readonly<Record<string, string>>, now: number): void {
  const { header } = signed;
  const [, keyId = '', day = '', region = '', asked, names = '', signature] = shape.exec(header('authorization') ?? '') ?? [];
  const secret = Object.hasOwn(secrets, keyId) ? secrets[keyId] : undefined;
  if (signature === undefined) throw new VendorError(403, 'Missing Authentication Token');
  if (secret === undefined) throw new VendorError(403, 'The security token included in the request is invalid.');
  const date = header('x-amz-date') ?? '';
  if (asked !== service || !date.startsWith(day) || Math.abs(now - timeOf(date)) > maxSkewMs)
    throw new VendorError(403, 'Signature expired, or its scope is not that of the request');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalOf(signed, names))].join('\n');
  const key = ['aws4_request'].reduce(
    hmac,
    [day, region, service].reduce<Buffer>((before, part) => hmac(before, part), Buffer.from(`AWS4${secret}`)),
  );
  if (hmac(key, text).toString('hex') !== signature)
    throw new VendorError(403, 'The request signature we calculated does not match the signature you provided.');
}

function timeOf(date: string): number {
  const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(date) ?? [];
  const digits = `${day ?? ''}${time ?? ''}`;
  return Date.parse(digits.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z'));
}

function canonicalOf({ method, url, header, body }: Signed, names: string): string {
  const [path = '/', query = ''] = url.split('?', 2);
  const headers = names.split(';').map((name) => `${name}:${(header(name) ?? '').trim().replaceAll(/ +/g, ' ')}\n`);
  return [method, path.split('/').map(escaped).join('/'), canonicalQuery(query), headers.join(''), names, sha256(body)].join('\n');
}

/** Encoded once more, for any service but S3. */
const escaped = (part: string): string =>
  encodeURIComponent(part).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: string): string =>
  [...new URLSearchParams(query)]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .sort()
    .join('&');
