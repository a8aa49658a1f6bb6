import type { CacheMark } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** The cache mark of a block or a tool. */
export const cacheMarkOf = (holder: ObjectReader): { readonly cache?: CacheMark } => {
  const control = holder.nested('cache_control');
  if (control === null) return {};
  const lifetime = control.text('ttl');
  if (lifetime === null || lifetime === '5m' || lifetime === '1h') return { cache: { lifetime } };
  holder.notes.hint('cache_control.ttl');
  return { cache: { lifetime: null } };
};

/** Marks a block or a tool where the caller wants the cache to end. */
export const withCacheMark = (block: JsonObject, cache: CacheMark | undefined): JsonObject =>
  cache === undefined
    ? block
    : { ...block, cache_control: { type: 'ephemeral', ...(cache.lifetime === null ? {} : { ttl: cache.lifetime }) } };
