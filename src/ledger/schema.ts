import { choiceField, integerField, section } from '../vocabulary/index.ts';

/** `ledger`: how soon a record must be safe. */
export const ledgerSchema = section({
  durability: choiceField(['group', 'strict'])
    .prefault('group')
    .describe('group: synced within 10 ms of the answer; strict: the last byte waits for the sync'),
  leaseMs: integerField(1_000, 86_400_000, 'milliseconds')
    .prefault(1_200_000)
    .describe(
      'with store.url: how long a gateway goes on spending of the hard budgets that it shares with others what it was given, while the database does not answer',
    ),
}).describe('How soon a record must be safe');
