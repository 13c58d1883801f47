/** A calendar month in UTC, epoch ms: `from` included, `to` not. */
export interface Month {
  /** `2026-11` */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export function monthOf(atMs: number): Month {
  const date = new Date(atMs);
  return monthAt(date.getUTCFullYear(), date.getUTCMonth());
}

/** `undefined` for what is no `YYYY-MM`. */
export function readMonth(name: string): Month | undefined {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name);
  return parts ? monthAt(Number(parts[1]), Number(parts[2]) - 1) : undefined;
}

/** So many months later; negative: before. */
export function shifted({ from }: Month, months: number): Month {
  const date = new Date(from);
  return monthAt(date.getUTCFullYear(), date.getUTCMonth() + months);
}

function monthAt(year: number, month: number): Month {
  const from = Date.UTC(year, month);
  return { name: new Date(from).toISOString().slice(0, 7), from, to: Date.UTC(year, month + 1) };
}
