// The only place that opens outgoing sockets to vendors.
export * from './Transport.ts';
export * from './TransportLimits.ts';
export * from './lean/LeanTransport.ts';
