import type { RequestFacts } from '../facts.ts';
import type { MemberReader } from './MemberReader.ts';

/** Whom a request is made for, as it says in the first of these members that says anything. */
export const endUserIn = (members: MemberReader | null, ...names: readonly string[]): Pick<RequestFacts, 'endUser'> => {
  for (const name of names) {
    const endUser = members?.word(name) ?? null;
    if (endUser !== null) return { endUser };
  }
  return {};
};
