import type { RateCard } from '../catalog/card.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogModel } from '../catalog/listing.ts';
import { nearest } from '../config/nearest.ts';
import { vendors } from '../config/vendors.ts';
import { failure } from './errors.ts';
import type { Terminal } from './terminal.ts';

/** Which models a command was asked about. */
export interface Question {
  readonly catalog: Catalog;
  readonly atMs: number;
  readonly provider: string | undefined;
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** @throws {CliError} when nothing is known of the provider */
export function checkProvider(catalog: Catalog, provider: string, atMs: number): void {
  if (catalog.models(provider, atMs).length > 0) return;
  const ids = catalog.providers().map(({ id }) => id);
  const like = nearest(provider, ids);
  throw failure(`no prices are known for the provider "${provider}"; ${like ? `did you mean ${like}?` : `there are: ${ids.join(', ')}`}`);
}

/** Of the provider asked for, else of the vendors themselves, whose models others sell on. */
export function ofVendors({ catalog, provider, atMs }: Question): readonly CatalogModel[] {
  if (provider !== undefined) return catalog.models(provider, atMs);
  const direct = new Set(['', ...vendors.filter(({ serves }) => serves === 'own').map(({ prices }) => prices)]);
  return catalog.models(undefined, atMs).filter((model) => direct.has(model.provider) && !model.deprecated);
}

/** At the provider asked for, in the form `provider/model`, at its vendor, or at whoever lists it. */
export function find(word: string, { catalog, provider, atMs }: Question): RateCard | undefined {
  if (provider !== undefined) return catalog.find(provider, word, atMs);
  const slash = word.indexOf('/');
  const prefixed = slash > 0 ? catalog.find(word.slice(0, slash), word.slice(slash + 1), atMs) : undefined;
  if (prefixed) return prefixed;
  const vendor = catalog.vendorOf(word);
  const own = vendor === undefined ? undefined : catalog.find(vendor, word, atMs);
  return own ?? catalog.models(undefined, atMs).find(({ id }) => id.toLowerCase() === word.toLowerCase())?.card;
}
