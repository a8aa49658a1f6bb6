import { errorMessage } from '../kernel/index.ts';
import type { TransportFault } from './Transport.ts';

const causes: Readonly<Record<string, TransportFault['cause']>> = {
  ECONNREFUSED: 'connect_refused',
  EHOSTUNREACH: 'connect_refused',
  ENETUNREACH: 'connect_refused',
  EADDRNOTAVAIL: 'connect_refused',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  ETIMEDOUT: 'connect_timeout',
  ENOTFOUND: 'name_not_found',
  EAI_AGAIN: 'name_not_found',
};

/** Codes of OpenSSL and of Node's own check of the name, as far as no other table knows them. */
const tlsCode = /^ERR_(?:TLS|SSL)|CERT|^EPROTO$|^UNABLE_TO_|^INVALID_CA$|^INVALID_PURPOSE$|^HOSTNAME_MISMATCH$/;

/** Where several addresses were tried, the first one's error speaks. */
const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
};

/** The system's words of an error, at a length fit for a record. */
export const faultMessage = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') return faultMessage(error.errors[0]);
  return errorMessage(error).slice(0, 300);
};

/** What it means that a connection could not be opened: nothing of the request was sent. */
export const connectFault = (error: unknown): TransportFault => {
  const code = codeOf(error);
  const cause = causes[code] ?? (tlsCode.test(code) ? 'tls' : 'reset');
  return { cause, sent: false, message: faultMessage(error) };
};
