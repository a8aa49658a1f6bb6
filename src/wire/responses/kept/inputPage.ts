import { failure, success, type Result } from '../../../kernel/index.ts';
import { textIn } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import type { KeptTexts } from '../../AnswerKeeping.ts';
import type { RequestFault } from '../../wire.ts';
import { inputItems } from './keptItems.ts';

const defaultLimit = 20;
const limitMax = 100;

/** One page of what was brought, the last first unless asked otherwise (openai 7.57.0, `ResponseItemList`). */
export const inputPage = (kept: Omit<KeptTexts, 'answer'>, query: string): Result<Uint8Array, RequestFault> => {
  const asked = new URLSearchParams(query);
  const limit = Number(asked.get('limit') ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > limitMax)
    return failure(fault('limit', `must be a whole number from 1 to ${limitMax}`));
  const order = asked.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') return failure(fault('order', 'must be asc or desc'));
  const all = order === 'asc' ? inputItems(kept) : inputItems(kept).toReversed();
  const after = asked.get('after');
  const from = after === null ? 0 : all.findIndex((item) => textIn(item, 'id') === after) + 1;
  if (after !== null && from === 0) return failure(fault('after', 'must be the id of an item of this list'));
  const data = all.slice(from, from + limit);
  const page = {
    object: 'list',
    data,
    first_id: textIn(data[0] ?? null, 'id'),
    last_id: textIn(data.at(-1) ?? null, 'id'),
    has_more: from + limit < all.length,
  };
  return success(utf8Bytes(JSON.stringify(page)));
};

const fault = (parameter: string, rule: string): RequestFault => ({
  code: 'bad_request',
  message: `\`${parameter}\` ${rule}`,
  parameter,
});
