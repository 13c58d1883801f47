import type { ModifiersFile, RatesFile } from './data.ts';
import { matcherOf, type Matcher } from './match.ts';

/** The direct vendor of a bare model name. Our rules first: they know more exactly; the base data fills in the rest. `null`: none. */
export function vendorFinder(rates: Pick<RatesFile, 'providers'>, file: Pick<ModifiersFile, 'vendors'>): (model: string) => string | null {
  const ours = file.vendors.map(({ provider, match }) => ({ provider, matches: matcherOf(match) }));
  const known = new Set(ours.map(({ provider }) => provider));
  const base = rates.providers.flatMap(({ id, ownModels }): readonly { readonly provider: string; readonly matches: Matcher }[] =>
    ownModels && !known.has(id) ? [{ provider: id, matches: matcherOf(ownModels) }] : [],
  );
  return (model) => {
    const name = model.toLowerCase().trim();
    return hasTag(name) ? null : ([...ours, ...base].find(({ matches }) => matches(name))?.provider ?? null);
  };
}

/** `llama3:8b`, `gpt-oss:20b`: so local servers name their models. OpenAI's fine-tuned models have colons too. */
const hasTag = (name: string): boolean => name.includes(':') && !name.startsWith('ft:');
