import { failure, success, type Result } from '../../kernel/index.ts';
import type { Exchange } from '../Exchange.ts';
import type { Refusal } from '../Refusal.ts';
import { ownerOf, type AnswerKeeper } from './AnswerKeeper.ts';

const notFound = (name: string): Refusal => ({
  code: 'response_not_found',
  message: `Response with id '${name}' not found. What a vendor keeps is not asked for here.`,
});

const noStream: Refusal = {
  code: 'unsupported_feature',
  message: 'A response that is kept is given whole: leave `stream` out.',
  parameter: 'stream',
};

/** Gives, lists or removes what is kept under the name in the path of an exchange. */
export const askKept = async (
  keeper: AnswerKeeper,
  { wire, route, principal, answer: name = '', query }: Exchange,
): Promise<Result<Uint8Array, Refusal>> => {
  const { keeping } = wire;
  const requestId = keeping?.requestIdOf(name) ?? null;
  if (keeping === undefined || requestId === null) return failure(notFound(name));
  const owner = ownerOf(principal);
  if (route.method === 'DELETE')
    return (await keeper.remove(owner, requestId)) ? success(keeping.removed(requestId)) : failure(notFound(name));
  if (new URLSearchParams(query).get('stream') === 'true') return failure(noStream);
  const kept = await keeper.find(owner, requestId);
  if (kept === null) return failure(notFound(name));
  return route.path.endsWith('/input_items') ? keeping.inputPage(kept, query) : success(kept.answer);
};
