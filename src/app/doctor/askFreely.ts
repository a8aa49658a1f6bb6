import type { Transport, TransportFault, UpstreamCall, UpstreamHeaders } from '../../egress/index.ts';
import { failure, success, type Result } from '../../kernel/index.ts';

/** An answer as far as it matters here. */
export interface FreeAnswer {
  readonly status: number;
  readonly headers: UpstreamHeaders;
  readonly body: Buffer;
}

const bodyBytesMax = 8 * 1024 * 1024;

/** Asks something that costs nothing, within a time. What goes beyond a few megabytes is not read. */
export const askFreely = (
  transport: Transport,
  call: UpstreamCall,
  withinMs: number,
): Promise<Result<FreeAnswer, TransportFault>> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    let [status, bytes] = [0, 0];
    let headers: UpstreamHeaders = {};
    const end = (result: Result<FreeAnswer, TransportFault>): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const whole = (): void => end(success({ status, headers, body: Buffer.concat(parts) }));
    const handle = transport.call(call, {
      head: (code, fields) => {
        status = code;
        headers = fields;
      },
      chunk: (part) => {
        parts.push(part);
        bytes += part.length;
        if (bytes <= bodyBytesMax) return;
        handle.abort();
        whole();
      },
      end: whole,
      failed: (fault) => end(failure(fault)),
    });
    const timer = setTimeout(() => {
      handle.abort();
      end(failure({ cause: 'aborted', sent: true, message: `no answer within ${withinMs} ms` }));
    }, withinMs);
  });
