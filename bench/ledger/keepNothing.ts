// `node --import .../keepNothing.ts src/cli/main.ts up`: the program without its durable ledger. Everything is as it is but for the one module through which records
// reach the spool; what stands in its place forgets them. Records are still made and priced in memory: that much of the ledger stays.
import { registerHooks } from 'node:module';

const kept = '/src/store/spool/TurnJournal.ts';
const forgetting = new URL('ForgetfulJournal.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    return found.url.endsWith(kept) ? { ...found, url: forgetting } : found;
  },
});
