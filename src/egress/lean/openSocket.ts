import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TransportTrust } from '../TransportLimits.ts';

/** Whom to connect to. */
export interface Endpoint {
  readonly secure: boolean;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** As the header `host` says it. */
  readonly authority: string;
}

export const endpointOf = (origin: string): Endpoint => {
  const url = new URL(origin);
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { secure, host, port, authority: url.host };
};

/** A vendor that thinks for minutes sends nothing meanwhile: probes keep the path open. Milliseconds. */
const probeAfterMs = 60_000;

/**
 * Sockets read into this one buffer: a read and its callback are one step of the loop, so that no two are ever under way. Each read is copied
 * out at its own size, which is cheaper than a buffer of the largest size for each.
 */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

const readInto = (read: (bytes: Buffer) => void): { buffer: Buffer; callback: (length: number) => boolean } => ({
  buffer: readBuffer,
  callback: (length) => {
    const bytes = Buffer.allocUnsafe(length);
    readBuffer.copy(bytes, 0, 0, length);
    read(bytes);
    return true;
  },
});

export interface SocketSettings extends TransportTrust {
  /** A TLS session that may be taken up again. */
  readonly session: Buffer | null;
}

/**
 * Opens a socket to one address of an endpoint, whose bytes go to `read`. For TLS, the endpoint's name is checked, and only HTTP/1.1 is
 * offered.
 * @param address an IP address: nobody is asked where a name leads.
 */
export const openSocket = (
  { host, port, secure }: Endpoint,
  address: string,
  settings: SocketSettings,
  read: (bytes: Buffer) => void,
): Socket => {
  const options = { host: address, port, onread: readInto(read) };
  const socket = secure ? connectTls({ ...options, ...tlsOptions(host, settings) }) : connectTcp(options);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, probeAfterMs);
  return socket;
};

const tlsOptions = (host: string, { ca, session }: SocketSettings): object => ({
  ALPNProtocols: ['http/1.1'],
  ...(isIP(host) === 0 && { servername: host }),
  ...(ca !== undefined && { ca }),
  ...(session !== null && { session }),
});
