import type { Catalog } from '../../catalog/catalog.ts';
import type { CatalogModel } from '../../catalog/listing.ts';
import { price } from '../../catalog/price.ts';
import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';
import { inputTokensOf } from '../tokens.ts';
import type { Turn } from '../turn.ts';

/** A call is trivial below these, and without tools, thinking or a conversation. */
export const trivial = { inputTokens: 500, outputTokens: 60, items: 3 } as const;
/** Input of a large model costs at least this, in nano-USD a token (1 USD a million). */
const frontierRate = 1000;
/** The smaller model must cost at most this share. */
const cheaperShare = 1 / 3;
const smallNames = /(?:^|[-_.])(?:mini|nano|haiku|flash|lite|luna|small)(?:$|[-_.])/;

/** Short questions with short answers, asked of a model that costs several times what a smaller one of the same vendor does. */
export function oversizedModels(catalog: Catalog): (book: FindingBook) => Finder {
  return (book) => {
    const smaller = new Map<string, CatalogModel | undefined>();
    return {
      see(turn) {
        const { call, rates } = turn;
        if (!rates || rates.input < frontierRate || smallNames.test(call.model) || !isTrivial(turn)) return false;
        const vendor = catalog.vendorOf(call.model) ?? call.provider;
        const key = JSON.stringify([vendor, call.model]);
        if (!smaller.has(key)) smaller.set(key, smallerModel(catalog, vendor, call.model));
        const other = smaller.get(key);
        const cost = other && price(other.card, call.buckets, { at: call.at ?? Date.now(), served: {} });
        if (!other || !cost || cost.total === null || cost.total > call.cost.total! * cheaperShare) return false;
        const terms = [
          { what: `calls with ${call.model}`, model: call.model, tokens: 0, rate: call.cost.total! },
          { what: `calls of the same tokens with ${other.id}`, model: other.id, tokens: 0, rate: 0 - cost.total },
        ];
        const about = { model: call.model, otherModel: other.id };
        book.add({
          kind: 'oversized_model',
          app: call.app,
          subject: `${call.model}; ${other.id} would do`,
          about,
          where: call.where,
          terms,
        });
        return false;
      },
      end: () => {},
    };
  };
}

function isTrivial({ call, kinds, layout }: Turn): boolean {
  const isSmall = inputTokensOf(kinds) <= trivial.inputTokens && kinds.output > 0 && kinds.output <= trivial.outputTokens;
  const isPlain =
    kinds.reasoning === 0 && (call.reply?.tools.length ?? 0) === 0 && call.prompt?.tools === undefined && (call.parts?.tools ?? 0) === 0;
  const isAnswer = call.facts?.finishReason !== 'tool_calls' && call.facts?.finishReason !== 'length';
  return call.calls === 1 && call.outcome === 'ok' && isSmall && isPlain && isAnswer && (layout?.items.length ?? 1) <= trivial.items;
}

/** The dearest of the vendor's small models that costs a third or less: not the weakest that can be found. */
function smallerModel(catalog: Catalog, vendor: string, model: string): CatalogModel | undefined {
  const now = Date.now();
  const rateOf = ({ card }: Pick<CatalogModel, 'card'>): number => card.tiers[0]?.rates.input?.pico ?? 0;
  const own = catalog.find(vendor, model, now);
  if (!own) return undefined;
  const limit = rateOf({ card: own }) * cheaperShare;
  const fits = catalog
    .models(vendor, now)
    .filter((each) => !each.deprecated && smallNames.test(each.id) && !/audio|image|tts|realtime|search|embed|live/.test(each.id))
    .filter((each) => rateOf(each) > 0 && rateOf(each) <= limit && each.card.tiers[0]?.rates.output !== undefined);
  return fits.sort((left, right) => rateOf(right) - rateOf(left) || (left.id < right.id ? 1 : -1))[0];
}
