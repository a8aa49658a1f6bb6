import { CodedError, defineErrors } from '../kernel/index.ts';

export const sandboxErrors = defineErrors({
  sandbox_unknown_vendor: {
    status: 404,
    retryable: false,
    what: 'The sandbox has no vendor of this name.',
    mend: 'Name one of aurora, borealis and cascade.',
  },
  sandbox_unknown_host: {
    status: 404,
    retryable: false,
    what: 'The sandbox has no host of this name.',
    mend: 'Name north or south.',
  },
  sandbox_bad_fault: {
    status: 400,
    retryable: false,
    what: 'The fault cannot be set as described.',
    mend: 'Send {"fault": ...} with only the fields that the message lists.',
  },
  sandbox_port_taken: {
    status: 503,
    retryable: true,
    what: "A vendor's port is in use by another program.",
    mend: 'Free the port or let the sandbox choose one.',
  },
  sandbox_bill_corrupt: {
    status: 500,
    retryable: false,
    what: "A line inside a vendor's bill cannot be read.",
    mend: 'Restore the bill or remove the file; only a torn last line is mended by itself.',
  },
  sandbox_closed: {
    status: 503,
    retryable: false,
    what: 'The sandbox is closed.',
    mend: 'Start it again.',
  },
});

export type SandboxErrorCode = keyof typeof sandboxErrors;

export const sandboxError = (code: SandboxErrorCode, message?: string, options?: ErrorOptions): CodedError =>
  new CodedError(code, sandboxErrors[code], message, options);
