import type { Config } from '../config/schema.ts';

/** Made anew when the configuration was reloaded. */
export function byConfig<T>(make: (config: Config) => T): (config: Config) => T {
  const made = new WeakMap<Config, T>();
  return (config) => {
    const value = made.get(config) ?? make(config);
    made.set(config, value);
    return value;
  };
}
