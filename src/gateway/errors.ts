import { accessErrors } from '../access/index.ts';
import { defineErrors, type ErrorRow } from '../kernel/index.ts';
import { ledgerErrors } from '../ledger/index.ts';
import { routerErrors } from '../router/index.ts';
import { wireErrors } from '../wire/index.ts';

/** Codes of the request's way that no room below knows. */
export const gatewayOwnErrors = defineErrors({
  unknown_model: {
    status: 404,
    retryable: false,
    what: 'There is no model of this name here.',
    mend: 'Use one of the names that GET /v1/models lists.',
  },
  passthrough_closed: {
    status: 403,
    retryable: false,
    what: 'This path of the vendor is not open to clients.',
    mend: 'Ask for what this gateway serves itself, or have the operator add a rule for the path to providers.NAME.passthrough.',
  },
  body_too_large: {
    status: 413,
    retryable: false,
    what: 'The body is larger than this server takes.',
    mend: 'Send less, or have the operator raise limits.bodyBytes.',
  },
  wrong_content_type: {
    status: 415,
    retryable: false,
    what: 'The body is not announced as JSON.',
    mend: 'Send the header content-type: application/json and no content-encoding.',
  },
  deadline_exceeded: {
    status: 504,
    retryable: true,
    what: 'No target answered within the time that one request may take.',
    mend: 'Try again, ask for less, or have the operator raise limits.totalMs.',
  },
  request_timeout: {
    status: 408,
    retryable: true,
    what: 'The request did not arrive in time.',
    mend: 'Send the whole request without pauses.',
  },
  headers_too_large: {
    status: 431,
    retryable: false,
    what: 'The request headers are larger than this server takes.',
    mend: 'Send smaller or fewer headers, or have the operator raise limits.headerBytes.',
  },
  not_found: {
    status: 404,
    retryable: false,
    what: 'There is nothing at this path.',
    mend: 'See the list of paths in the documentation; the base URL of most clients ends in /v1.',
  },
  method_not_allowed: {
    status: 405,
    retryable: false,
    what: 'This path does not take this method.',
    mend: 'Use a method that the Allow header names.',
  },
  state_target_gone: {
    status: 409,
    retryable: false,
    what: 'What was said before is not to be had: the vendor that holds it cannot serve now, or it is kept here no longer.',
    mend: 'Send the whole conversation, without the reference to what was said before.',
  },
  response_not_found: {
    status: 404,
    retryable: false,
    what: 'There is no such response here, or not any more.',
    mend: 'Send the whole conversation, without the reference to what was said before.',
  },
  loop_detected: {
    status: 508,
    retryable: false,
    what: 'The request has come back to a gateway that it has been through before.',
    mend: 'The operator must have a provider whose baseUrl leads back here name the address of its vendor.',
  },
  internal_error: {
    status: 500,
    retryable: true,
    what: 'The gateway made a mistake.',
    mend: 'Report the request id to the operator: the log has the cause.',
  },
});

/** Every code that a client of the data plane can meet. */
export const gatewayErrors = { ...accessErrors, ...wireErrors, ...routerErrors, ...ledgerErrors, ...gatewayOwnErrors };

export type GatewayErrorCode = keyof typeof gatewayErrors;

/** Row of a code. */
export const errorRow = (code: GatewayErrorCode): ErrorRow => gatewayErrors[code];
