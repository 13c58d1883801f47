import { join } from 'node:path';
import { readConversations } from '../src/cli/what-if/conversations.ts';
import { createRehearsal } from '../src/compose/rehearsal.ts';
import { loadConfig, type PartialConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/schema.ts';
import type { WhatIfResult } from '../src/what-if/result.ts';
import { createWhatIf } from '../src/what-if/run.ts';
import { variantsOf } from '../src/what-if/variants.ts';
import { vendors, type Vendor } from './agents/vendor.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { table } from './figures.ts';

export const summary =
  'recorded agents under another policy: the bills, how many calls a second of CPU, and memory as the recording grows [--repeat]';

const startMs = Date.UTC(2026, 10, 25, 9);
const dayMs = 24 * 3600 * 1000;
const providers = {
  openai: { protocol: 'openai', baseUrl: 'https://api.openai.com/v1' },
  anthropic: { protocol: 'anthropic', baseUrl: 'https://api.anthropic.com' },
  google: { protocol: 'google', baseUrl: 'https://generativelanguage.googleapis.com' },
} as const;

async function configured(stages: NonNullable<NonNullable<PartialConfig['savings']>['stages']>): Promise<Config> {
  const savings = { holdout: 0, stageHoldout: 0, stages };
  return (await loadConfig({ env: {}, cwd: import.meta.dirname, data: { providers, savings }, withoutSecrets: true })).config;
}

/** Repairs remember conversations, up to `promptRepair.maxBytes`; memory is measured without them. */
const today = { promptCache: 'off', promptRepair: 'off' } as const;
const policies = {
  'prompt cache': { promptCache: 'on', promptRepair: 'off' },
  'prompt cache, repair, reply cache': { promptCache: 'on', promptRepair: 'on', exactCache: 'on' },
  nothing: today,
} as const;

interface Ran {
  readonly result: WhatIfResult;
  /** Calls times variants. */
  readonly rehearsals: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

interface Asked {
  readonly path: string;
  readonly vendor: Vendor;
  readonly policy: Config;
  /** How often the recording is read: once a day, each time as other sessions. */
  readonly repeat?: number;
}

async function whatIf({ path, vendor, policy, repeat = 1 }: Asked): Promise<Ran> {
  const before = await configured(today);
  const run = createWhatIf({ before, policy, ablation: false, open: createRehearsal });
  const began = process.cpuUsage();
  for (let day = 0; day < repeat; day++) {
    const options = { api: vendor.api, model: vendor.model, cache: false, startMs: startMs - day * dayMs, seed: day + 1 };
    await readConversations(path, options, (call) => run.see({ call: { ...call, labels: { ...call.labels, session: `${call.labels.session}-${day}` } } })); // prettier-ignore
  }
  const result = await run.run();
  run.close();
  const { steps } = variantsOf(before, policy, false);
  const { user, system } = process.cpuUsage(began);
  return {
    result,
    rehearsals: result.calls * steps.length,
    cpuSeconds: (user + system) / 1e6,
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  };
}

interface Row {
  readonly calls: number;
  readonly todayUsd: number;
  readonly policyUsd: number;
  /** Policy by today. */
  readonly ratio: number;
  readonly callsDearer: number;
  /** Stage -> share of today's bill. */
  readonly stages: Readonly<Record<string, number>>;
  /** Our bill under the policy less the vendors' own, nano-USD. */
  readonly offVendorsBill: number;
  readonly callsPerCpuSecond: number;
}

const usdOf = (nano: number): number => Math.round(nano / 1e5) / 1e4;

function rowOf({ result, rehearsals, cpuSeconds }: Ran): Row {
  const { calls, baseline, policy, stages, changes, vendorBills } = result;
  return {
    calls,
    todayUsd: usdOf(baseline.cost),
    policyUsd: usdOf(policy.cost),
    ratio: policy.cost / baseline.cost,
    callsDearer: changes.dearer,
    stages: Object.fromEntries(stages.map(({ stage, saved }) => [stage, saved / baseline.cost])),
    offVendorsBill: Number(BigInt(policy.cost) - BigInt(vendorBills.policy)),
    callsPerCpuSecond: Math.round(rehearsals / cpuSeconds),
  };
}

export async function run({ dataDir, progress, args }: BenchOptions): Promise<Figures> {
  const given = parseBenchArgs(args, { repeat: { type: 'string', default: '10' } });
  const repeat = positive('repeat', given.repeat);
  const path = join(dataDir, 'context/agents/transcripts.jsonl.gz');
  const rows: Record<string, Record<string, Row>> = {};
  for (const [name, vendor] of Object.entries<Vendor>(vendors))
    for (const [policy, stages] of Object.entries(policies)) {
      progress(`what-if: ${name}, ${policy}`);
      (rows[policy] ??= {})[name] = rowOf(await whatIf({ path, vendor, policy: await configured(stages) }));
    }
  progress(`what-if: ${repeat} days of it`);
  const asked: Asked = { path, vendor: vendors.anthropic, policy: await configured(policies['prompt cache']) };
  const once = await whatIf(asked);
  const many = await whatIf({ ...asked, repeat });
  const memory = { repeat, calls: many.result.calls, cpuSeconds: Math.round(many.cpuSeconds), onceMb: once.rssMb, manyMb: many.rssMb };
  const all = Object.values(rows).flatMap((byVendor) => Object.values(byVendor));
  const unchanged = Object.values(rows['nothing']!).map(({ todayUsd, policyUsd }) => Math.abs(todayUsd - policyUsd));
  return {
    rows,
    memory,
    callsPerCpuSecond: Math.min(...all.map(({ callsPerCpuSecond }) => callsPerCpuSecond)),
    goals: [
      { name: "off the vendors' own bill, all runs", value: Math.max(...all.map(({ offVendorsBill }) => Math.abs(offVendorsBill))), unit: 'nano-USD', max: 0 },
      { name: 'difference that an empty policy makes', value: Math.max(...unchanged), unit: 'USD', max: 0 },
      { name: `memory, ${repeat} times the recording by one`, value: many.rssMb / once.rssMb, unit: 'x', max: 2 },
    ].map(judge), // prettier-ignore
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export function markdown(figures: Figures): string {
  const { rows, memory } = figures as unknown as {
    readonly rows: Readonly<Record<string, Readonly<Record<string, Row>>>>;
    readonly memory: Readonly<Record<'repeat' | 'calls' | 'cpuSeconds' | 'onceMb' | 'manyMb', number>>;
  };
  const lines = Object.entries(rows).flatMap(([policy, byVendor]) =>
    Object.entries(byVendor).map(([vendor, row]) => [
      policy,
      vendor,
      `$${row.todayUsd.toFixed(4)}`,
      `$${row.policyUsd.toFixed(4)}`,
      percent(row.ratio),
      Object.entries(row.stages).map(([stage, share]) => `${stage} ${percent(share)}`).join(', '), // prettier-ignore
      String(row.callsDearer),
      String(row.callsPerCpuSecond),
    ]),
  );
  return [
    `${Object.values(Object.values(rows)[0]!)[0]!.calls} calls of recorded agents without client marks: the whole bill, output included, with no saving and under a policy.`,
    table(['policy', 'rules of', 'today', 'policy', 'of today', 'saved by', 'calls dearer', 'calls a CPU second'], lines),
    `${memory.repeat} times the recording: ${memory.calls} calls in ${memory.cpuSeconds} s of CPU, ${memory.manyMb} MB against ${memory.onceMb} MB.`,
  ].join('\n\n');
}
