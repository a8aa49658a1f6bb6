import { errorMessage, type Log } from '../kernel/index.ts';
import { recentAnswers, type Queries, type RecentAnswer } from '../store/index.ts';

/** Most attempts of an organisation, and most organisations, that are looked at. */
const attemptsMax = 20_000;
const organisationsMax = 20;

/**
 * Reads what the newest answers to callers were like, for whoever learns from them: an earlier process knew it. Never rejects: where the ledger does not tell, it is learnt anew.
 */
export const recallAnswers = async (
  database: Queries,
  organisations: () => Promise<readonly string[]>,
  recall: (answers: readonly RecentAnswer[]) => void,
  log: Log,
): Promise<void> => {
  try {
    for (const organisation of (await organisations()).slice(0, organisationsMax))
      recall(await recentAnswers(database, organisation, attemptsMax));
  } catch (error) {
    log.info('what answers were like is learnt anew: the ledger did not tell', { message: errorMessage(error) });
  }
};
