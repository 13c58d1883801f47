/** Keys of an AWS account. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined;
}

/** How each request proves anew who calls, where a key alone does not. */
export type CloudAccess =
  /** AWS Signature Version 4. Without keys: as AWS's SDKs look for them. */
  | { readonly kind: 'aws-sigv4'; readonly region: string; readonly keys?: AwsKeys }
  /** An OAuth token of Google Cloud. Without a key file: Application Default Credentials. */
  | { readonly kind: 'google-oauth'; readonly keyFile?: string };

/** A request as far as a signature looks at it. */
export interface Unsigned {
  readonly method: string;
  readonly origin: URL;
  /** Path and query as they will be sent. */
  readonly path: string;
  /** Empty for none. */
  readonly body: Uint8Array;
}

/** Gives the headers that prove it, raw. @throws {GatewayError} `no_credentials` */
export type Authorize = (request: Unsigned) => Promise<readonly string[]>;
