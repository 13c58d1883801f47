import type { Fault } from './checks.ts';
import type { ParsedConfig } from './schema.ts';

/** Alerts must go to channels there are, and speak of budgets there are. */
export function alertFaults({ alerts, channels, budgets }: ParsedConfig): readonly Fault[] {
  return alerts.flatMap(({ to, when }, index) => {
    const unknown = to.findIndex((name) => name !== 'log' && !Object.hasOwn(channels, name));
    const missing = when.budget && when.budget.name !== '*' && !when.budget.name.startsWith('key-') && !budgets.some(({ name }) => name === when.budget!.name); // prettier-ignore
    return [
      ...(unknown === -1 ? [] : [{ path: ['alerts', index, 'to', unknown], problem: `there is no channel "${to[unknown]}"`, fix: 'add it under `channels`, or take `log`' }]), // prettier-ignore
      ...(missing ? [{ path: ['alerts', index, 'when', 'budget', 'name'], problem: `there is no budget "${when.budget.name}"`, fix: 'add it under `budgets`, or take `*`' }] : []), // prettier-ignore
    ];
  });
}
