import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LedgerEvent } from '../core/record.ts';
import { oracleSource } from './conformance/oracle.ts';
import { conformanceQueries } from './conformance/queries.ts';
import { generatedEvents, generatedSpan } from './conformance/records.ts';
import { createQueryEngine } from './engine.ts';
import type { QueryEngine } from './query.ts';

/** Where engines stand in time. */
export const conformanceNow = generatedSpan.to + 12_345;

export interface MadeEngine {
  readonly engine: QueryEngine;
  readonly end: () => void | Promise<void>;
}

/** More of them take minutes: `CONFORMANCE_RECORDS=200000`. */
const defaultRecords = Number(process.env['CONFORMANCE_RECORDS'] ?? 4000);

/** Holds an engine to the answers of a walk over the records. `make` fills a new engine, whose clock says `conformanceNow`. */
export function testQueryEngine(name: string, make: (events: readonly LedgerEvent[]) => Promise<MadeEngine>, count = defaultRecords): void {
  describe(`${name} answers as a walk over ${count} records does`, () => {
    const events = [...generatedEvents({ count })];
    const oracle = createQueryEngine(oracleSource(events), () => conformanceNow);
    let made: MadeEngine;
    before(async () => {
      made = await make(events);
    });
    after(() => made.end());
    for (const [about, query] of Object.entries(conformanceQueries))
      test(about, async () => assert.deepEqual(await made.engine.answer(query), await oracle.answer(query)));
    test('what cannot be answered is refused by name', async () => {
      await assert.rejects(made.engine.answer({ measures: [] }), /^RangeError: measures: is empty/);
      await assert.rejects(made.engine.answer({ measures: ['calls'], bucket: 'minute', from: 0, to: 1e13 }), /^RangeError: bucket: /);
    });
  });
}
