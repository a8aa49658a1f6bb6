import { defineErrors } from '../kernel/index.ts';

/** Why money or rates stand against a request. */
export const ledgerErrors = defineErrors({
  budget_exhausted: {
    status: 402,
    retryable: false,
    what: 'A budget of the key, its team, its organisation or its end user has no room for this request.',
    mend: 'Ask for fewer output tokens, wait until the budget starts anew, or have it raised.',
  },
  rate_limited: {
    status: 429,
    retryable: true,
    what: 'More requests or tokens a minute than are allowed.',
    mend: 'Send the request again after the Retry-After.',
  },
  unpriced: {
    status: 422,
    retryable: false,
    what: 'No price is known for any deployment that could serve this, so no budget could hold it.',
    mend: 'Declare a price with the deployment, or choose with policy.unpriced what happens to such requests.',
  },
  ledger_unavailable: {
    status: 503,
    retryable: true,
    what: 'The ledger cannot take a record now, and nothing is called that is not recorded first.',
    mend: 'Try again after the Retry-After; the operator should look at the disk that holds the data directory.',
  },
});
