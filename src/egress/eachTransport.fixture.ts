import { afterEach, describe } from 'vitest';
import { LeanTransport } from './lean/LeanTransport.ts';
import type { Transport } from './Transport.ts';
import { defaultTransportLimits, type TransportLimits, type TransportTrust } from './TransportLimits.ts';
import { UndiciTransport } from './UndiciTransport.fixture.ts';

/** Makes a transport that is closed after its test. */
export type OpenTransport = (limits?: Partial<TransportLimits>, trust?: TransportTrust) => Transport;

/** Runs tests on every implementation there is: what the port promises holds for each. */
export const eachTransport = (define: (open: OpenTransport) => void): void => {
  describe.each(Object.entries({ UndiciTransport, LeanTransport }))('%s', (_name, Implementation) => {
    const opened: Transport[] = [];
    afterEach(() => Promise.all(opened.splice(0).map((transport) => transport.close())));
    define((limits = {}, trust = {}) => {
      const transport = new Implementation({ ...defaultTransportLimits, ...limits }, trust);
      opened.push(transport);
      return transport;
    });
  });
};

/** A small whole answer. */
export const hello = 'HTTP/1.1 200 OK\r\nX-A: b\r\ncontent-length: 4\r\n\r\ndone';
