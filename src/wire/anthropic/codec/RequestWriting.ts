import type { CacheMark } from '../../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable } from '../../codec.ts';

/** A block, a tool or a member as it is written. */
export type Written = Record<string, unknown>;

/** Most places of a request that may be marked for the cache ("A maximum of 4 blocks with cache_control may be provided"). */
const cacheMarksMax = 4;

/** Gathers what is told beside a written request: what was left out, why it cannot be said at all, and which places are marked for the cache. */
export class RequestWriting {
  readonly target: CodecTarget;
  readonly #dropped = new Set<string>();
  readonly #marked: Written[] = [];
  #fault: Untranslatable | null = null;

  constructor(target: CodecTarget) {
    this.target = target;
  }

  get dropped(): readonly string[] {
    return [...this.#dropped].toSorted();
  }

  /** The first thing that cannot be said, or null. */
  get fault(): Untranslatable | null {
    return this.#fault;
  }

  /** Notes that something is left out or only brought near. */
  drop(name: string): void {
    this.#dropped.add(name);
  }

  /** Keeps a reason against the whole request unless there is one already, and gives `value`. */
  refuse<Value>(fault: Untranslatable, value: Value): Value {
    this.#fault ??= fault;
    return value;
  }

  /** Whether the target is known to refuse a parameter. */
  lacks(parameter: string): boolean {
    return this.target.unsupported.includes(parameter);
  }

  /** Marks a block where the caller wants the cache to end. To be called in the order in which the vendor reads: tools, system, messages. */
  mark(block: Written, cache: CacheMark | undefined): Written {
    if (cache === undefined) return block;
    const marked = {
      ...block,
      cache_control: { type: 'ephemeral', ...(cache.lifetime === null ? {} : { ttl: cache.lifetime }) },
    };
    this.#marked.push(marked);
    return marked;
  }

  /** Takes away marks beyond what the vendor allows. The last ones stay: they cover the longest beginnings of the prompt. */
  trimMarks(): void {
    const surplus = this.#marked.slice(0, Math.max(0, this.#marked.length - cacheMarksMax));
    if (surplus.length > 0) this.drop('cache_control');
    for (const block of surplus) delete block['cache_control'];
  }
}
