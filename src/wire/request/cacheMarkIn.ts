import type { RequestFacts } from '../facts.ts';
import type { BodySearch } from './BodySearch.ts';

const marks = ['cache_control', 'prompt_cache_breakpoint'];
const hour = '1h';

/** What a body is searched for to find marks for the cache. */
export const cacheMarkWords: readonly string[] = [...marks, hour];

/** Whether a request marks what is to be kept in its vendor's cache, as far as its bytes tell without being decoded. */
export const cacheMarkIn = (search: BodySearch): Pick<RequestFacts, 'cacheMark'> => {
  if (!marks.some((mark) => search.hasMember(mark))) return {};
  return { cacheMark: search.says('ttl', hour) ? '1h' : '5m' };
};
