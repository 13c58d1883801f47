import type { ApiId } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import { Call, type CallCodec } from '../../core/call.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Shaped } from '../../core/shaping.ts';
import { testScope } from '../../core/testing.ts';
import type { RepairRule } from '../../prefix/rules.ts';
import { promptRepair, type PromptRepairOptions } from './index.ts';

/** One call, and what became of it. */
export interface Passed {
  readonly text: string;
  readonly body: JsonObject;
  readonly isChanged: boolean;
  readonly signals: readonly string[];
  readonly savings: Shaped['savings'];
}

interface StandOptions extends Partial<Pick<PromptRepairOptions, 'limits' | 'worth'>> {
  readonly rules: readonly RepairRule[];
  readonly takesAllowedTools?: boolean;
}

const ample = { maxConversations: 1000, maxBytes: 256 * 1024 * 1024 };

/** A body as written, or as JSON text. */
export function callOf(api: ApiId, body: object | string): Call {
  const codec = { api, fields: {} } as unknown as CallCodec; // no field is ever decoded: all are given
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Call.received('test', { codec, body: new Body([Buffer.from(text)]), given: { model: 'm', stream: false, streamUsage: true } });
}

/** The stage with nothing around it. */
export function startStand({ rules, takesAllowedTools = false, limits = ample, worth }: StandOptions): {
  readonly pass: (api: ApiId, body: object | string, labels?: Scope['labels'], key?: string) => Passed;
} {
  const shaper = promptRepair({
    limits,
    rulesOf: () => new Set(rules),
    takesAllowedTools: () => takesAllowedTools,
    ...(worth && { worth }),
  });
  return {
    pass(api, body, labels = {}, key) {
      const call = callOf(api, body);
      const shaped = shaper.shape(call, testScope({ labels, key }));
      const sent = shaped?.call ?? call;
      const text = sent.body.whole.toString();
      return {
        text,
        body: JSON.parse(text) as JsonObject,
        isChanged: sent !== call,
        signals: shaped?.signals ?? [],
        savings: shaped?.savings ?? [],
      };
    },
  };
}
