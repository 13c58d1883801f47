import type { RateCard } from '../../catalog/card.ts';
import { modelNameLimit, type Catalog } from '../../catalog/catalog.ts';
import { listRates } from '../../catalog/explain.ts';
import type { CatalogModel } from '../../catalog/listing.ts';
import { nearest } from '../../config/nearest.ts';
import { vendors } from '../../config/vendors.ts';
import type { Run } from '../command.ts';
import { catalogForReading } from '../configured-catalog.ts';
import { exitCodes, failure } from '../errors.ts';
import { explainedModel, listText, modelText } from '../price-table.ts';
import type { Terminal } from '../terminal.ts';
import { readTime } from '../time.ts';

interface Question {
  readonly catalog: Catalog;
  readonly atMs: number;
  readonly provider: string | undefined;
  readonly json: boolean;
  readonly terminal: Terminal;
}

/** The prices of one model, or a list of models. */
export const run: Run = async (given, terminal) => {
  const catalog = await catalogForReading(given, terminal);
  const at = given.text('at');
  const atMs = at === undefined ? Date.now() : readTime('at', at, Date.now());
  const provider = given.text('provider');
  if (provider !== undefined) checkProvider(catalog, provider, atMs);
  const question: Question = { catalog, atMs, provider, json: given.flag('json') === true, terminal };
  const [word] = given.words;
  terminal.out(word === undefined ? listed(ofVendors(question), question) : asked(word, question));
  return exitCodes.ok;
};

function checkProvider(catalog: Catalog, provider: string, atMs: number): void {
  if (catalog.models(provider, atMs).length > 0) return;
  const ids = catalog.providers().map(({ id }) => id);
  const like = nearest(provider, ids);
  throw failure(`no prices are known for the provider "${provider}"; ${like ? `did you mean ${like}?` : `there are: ${ids.join(', ')}`}`);
}

/** Of the provider asked for, else of the vendors themselves, whose models others sell on. */
function ofVendors({ catalog, provider, atMs }: Question): readonly CatalogModel[] {
  if (provider !== undefined) return catalog.models(provider, atMs);
  const direct = new Set(['', ...vendors.filter(({ serves }) => serves === 'own').map(({ prices }) => prices)]);
  return catalog.models(undefined, atMs).filter((model) => direct.has(model.provider) && !model.deprecated);
}

function asked(word: string, question: Question): string {
  const { catalog, atMs, json, terminal } = question;
  const card = find(word, question);
  if (card) {
    const alsoAt = catalog.models(undefined, atMs).filter(({ id, provider }) => id === card.model && provider !== card.provider);
    const explained = explainedModel(card, catalog, atMs, [...new Set(alsoAt.map(({ provider }) => provider))]);
    return json ? `${JSON.stringify(explained)}\n` : modelText(explained, { width: terminal.columns, paint: terminal.paint });
  }
  const similar = ofVendors(question).filter(({ id }) => id.toLowerCase().includes(word.toLowerCase()));
  if (similar.length === 0) throw unknown(word, question);
  return listed(similar, question);
}

/** At the provider asked for, in the form `provider/model`, at its vendor, or at whoever lists it. */
function find(word: string, { catalog, provider, atMs }: Question): RateCard | undefined {
  if (provider !== undefined) return catalog.find(provider, word, atMs);
  const slash = word.indexOf('/');
  const prefixed = slash > 0 ? catalog.find(word.slice(0, slash), word.slice(slash + 1), atMs) : undefined;
  if (prefixed) return prefixed;
  const vendor = catalog.vendorOf(word);
  const own = vendor === undefined ? undefined : catalog.find(vendor, word, atMs);
  return own ?? catalog.models(undefined, atMs).find(({ id }) => id.toLowerCase() === word.toLowerCase())?.card;
}

function unknown(word: string, { catalog, provider, atMs }: Question): Error {
  const names = [...new Set(catalog.models(provider, atMs).map(({ id }) => id))];
  const like = word.length > modelNameLimit ? undefined : nearest(word, names);
  return failure(
    [
      `no price is known for "${word}"${provider ? ` at ${provider}` : ''}${like ? `; did you mean ${like}?` : ''}`,
      'Set one in modicum.yaml, in USD per million tokens:',
      `  models: { ${JSON.stringify(word.slice(0, modelNameLimit))}: { provider: NAME, prices: { input: 0.5, output: 1.5 } } }`,
    ].join('\n'),
  );
}

function listed(models: readonly CatalogModel[], { catalog, json, terminal }: Question): string {
  if (json) return `${JSON.stringify({ asOf: catalog.asOf, version: catalog.version, models: models.map(modelJson) })}\n`;
  const { columns: width, paint } = terminal;
  const list = listText(models, catalog.providers(), { width, paint });
  return `${list}\n${paint('dim', `USD per million tokens. Prices as of ${catalog.asOf}.`)}\n`;
}

const modelJson = ({ provider, id, name, contextTokens, deprecated, card }: CatalogModel): object => ({
  provider,
  model: id,
  name: name ?? null,
  contextTokens: contextTokens ?? null,
  deprecated,
  rates: listRates(card),
});
