import type { TurnJournal as KeptJournal } from '../../src/store/index.ts';

const nowhere = Promise.resolve({ sequence: 0 });
const synced = Promise.resolve();

/** Takes the place of the journal of the same name, and keeps nothing of what it is given. */
export class TurnJournal implements Pick<KeptJournal, 'append' | 'synced' | 'flush'> {
  append(): ReturnType<KeptJournal['append']> {
    return nowhere;
  }

  synced(): Promise<void> {
    return synced;
  }

  flush(): void {}
}
