import { defineErrors } from '../kernel/index.ts';

/** Why there is no plan. A status is an exit code of the command line. */
export const plannerErrors = defineErrors({
  portfolio_invalid: {
    status: 2,
    retryable: false,
    what: 'The portfolio file cannot be planned as it is.',
    mend: 'Mend what `archipel plan check --portfolio FILE` names by line and column.',
  },
});
