import { defineErrors } from '../kernel/index.ts';

/** What goes wrong when somebody shows a key. */
export const accessErrors = defineErrors({
  invalid_key: {
    status: 401,
    retryable: false,
    what: 'The key is missing, unknown, expired or revoked.',
    mend: 'Send a valid key in exactly one of Authorization: Bearer, x-api-key or x-goog-api-key.',
  },
  key_forbidden_model: {
    status: 403,
    retryable: false,
    what: 'The key may not use this model.',
    mend: 'Ask for a model that GET /v1/models lists for this key, or have the model added to the key.',
  },
  key_forbidden_pin: {
    status: 403,
    retryable: false,
    what: 'The key may not choose its own target.',
    mend: 'Send the request without x-archipel-pin, or have the operator say pins: allow in the policy of the key.',
  },
});
