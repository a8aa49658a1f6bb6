import type { MemberReader } from './MemberReader.ts';

/** What members say that say nothing: this value, no more than an empty text, list or object (`empty`), or that the answer is text (`text`). */
export type Defaults = Readonly<Record<string, boolean | number | 'empty' | 'text'>>;

/** How tools are used on both wires of OpenAI unless it is said. */
export const defaultsOfTools: Defaults = { tools: 'empty', parallel_tool_calls: true };

/** Members that say what holds without them, by their names; absent where there is none. */
export const defaultsIn = (members: MemberReader, defaults: Defaults): { readonly defaults?: readonly string[] } => {
  const found = members.members.flatMap(({ key }) => {
    const value = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    return value !== undefined && isDefault(members, key, value) ? [key] : [];
  });
  return found.length === 0 ? {} : { defaults: found };
};

const isDefault = (members: MemberReader, key: string, value: Defaults[string]): boolean => {
  if (value === 'empty') return members.isEmpty(key);
  return value === 'text' ? members.nested(key)?.text('type') === 'text' : members.is(key, value);
};
