import { isUuidV7 } from '../../../kernel/index.ts';

const prefix = 'resp_';

/** The id that clients know a response by that is kept here. */
export const responseId = (requestId: string): string => `${prefix}${requestId}`;

/** The request that a response of ours came of; null where the id is none that is given here. */
export const requestOfResponse = (id: string): string | null => {
  const requestId = id.slice(prefix.length);
  return id.startsWith(prefix) && isUuidV7(requestId) ? requestId : null;
};

/** Ids of items of the answer end in their number, those of its request in an "i" and theirs. */
const itemPattern = /^[a-z]+_archipel_([0-9a-f-]{36})_i?\d{1,9}$/;

/** The request that an item of ours belongs to; null where its id is none that is given here. */
export const requestOfItem = (id: string): string | null => {
  const requestId = itemPattern.exec(id)?.[1];
  return requestId !== undefined && isUuidV7(requestId) ? requestId : null;
};

/** The id of what a client brought without one. @param number Where it stands in the input. */
export const inputItemId = (kind: 'msg' | 'item', requestId: string, number: number): string =>
  `${kind}_archipel_${requestId}_i${number}`;
