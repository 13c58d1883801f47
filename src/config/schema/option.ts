import * as z from 'zod';

/** What the reference shows of an option beside its type and default. */
export interface OptionMeta {
  readonly description: string;
  /** `ms`, `bytes`, `days` ... */
  readonly unit?: string;
  /** Never printed. */
  readonly secret?: boolean;
}

/** The same option, with what the reference and the JSON Schema say about it. */
export const option = <S extends z.ZodType>(schema: S, description: string, more: Omit<OptionMeta, 'description'> = {}): S =>
  schema.meta({ description, ...more });

interface Bounds {
  readonly unit?: string;
  readonly min?: number;
  readonly max: number;
  readonly default: number;
}

/** A whole number within bounds, with a default. */
export const whole = (description: string, { unit, min = 0, max, default: initial }: Bounds) =>
  option(z.int().min(min).max(max), description, unit === undefined ? {} : { unit }).default(initial);

export const flag = (description: string, initial: boolean) => option(z.boolean(), description).default(initial);

export const choice = <const T extends readonly [string, ...string[]]>(description: string, values: T, initial: NoInfer<T[number]>) =>
  option(z.enum(values), description).default(initial as z.util.NoUndefined<z.output<z.ZodEnum<z.util.ToEnum<T[number]>>>>);

/** A group of options; left out, each has its default. Unknown keys are errors. */
export const group = <Shape extends z.core.$ZodLooseShape>(description: string, shape: Shape) =>
  option(z.strictObject(shape), description).prefault({} as never);

export const kib = 1024;
export const mib = 1024 * kib;
export const gib = 1024 * mib;
export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
