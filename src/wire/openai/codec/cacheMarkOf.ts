import type { CacheMark } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

/**
 * A place to cache the prompt up to: `cache_control` as other vendors' SDKs put it on parts and tools, or OpenAI's own
 * `prompt_cache_breakpoint`, whose lifetimes (30 minutes, 12 hours) come closest to an hour.
 */
export const cacheMarkOf = (holder: ObjectReader): { readonly cache?: CacheMark } => {
  const control = holder.nested('cache_control');
  if (control !== null) {
    const ttl = control.text('ttl');
    return { cache: { lifetime: ttl === '5m' || ttl === '1h' ? ttl : null } };
  }
  const breakpoint = holder.nested('prompt_cache_breakpoint');
  return breakpoint === null ? {} : { cache: { lifetime: breakpoint.has('ttl') ? '1h' : null } };
};
