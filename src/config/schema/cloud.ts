import * as z from 'zod';
import { option } from './option.ts';

/** Ways to prove who calls that are no key in a header. */
export const cloudAuths = ['aws-sigv4', 'google-oauth'] as const;

const secret = (description: string) => option(z.string().min(1), description, { secret: true });

/** Credentials of clouds, as options of a provider. */
export const cloudOptions = {
  awsKeys: option(
    z.strictObject({
      accessKeyId: secret('Such as `${AWS_ACCESS_KEY_ID}`.'),
      secretAccessKey: secret('Such as `${AWS_SECRET_ACCESS_KEY}`.'),
      sessionToken: secret('Of temporary keys: `${AWS_SESSION_TOKEN}`.').optional(),
    }),
    "Keys to sign with, for `auth: aws-sigv4`. Left out: as AWS's SDKs find them (environment, profile, SSO, container, instance).",
  ).optional(),
  googleKeyFile: option(
    z.string().min(1),
    'Key file of a service account of Google Cloud, for `auth: google-oauth`. Left out: Application Default Credentials, which also take other files by `GOOGLE_APPLICATION_CREDENTIALS`.',
  ).optional(),
};
