import { defineErrors } from '../kernel/index.ts';

/** What a request is told when no target serves it. */
export const routerErrors = defineErrors({
  no_eligible_target: {
    status: 503,
    retryable: true,
    what: 'No deployment of this model can serve the request now.',
    mend: 'Look at the reasons in the request decision; add a deployment that can, or wait for the Retry-After where one is given.',
  },
  upstream_credentials: {
    status: 503,
    retryable: true,
    what: 'No deployment of this model is left whose provider accepts our credentials.',
    mend: 'The operator must renew the credential, its permissions or its credit; the alarm in the log names it.',
  },
  all_targets_failed: {
    status: 502,
    retryable: true,
    what: 'Every target that was tried failed.',
    mend: 'Try again after the Retry-After; the attempts and their causes stand with the request.',
  },
  overloaded: {
    status: 503,
    retryable: true,
    what: 'This gateway has as many requests as it can hold.',
    mend: 'Try again after the Retry-After; the operator may raise the limit or add a replica.',
  },
});
