import type { Command } from './command.ts';
import { advice } from './listed/advice.ts';
import { guards } from './listed/guards.ts';
import { prices } from './listed/prices.ts';
import { reports } from './listed/reports.ts';
import { setup } from './listed/setup.ts';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [...reports, ...guards, ...prices, ...advice, ...setup];
