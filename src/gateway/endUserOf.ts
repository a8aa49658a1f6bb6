import { hash } from 'node:crypto';
import type { Exchange } from './Exchange.ts';
import { headerText } from './headerText.ts';
import type { OpenedRequest } from './openRequest.ts';

/** Says whom a request is made for, where its body does not. */
const header = 'x-archipel-user';
/** Digits of a hash that tell end users apart. */
const hashDigits = 32;
/** All that say nothing of their end user are one. */
const unnamed = 'unnamed';

/** What an end user is known by in budgets and records: a hash, since what clients call them may be a name or an address. */
export const endUserOf = ({ principal, headers }: Exchange, { facts }: OpenedRequest): string => {
  const said = facts.endUser ?? headerText(headers, header);
  return said === '' ? unnamed : hash('sha256', `${principal.organisation}\n${said}`, 'hex').slice(0, hashDigits);
};
