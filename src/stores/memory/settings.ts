import type { Setting, SettingStore } from '../../core/stores.ts';
import { checkSetting } from '../checks.ts';

const none: Setting = { version: 0, value: undefined };

/** Settings in this process, gone with it. */
export function createMemorySettings(): SettingStore {
  const settings = new Map<string, Setting>();
  return {
    read: async (name) => settings.get(name) ?? none,
    version: async (name) => settings.get(name)?.version ?? 0,
    async write(name, value, version) {
      checkSetting(name, value, version);
      if ((settings.get(name)?.version ?? 0) !== version) return false;
      settings.set(name, { version: version + 1, value });
      return true;
    },
  };
}
