import { CodedError, defineErrors } from '../kernel/index.ts';

/** Why the program does not start. The status is the exit code of the command line. */
export const appErrors = defineErrors({
  configuration_missing: {
    status: 2,
    retryable: false,
    what: 'There is no configuration file where one was named.',
    mend: 'Name a file that exists with --config or ARCHIPEL_CONFIG, or put archipel.yaml into the folder that the program runs in.',
  },
  configuration_faulty: {
    status: 2,
    retryable: false,
    what: 'The configuration file has faults.',
    mend: 'Mend the places that the message names; "archipel check" tells whether they are gone.',
  },
  sandbox_not_loopback: {
    status: 2,
    retryable: false,
    what: 'The sandbox answers to a key that everybody knows, so it listens on loopback only.',
    mend: 'Leave --host out, or write an archipel.yaml with keys of your own.',
  },
  address_unavailable: {
    status: 2,
    retryable: false,
    what: 'The address to listen on cannot be had.',
    mend: 'Stop what listens there, or choose another with --port, --admin-port or listen in the file.',
  },
});

/** A failure of this room. */
export const appError = (code: keyof typeof appErrors, message: string): CodedError =>
  new CodedError(code, appErrors[code], message);
