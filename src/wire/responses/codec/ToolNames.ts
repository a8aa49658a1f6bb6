import type { ToolPlace } from '../../../vocabulary/index.ts';
import { lettersOf } from '../../codec/lettersOf.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

/** What every wire takes as the name of a tool. */
const fitting = /^[a-zA-Z0-9_-]{1,64}$/;

/** So much of a name that does not fit is kept, for people; letters made of the whole name follow. */
const keptLength = 54;

/**
 * Names of tools that stand in groups, as wires without groups call them: both names in one, and where that fits no wire or is the name of another tool, a part
 * of it with letters that are always the same. So a call in a history has the name that its tool has.
 */
export class ToolNames {
  /** Names of the tools that stand in no group. */
  readonly #taken: ReadonlySet<unknown>;

  constructor(tools: readonly ObjectReader[]) {
    this.#taken = new Set(tools.map((tool) => tool.value('name')));
  }

  /** @param group Null for a tool in no group, which keeps its name. */
  of(group: string | null, name: string): string {
    return group === null ? name : this.#joined({ group, name });
  }

  #joined({ group, name }: ToolPlace): string {
    const joined = `${group}__${name}`;
    if (fitting.test(joined) && !this.#taken.has(joined)) return joined;
    return `${joined.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, keptLength)}_${lettersOf([group, name], 8)}`;
  }
}
