import { modelNameLimit } from '../../catalog/catalog.ts';
import { listRates } from '../../catalog/explain.ts';
import type { CatalogModel } from '../../catalog/listing.ts';
import { nearest } from '../../config/nearest.ts';
import type { Run } from '../command.ts';
import { catalogForReading } from '../configured-catalog.ts';
import { exitCodes, failure } from '../errors.ts';
import { checkProvider, find, ofVendors, type Question } from '../model-search.ts';
import { explainedModel, listText, modelText } from '../price-table.ts';
import { readTime } from '../time.ts';

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
