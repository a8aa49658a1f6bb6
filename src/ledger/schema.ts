import { choiceField, section } from '../vocabulary/index.ts';

/** `ledger`: how soon a record must be safe. */
export const ledgerSchema = section({
  durability: choiceField(['group', 'strict'])
    .prefault('group')
    .describe('group: synced within 10 ms of the answer; strict: the last byte waits for the sync'),
}).describe('How soon a record must be safe');
