import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import { lazily } from '../core/lazily.ts';
import type { Stage } from '../core/pipeline.ts';
import { rewriteReply } from '../protocols/rewrite/rewrite-reply.ts';
import type { Serving } from '../server/context.ts';
import { sensitivity } from '../stages/sensitivity/index.ts';
import { SensitivityMemory } from '../stages/sensitivity/memory.ts';
import { policyOf, type Label } from '../stages/sensitivity/labels.ts';
import { createClassifier, type Classify, type RankedRule } from '../text/sensitivity/classifier.ts';
import { patternRule, wordRule } from '../text/sensitivity/custom.ts';
import { builtInKinds, kindsIn } from '../text/sensitivity/kinds.ts';
import { placeholderOf } from '../text/sensitivity/placeholders.ts';
import { Restorer } from '../text/sensitivity/restorer.ts';

/** The guard, as the configuration has it. */
export function sensitivityOf(config: Config, memory: SensitivityMemory): Stage {
  const { maxTextBytes } = config.sensitivity;
  const { maxReplyBytes: maxBodyBytes, maxEventBytes } = config.meter;
  const labels = labelsOf(config);
  const key = lazily(() => maskKeyOf(config));
  return sensitivity({
    labels,
    classify: createClassifier(rulesOf(config, labels)),
    maxTextBytes,
    unreadRank: unreadRankOf(config, labels),
    local: localOf(config),
    memory,
    placeholderFor: (conversation, kind, value) => placeholderOf(key(), conversation, kind, value),
    restored: (bytes, { api, contentType, placeholders }) =>
      rewriteReply(
        bytes,
        { whole: (text) => placeholders.restored(text), pieces: (isJson) => new Restorer(placeholders, isJson) },
        { api, contentType, maxEventBytes, maxBodyBytes },
      ),
  });
}

/** Labelled responses that are remembered at least; more where more conversations are kept. */
const minRememberedIds = 10_000;

export const sensitivityMemoryOf = ({ responses }: Config): SensitivityMemory =>
  new SensitivityMemory({ maxIds: Math.max(minRememberedIds, responses.maxKept) });

/** What is taken out of stored bodies. */
export function storedFindings(config: Config): Classify {
  const labels = labelsOf(config);
  const rules = rulesOf(config, labels);
  if (config.sensitivity.redactStoredBodies) return createClassifier([{ rank: 0, kinds: builtInKinds, shapes: [] }, ...rules]);
  const covers = ({ policy, apps, models }: Label): boolean =>
    [policy, ...Object.values(apps), ...Object.values(models)].some((one) => one !== 'allow');
  return createClassifier(rules.filter(({ rank }) => covers(labels[rank]!)));
}

/**
 * Requests that are passed through are not read: one with a body, or one that its client labels, is held to the label `unread` or its own.
 * Nothing is masked there, so a label that asks for it is refused.
 */
export function guardedRaw(config: Config, send: Serving['raw']): Serving['raw'] {
  const labels = labelsOf(config);
  const local = localOf(config);
  return async (provider, request, scope) => {
    const claimed = scope.sensitivity === undefined ? -1 : labels.findIndex(({ name }) => name === scope.sensitivity);
    if (scope.sensitivity !== undefined && claimed === -1)
      throw new GatewayError('invalid_request', 'x-modicum-sensitivity names no label of sensitivity.labels', {
        param: 'x-modicum-sensitivity',
      });
    const rank = Math.max(claimed, request.body ? unreadRankOf(config, labels) : -1);
    if (rank === -1) return send(provider, request, scope);
    const label = labels[rank]!;
    scope.annotations.sensitivity = label.name;
    const policy = policyOf(label, scope.labels.app, '');
    if (policy === 'refuse' || policy === 'mask')
      throw new GatewayError(
        'sensitive_data',
        `passed-through requests are not read, and count as labelled "${label.name}", which must not be sent so`,
      );
    return send(provider, request, policy === 'local-only' ? { ...scope, confined: { ...local, label: label.name } } : scope);
  };
}

const labelsOf = ({ sensitivity: { labels } }: Config): readonly Label[] =>
  Object.entries(labels).map(([name, label]) => ({ name, ...label }));

const rulesOf = ({ sensitivity: { rules } }: Config, labels: readonly Label[]): readonly RankedRule[] =>
  rules.map(({ label, detectors, words, patterns }) => ({
    rank: labels.findIndex(({ name }) => name === label),
    kinds: kindsIn(detectors),
    shapes: [...(words.length > 0 ? [wordRule(words)] : []), ...patterns.map(patternRule)],
  }));

/** -1 where there are no labels. */
const unreadRankOf = ({ sensitivity: { unread } }: Config, labels: readonly Label[]): number =>
  unread === undefined ? labels.length - 1 : labels.findIndex(({ name }) => name === unread);

const localOf = ({ sensitivity: { localProviders } }: Config) => ({ hosting: ['self-hosted'], providers: localProviders }) as const;

/** Bytes of the secret that is made when none is configured. */
const maskKeyBytes = 32;

/** The secret of the placeholders: the same after a restart and in every worker, so that prompts keep their bytes. */
function maskKeyOf({ dataDir, sensitivity: { maskKey } }: Config): Uint8Array {
  if (maskKey !== undefined) return createHash('sha256').update(maskKey).digest();
  const path = join(dataDir, 'mask.key');
  if (!existsSync(path)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(path, randomBytes(maskKeyBytes), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another worker was quicker
    }
  }
  const key = readFileSync(path);
  if (key.length !== maskKeyBytes) throw new Error(`${path} must hold ${maskKeyBytes} bytes`);
  return key;
}
