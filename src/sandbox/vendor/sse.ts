// What the vendors of server-sent events have in common.
import type { VendorRequest } from './VendorWire.ts';

export const sseType = 'text/event-stream; charset=utf-8';

/** These wires say in the body whether they stream. */
export const asksForSse = ({ body }: VendorRequest): boolean => /"stream"\s*:\s*true/.test(body.toString('latin1'));

/** An event stream that decodes to nothing. */
export const sseGarbage = 'data: {"id":"\u0000\ufffd\n\ndata: <<<<\n\n';
