import type { Recommendation } from '../../analytics/recommendation.ts';
import type { Finding } from '../../audit/finding.ts';
import { breakers, safeRules, type RepairRule } from '../../prefix/rules.ts';
import { savings } from '../../savings/registry.ts';

type Action = Recommendation['action'];
type Given = Pick<Finding, 'kind' | 'app' | 'about'>;

const guide = (page: string): string => `docs/guide/${page}.md`;
const stage = (key: string, mode: 'observe' | 'on'): string => `savings:\n  stages: { ${key}: ${mode} }\n`;

/** A word as YAML takes it wherever it stands. */
const word = (text: string): string => (/^[A-Za-z][\w.-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text) ? text : JSON.stringify(text)); // prettier-ignore

/** Only such a name can have options of its own under `apps`. */
const isAppName = (app: string | undefined): app is string => app !== undefined && /^[A-Za-z0-9][\w.-]{0,63}$/.test(app);

/** Limits of output for one app; for others by a rule that leaves the model as it is. */
function limitLines({ app, about }: Given, name: string, limits: string): string {
  if (isAppName(app)) return `apps:\n  ${word(app)}: { outputLimits: { ${limits} } }\n`;
  const match = [
    ...(app === undefined ? [] : [`app: ${word(app)}`]),
    ...(about?.model === undefined ? [] : [`model: ${word(about.model)}`]),
  ];
  return `routes:\n  - { name: ${name}, match: { ${match.join(', ')} }, limits: { ${limits} } }\n`;
}

function repair({ about }: Given): Action {
  const known = about?.signals?.map((signal) => signal.slice('prefix:'.length)) ?? [];
  const rules = known.flatMap((breaker) => (Object.hasOwn(breakers, breaker) ? (breakers[breaker as keyof typeof breakers] ?? []) : []));
  const page = guide('prompt-repair');
  if (known.length === 0)
    return { guide: page, config: `# shows what differs, and what a repair would save\n${stage('promptRepair', 'observe')}` };
  if (rules.length === 0) return { guide: page, config: '' };
  const all: readonly RepairRule[] = [...new Set<RepairRule>([...safeRules, ...rules])];
  return { guide: page, config: `${stage('promptRepair', 'on')}promptRepair:\n  rules: [${all.join(', ')}]\n` };
}

function route({ app, about }: Given): string {
  const match = [...(app === undefined ? [] : [`app: ${word(app)}`]), `model: ${word(about!.model!)}`, 'inputTokens: { max: 500 }', 'hasTools: false']; // prettier-ignore
  return `# observe records how often it would have fired; compare answers before it is on
routes:
  - { name: small-questions, match: { ${match.join(', ')} }, use: { model: ${word(about!.otherModel!)} }, mode: observe }
`;
}

/** A limit of output, to be observed first. */
export const limitConfig = (given: Given, maxOutputTokens: number): string =>
  `${stage('outputLimits', 'observe')}${limitLines(given, 'long-answers', `maxOutputTokens: ${maxOutputTokens}`)}`;

const actions: Readonly<Record<Finding['kind'], (given: Given) => Action>> = {
  cache_broken: repair,
  cache_expired: () => ({ guide: guide('prompt-cache'), config: stage('promptCache', 'on') }),
  cache_unused: () => ({ guide: guide('prompt-cache'), config: stage('promptCache', 'on') }),
  repeated_call: ({ app }) => {
    const own =
      app === undefined ? '' : `cache:\n  exact:\n    overrides:\n      - { match: { app: ${word(app)} }, deterministicOnly: false }\n`;
    return { guide: guide('reply-cache'), config: `${stage('exactCache', 'observe')}${own}` };
  },
  loop: ({ app }) => ({
    guide: guide('loops'),
    config: `${isAppName(app) ? `apps:\n  ${word(app)}: { loops: { action: warn } }` : 'loops: { action: warn }'} # or refuse\n`,
  }),
  oversized_model: (given) => ({ guide: guide('routes'), config: route(given) }),
  verbose_output: () => ({ guide: guide('output-limits'), config: '' }),
  cut_output: (given) => ({
    guide: guide('output-limits'),
    config: `${stage('outputLimits', 'on')}${limitLines(given, 'less-thought', 'effort: low')}`,
  }),
  idle_tools: () => ({ guide: guide('audit'), config: '' }),
  paid_retry: () => ({ guide: guide('resilience'), config: 'resilience: { maxPaidAttempts: 1 } # better: another target behind it\n' }),
  dear_tier: () => ({ guide: guide('routes'), config: '' }),
  batch_candidate: () => ({ guide: guide('batches'), config: '' }),
  observed_saving: ({ about }) => {
    const key = savings.find((each) => each.stage === about?.stage)?.key;
    return { guide: guide('savings'), config: key === undefined ? '' : stage(key, 'on') };
  },
  unused_tool: () => ({ guide: guide('audit'), config: '' }),
  stale_result: () => ({ guide: guide('audit'), config: '' }),
  pretty_json: () => ({ guide: guide('audit'), config: '' }),
  image_detail: () => ({ guide: guide('audit'), config: '' }),
};

/** Configuration that acts on a finding; empty where only the program can. */
export const actionOf = (given: Given): Action => actions[given.kind](given);
