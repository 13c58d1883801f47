import { flag, group, hour, minute, second, whole } from './option.ts';

export const keyOptions = group('Virtual keys: who may call. They are made by `modicum keys` and the admin API.', {
  required: flag(
    'Calls need a key though there is none yet. Where others than this machine may call they always do, unless `server.allowUnauthenticated` is set. Once there is a key, every call needs one.',
    false,
  ),
  refreshMs: whole('How often the keys are looked at for changes that another process made.', {
    unit: 'ms',
    min: 100,
    max: minute,
    default: second,
  }),
  maxStaleMs: whole('How long the keys in memory are trusted while their store does not answer; after that calls are refused.', {
    unit: 'ms',
    max: hour,
    default: minute,
  }),
});
