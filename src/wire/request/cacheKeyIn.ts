import type { RequestFacts } from '../facts.ts';
import type { MemberReader } from './MemberReader.ts';

/** By which OpenAI, and vendors after it, find the prompt cache of a request. */
export const cacheKeyMember = 'prompt_cache_key';

export const cacheKeyIn = (members: MemberReader): Pick<RequestFacts, 'cacheKey'> => {
  const cacheKey = members.word(cacheKeyMember);
  return cacheKey === null ? {} : { cacheKey };
};
