import { failure, success, type Result } from '../../kernel/index.ts';
import type { Abandonment } from '../Abandonment.ts';
import type { Exchange } from '../Exchange.ts';
import type { Refusal } from '../Refusal.ts';
import { untranslatedNow } from '../translation/lostAnswer.ts';
import type { Translator } from '../translation/Translator.ts';
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

interface Asking {
  readonly keeper: AnswerKeeper;
  readonly translator: Translator;
  /** What is larger is listed by the translator, so that nobody else waits for it. */
  readonly inlineBytes: number;
  readonly abandonment: Abandonment;
}

/** Gives, lists or removes what is kept under the name in the path of an exchange. */
export const askKept = async (
  { keeper, translator, inlineBytes, abandonment }: Asking,
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
  if (!route.path.endsWith('/input_items')) return success(kept.answer);
  const { input: body } = kept;
  if (body.length <= inlineBytes) return keeping.inputPage(kept, query);
  const end = await translator.translate('page', { client: wire.name, requestId, query, body }, abandonment);
  if (!end.ok) return failure(untranslatedNow(end.fault));
  return end.value.ok ? success(end.value.value.body) : end.value;
};
