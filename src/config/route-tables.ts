import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cheapestAbove, maxTableBytes, parseTable, type TableRow } from '../routes/table.ts';
import type { Fault } from './checks.ts';
import { modelFaults } from './route-checks.ts';
import type { ParsedConfig } from './schema.ts';

type Routes = ParsedConfig['routes'];

export interface RoutesWithTables {
  readonly routes: Routes;
  readonly faults: readonly Fault[];
}

/** Reads the tables that rules name, relative to `dir`, and checks that they lead somewhere. */
export async function withTables(config: ParsedConfig, dir: string): Promise<RoutesWithTables> {
  const faults: Fault[] = [];
  const read = async (rule: Routes[number], index: number): Promise<Routes[number]> => {
    const table = rule.use?.fromTable;
    if (!table) return rule;
    const path = ['routes', index, 'use', 'fromTable'];
    try {
      const rows = table.file === undefined ? table.rows : await rowsOf(resolve(dir, table.file));
      faults.push(...rowFaults({ ...table, rows }, path, config));
      return { ...rule, use: { fromTable: { ...table, rows } } };
    } catch (error) {
      faults.push({ path: [...path, 'file'], problem: (error as Error).message, fix: 'a table has task, model, quality and cost' });
      return rule;
    }
  };
  const routes = await Promise.all(config.routes.map(read));
  return { routes, faults };
}

async function rowsOf(file: string): Promise<readonly TableRow[]> {
  const { size } = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(cause.code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${cause.code})`, { cause });
  });
  if (size > maxTableBytes) throw new Error(`${file} is larger than ${maxTableBytes} bytes`);
  try {
    return parseTable(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

type TableUse = NonNullable<NonNullable<Routes[number]['use']>['fromTable']>;

function rowFaults({ rows, task, minQuality }: TableUse, path: Fault['path'], config: ParsedConfig): readonly Fault[] {
  const tasks = [...new Set(rows.map((row) => row.task))];
  if (task !== undefined && !tasks.includes(task))
    return [{ path: [...path, 'task'], problem: `the table has no task "${task}"`, fix: `it has: ${tasks.join(', ')}` }];
  const chosen = (task === undefined ? tasks : [task]).map((one) => cheapestAbove(rows, one, minQuality));
  if (task !== undefined && chosen[0] === undefined)
    return [
      { path: [...path, 'minQuality'], problem: `no model of the table reaches it at "${task}"`, fix: 'lower it, or evaluate more models' },
    ];
  const models = new Set(chosen.flatMap((row) => row?.model ?? []));
  return [...models].flatMap((model) => modelFaults(path, model, config));
}
