// The only place that opens outgoing sockets to vendors.
export * from './Transport.ts';
export * from './TransportLimits.ts';
export * from './address/addressScope.ts';
export * from './address/Reach.ts';
export type { AddressScope } from './address/scopeOfAddress.ts';
export type { Listener } from './address/isListener.ts';
export { AnswerDecoder, codingOf } from './decode/AnswerDecoder.ts';
export * from './lean/LeanTransport.ts';
export { withQuery } from './withQuery.ts';
export { probeEndpoint, type ProbedEndpoint, type ProbeOptions } from './probe/probeEndpoint.ts';
