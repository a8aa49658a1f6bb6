import { defineErrors } from '../kernel/index.ts';

/** Errors of reading requests and relaying answers. */
export const wireErrors = defineErrors({
  invalid_json: {
    status: 400,
    retryable: false,
    what: 'The body is not valid JSON.',
    mend: 'The message says line and column, and what was expected there.',
  },
  duplicate_key: {
    status: 400,
    retryable: false,
    what: 'A top-level key of the body stands twice, so it could mean two things.',
    mend: 'Send each key once.',
  },
  bad_request: {
    status: 400,
    retryable: false,
    what: 'The body lacks a member that every vendor needs, or one has a value that cannot be right.',
    mend: 'The message names the member and what it must be.',
  },
  unsupported_feature: {
    status: 400,
    retryable: false,
    what: 'The request asks for something that no target of this model can do.',
    mend: 'Leave it out, or ask for a model with a target that can.',
  },
  upstream_truncated: {
    status: 502,
    retryable: true,
    what: 'The stream of the answer ended before its end: what was sent is incomplete.',
    mend: 'Discard the partial answer and send the request again.',
  },
});
