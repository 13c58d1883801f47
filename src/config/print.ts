import { stringify } from 'yaml';
import type { Config } from './schema.ts';

/** Stands in place of each secret, whatever its length. */
export const mask = '********';

/** The configuration in effect, defaults included, as YAML without secrets. */
export const printConfig = (config: Config): string => stringify(withoutSecrets(config), { lineWidth: 0, aliasDuplicateObjects: false });

/** The same configuration, each secret masked. */
export function withoutSecrets(config: Config): Config {
  const { adminToken, ...server } = config.server;
  const { clickhouse } = config.insight;
  return {
    ...config,
    server: { ...server, ...(adminToken !== undefined && { adminToken: mask }) },
    telemetry: { ...config.telemetry, otlp: { ...config.telemetry.otlp, headers: mapValues(config.telemetry.otlp.headers, () => mask) } },
    insight: { ...config.insight, clickhouse: { ...clickhouse, ...(clickhouse.url !== undefined && { url: mask }) } },
    state: { ...config.state, ...(config.state.url !== undefined && { url: mask }) },
    providers: mapValues(config.providers, (provider) => ({
      ...provider,
      apiKey: provider.apiKey === undefined ? undefined : mask,
      ...(provider.apiKeys && { apiKeys: provider.apiKeys.map(() => mask) }),
      ...(provider.awsKeys && { awsKeys: { accessKeyId: mask, secretAccessKey: mask } }),
      headers: mapValues(provider.headers, () => mask),
    })),
    channels: mapValues(config.channels, masked),
    models: mapValues(config.models, (model) => ({
      ...model,
      ...(model.targets && {
        targets: model.targets.map((target) => ({ ...target, ...(target.apiKey !== undefined && { apiKey: mask }) })),
      }),
    })),
  };
}

/** An address is masked too: those of Slack, and of mail servers, hold a secret. */
const masked = ({ url, secret, smtp, headers, ...channel }: Config['channels'][string]): Config['channels'][string] => ({
  ...channel,
  ...(url !== undefined && { url: mask }),
  ...(secret !== undefined && { secret: mask }),
  ...(smtp !== undefined && { smtp: mask }),
  headers: mapValues(headers, () => mask),
});

const mapValues = <T, R>(record: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
