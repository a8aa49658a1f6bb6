import { gatewayErrors } from '../gateway/index.ts';
import { defineErrors } from '../kernel/index.ts';

/** Whom no listener lets in, whatever it is asked. */
export const listenerErrors = defineErrors({
  host_not_allowed: {
    status: 421,
    retryable: false,
    what: 'The listener does not go by the name in the Host header.',
    mend: 'Call it by its address or as localhost, or have the operator add the name to listen.hosts, or admin.listen.hosts for the control plane.',
  },
  origin_not_allowed: {
    status: 403,
    retryable: false,
    what: 'Web pages of this origin may not call the listener.',
    mend: 'Have the operator add the origin to listen.origins, or admin.listen.origins for the control plane.',
  },
});

/** What the data plane alone answers before a request is anybody's. */
export const dataPlaneErrors = defineErrors({
  upgrade_refused: {
    status: 426,
    retryable: false,
    what: 'This server speaks HTTP/1.1 only, and no WebSocket.',
    mend: 'Send the request by POST; the answer is streamed as server-sent events where it asks for a stream.',
  },
});

/** Every code that a listener may refuse with before the request is anybody's. */
export const planeErrors = { ...gatewayErrors, ...dataPlaneErrors, ...listenerErrors };

export type PlaneErrorCode = keyof typeof planeErrors;

/** What the control plane answers when it does not do what it was asked. */
export const controlErrors = defineErrors({
  operator_key_invalid: {
    status: 401,
    retryable: false,
    what: 'This path needs an admin key.',
    mend: 'Send the key from <dataDir>/control.json, or one of admin.keys, as Authorization: Bearer.',
  },
  operator_forbidden: {
    status: 403,
    retryable: false,
    what: 'This admin key may not do that.',
    mend: 'Use a key whose role allows it.',
  },
  bad_control_request: {
    status: 400,
    retryable: false,
    what: 'The request does not have the shape that this path takes.',
    mend: 'See /admin/v1/openapi.json for the shape.',
  },
  no_such_thing: {
    status: 404,
    retryable: false,
    what: 'There is nothing of this name here.',
    mend: 'List what there is, or see /admin/v1/openapi.json for the paths.',
  },
  managed_by_file: {
    status: 409,
    retryable: false,
    what: 'This stands in the configuration file and is changed only there.',
    mend: 'Edit the file and reload.',
  },
  name_taken: {
    status: 409,
    retryable: false,
    what: 'There is one of this name already.',
    mend: 'Choose another name, or rotate or revoke the one there is.',
  },
  configuration_invalid: {
    status: 422,
    retryable: false,
    what: 'The configuration file has faults; nothing was changed.',
    mend: 'Mend the places that the message names and reload.',
  },
  configuration_shrinks: {
    status: 409,
    retryable: false,
    what: 'The configuration file takes away most of what serves; nothing was changed.',
    mend: 'Mend the file, or take it as it is with "archipel reload --force".',
  },
  job_invalid: {
    status: 400,
    retryable: false,
    what: 'The job is not written as a job file is.',
    mend: 'Mend the places that the message names and submit it again.',
  },
  job_unsatisfiable: {
    status: 422,
    retryable: false,
    what: 'Nothing that is known here can ever run this job.',
    mend: 'Change the job as the message says, or add a site that has what it needs.',
  },
  too_many_jobs: {
    status: 429,
    retryable: true,
    what: 'There are as many jobs under way as may be.',
    mend: 'Cancel jobs that are no longer wanted, or submit it again when some have ended.',
  },
  jobs_run_elsewhere: {
    status: 503,
    retryable: true,
    what: 'Another process on the same database runs the jobs.',
    mend: 'Ask the control plane of that one; this one takes over when it ends. With no server running, start one with "archipel up".',
  },
  idempotency_conflict: {
    status: 409,
    retryable: false,
    what: 'The same Idempotency-Key was sent before with another body.',
    mend: 'Send a fresh key with what is new, and the old key only with the very body that it was first sent with.',
  },
  drill_running: {
    status: 409,
    retryable: true,
    what: 'A drill of this kind is under way, and there is one at a time.',
    mend: 'Wait until it is over. "archipel drill stop" ends a live one; a replay ends when whoever asked for it breaks off.',
  },
  offers_invalid: {
    status: 400,
    retryable: false,
    what: 'The list of offers cannot be read.',
    mend: 'Mend the lines that the message names and import it again; nothing was changed.',
  },
  store_unavailable: {
    status: 503,
    retryable: true,
    what: 'The database does not answer.',
    mend: 'Requests are served meanwhile; ask again when /readyz no longer names the database.',
  },
});

export type ControlErrorCode = keyof typeof controlErrors;
