import type { MemberReader } from '../request/MemberReader.ts';

/** Members come in both spellings, `generationConfig` and `generation_config`: the vendor takes either. */
export const spellings = (name: string): readonly [string, string] => [
  name,
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
];

/** What a member says in whichever spelling it has; null where it is not set. */
export const firstOf = <Value>(name: string, read: (spelling: string) => Value | null | undefined): Value | null => {
  const [camel, snake] = spellings(name);
  return read(camel) ?? read(snake) ?? null;
};

/** A reader of the members of `name`, in whichever spelling it has. */
export const nestedIn = (members: MemberReader, name: string): MemberReader | null =>
  firstOf(name, (spelling) => members.nested(spelling));
