import { failure, success, type Result } from '../../kernel/index.ts';
import type { UpstreamHeaders } from '../Transport.ts';
import { readHeaderLines } from './readHeaderLines.ts';

/** How the end of an answer's body is told. */
export type Framing =
  | { readonly kind: 'sized'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'untilClose' };

export interface AnswerHead {
  readonly status: number;
  readonly headers: UpstreamHeaders;
  readonly framing: Framing;
  /** How long the connection may lie idle before it is used again, as far as the vendor says; 0 where it may not be used again. Milliseconds. */
  readonly idleMsMax: number;
}

/** Vendors leave the blank after the status out where no words follow. */
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** More digits than these cannot be counted exactly. */
const lengthDigits = /^\d{1,15}$/;

/** The vendor's clock and ours begin apart: we stop using a connection this much before it does. */
const keepAliveMarginMs = 1_000;

const bodyless: Framing = { kind: 'sized', bytes: 0 };
const chunked: Framing = { kind: 'chunked' };
const untilClose: Framing = { kind: 'untilClose' };

const isBodyless = (status: number, method: string): boolean =>
  method === 'HEAD' || status === 204 || status === 304 || status < 200;

/** Framing by RFC 9112 section 6.3, without its leniency: whatever two readers could understand differently is refused. */
const framingOf = (status: number, method: string, headers: UpstreamHeaders): Result<Framing, string> => {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  if (coding !== undefined && length !== undefined) return failure('transfer-encoding beside content-length');
  if (coding !== undefined && (typeof coding !== 'string' || coding.toLowerCase() !== 'chunked')) {
    return failure('a transfer-encoding other than chunked');
  }
  if (length !== undefined && (typeof length !== 'string' || !lengthDigits.test(length))) {
    return failure('a content-length that is not one number');
  }
  if (isBodyless(status, method)) return success(bodyless);
  if (coding !== undefined) return success(chunked);
  return success(length === undefined ? untilClose : { kind: 'sized', bytes: Number(length) });
};

const listOf = (value: string | readonly string[] | undefined): string => {
  if (value === undefined) return '';
  return (typeof value === 'string' ? value : value.join(',')).toLowerCase();
};

const hasOption = (connection: string, option: string): boolean =>
  connection.split(',').some((one) => one.trim() === option);

/** Bodyless answers that announce a body may be followed by it; so is HEAD's by careless vendors. */
const mayBeFollowed = (method: string, framing: Framing, headers: UpstreamHeaders): boolean =>
  method === 'HEAD' ||
  (framing === bodyless && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0));

const idleMsMaxOf = (minor: string, method: string, framing: Framing, headers: UpstreamHeaders): number => {
  if (framing === untilClose || mayBeFollowed(method, framing, headers)) return 0;
  const connection = listOf(headers['connection']);
  if (hasOption(connection, 'close')) return 0;
  if (minor === '0' && (!hasOption(connection, 'keep-alive') || framing === chunked)) return 0;
  const hint = /(?:^|[,\s])timeout\s*=\s*(\d{1,9})/.exec(listOf(headers['keep-alive']))?.[1];
  return hint === undefined ? Infinity : Math.max(0, Number(hint) * 1_000 - keepAliveMarginMs);
};

/** What is wrong with a head before its end has come, or null: nobody should wait for the rest of what is no answer. */
export const earlyFlaw = (partial: string): string | null => {
  if (!'HTTP/1.'.startsWith(partial.slice(0, 7))) return 'not HTTP/1.x';
  if (/(?:^|[^\r])\n/.test(partial)) return 'a line end without CR';
  const end = partial.indexOf('\r\n');
  return end < 0 || statusLine.test(partial.slice(0, end)) ? null : 'a malformed status line';
};

/**
 * Reads the head of an answer: status line and headers, without the empty line.
 * @param method Of the request: an answer to HEAD has no body.
 * @returns what is wrong with it, where something is.
 */
export const readAnswerHead = (text: string, method: string): Result<AnswerHead, string> => {
  const end = text.indexOf('\r\n');
  const line = statusLine.exec(end < 0 ? text : text.slice(0, end));
  if (line === null) return failure('a malformed status line');
  const headers = readHeaderLines(text, end < 0 ? text.length : end + 2);
  if (headers === null) return failure('a malformed header');
  const status = Number(line[2]);
  const framing = framingOf(status, method, headers);
  if (!framing.ok) return framing;
  const idleMsMax = idleMsMaxOf(line[1] ?? '', method, framing.value, headers);
  return success({ status, headers, framing: framing.value, idleMsMax });
};
