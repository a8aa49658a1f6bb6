// The only place that opens outgoing sockets to vendors.
export * from './Transport.ts';
export * from './UndiciTransport.ts';
