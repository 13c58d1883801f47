/** Stands for a token that is not read; long enough for the schema. */
const unread = 'not read here, not read here';

type Group = Readonly<Record<string, unknown>>;
const isGroup = (value: unknown): value is Group => value !== null && typeof value === 'object' && !Array.isArray(value);

/** A configuration as written, without what may hold a secret: for commands that call no provider, where its variables may not be set. */
export function stripped(value: unknown): unknown {
  if (!isGroup(value)) return value;
  const { server, providers, models, channels: _, alerts: __, ...rest } = value;
  return {
    ...rest,
    ...(server !== undefined && { server }),
    ...(providers !== undefined && { providers }),
    ...(models !== undefined && { models }),
    ...(isGroup(server) && 'adminToken' in server && { server: { ...server, adminToken: unread } }),
    ...(isGroup(providers) && {
      providers: Object.fromEntries(Object.entries(providers).map(([name, provider]) => [name, withoutKeys(provider)])),
    }),
    ...(isGroup(models) && { models: Object.fromEntries(Object.entries(models).map(([name, model]) => [name, withoutTargetKeys(model)])) }),
  };
}

function withoutTargetKeys(model: unknown): unknown {
  if (!isGroup(model) || !Array.isArray(model['targets'])) return model;
  return { ...model, targets: model['targets'].map(withoutKeys) };
}

function withoutKeys(provider: unknown): unknown {
  if (!isGroup(provider)) return provider;
  const { apiKey: _, apiKeys: __, apiKeyFile: ___, apiKeyCommand: ____, headers: _____, ...rest } = provider;
  return rest;
}
