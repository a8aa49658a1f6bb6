import { defineErrors } from '../kernel/index.ts';

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
  store_unavailable: {
    status: 503,
    retryable: true,
    what: 'The database does not answer.',
    mend: 'Requests are served meanwhile; ask again when /readyz no longer names the database.',
  },
});

export type ControlErrorCode = keyof typeof controlErrors;
