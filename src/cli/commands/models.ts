import { modelNameLimit } from '../../catalog/catalog.ts';
import { nearest } from '../../config/nearest.ts';
import type { Run } from '../command.ts';
import { catalogForReading } from '../configured-catalog.ts';
import { exitCodes, failure } from '../errors.ts';
import { checkProvider, find, ofVendors, type Question } from '../model-search.ts';
import { describedModel, describedText, modelsText, type DescribedModel } from '../model-table.ts';

/** What one model takes, or a list of models. */
export const run: Run = async (given, terminal) => {
  const catalog = await catalogForReading(given, terminal);
  const atMs = Date.now();
  const provider = given.text('provider');
  if (provider !== undefined) checkProvider(catalog, provider, atMs);
  const question: Question = { catalog, atMs, provider, json: given.flag('json') === true, terminal };
  const [word] = given.words;
  terminal.out(word === undefined ? listed(all(question), question) : asked(word, question));
  return exitCodes.ok;
};

const all = (question: Question): readonly DescribedModel[] =>
  ofVendors(question).map(({ provider, id, card }) => describedModel(question.catalog, provider || card.provider, id, card));

function asked(word: string, question: Question): string {
  const { catalog, provider, json, terminal } = question;
  const card = find(word, question);
  const similar = card ? [] : all(question).filter(({ model }) => model.toLowerCase().includes(word.toLowerCase()));
  if (similar.length > 0) return listed(similar, question);
  const described = card ? describedModel(catalog, provider ?? card.provider, card.model, card) : unpriced(word, question);
  if (!described) throw unknown(word, question);
  return json ? `${JSON.stringify(described)}\n` : describedText(described, { width: terminal.columns, paint: terminal.paint });
}

/** A model may be known by what it takes though nobody knows its price. */
function unpriced(word: string, { catalog, provider }: Question): DescribedModel | undefined {
  const at = provider ?? catalog.vendorOf(word);
  if (at === undefined || catalog.capabilities(at, word).sources.length === 0) return undefined;
  return describedModel(catalog, at, word, undefined);
}

function unknown(word: string, { catalog, provider, atMs }: Question): Error {
  const names = [...new Set(catalog.models(provider, atMs).map(({ id }) => id))];
  const like = word.length > modelNameLimit ? undefined : nearest(word, names);
  return failure(
    `nothing is known of the model "${word.slice(0, modelNameLimit)}"${provider ? ` at ${provider}` : ''}${like ? `; did you mean ${like}?` : ''}`,
  );
}

function listed(models: readonly DescribedModel[], { catalog, json, terminal }: Question): string {
  if (json) return `${JSON.stringify({ asOf: catalog.asOf, version: catalog.version, models })}\n`;
  return modelsText(models, catalog.providers(), { width: terminal.columns, paint: terminal.paint });
}
