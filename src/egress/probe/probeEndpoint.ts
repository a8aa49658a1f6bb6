import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { failure, success, type Result } from '../../kernel/index.ts';
import { pinAddresses } from '../address/pinAddresses.ts';
import type { Reach } from '../address/Reach.ts';
import { resolveName, type ResolveName } from '../address/resolveName.ts';
import { connectFault } from '../connectFault.ts';
import { endpointOf } from '../lean/openSocket.ts';
import type { TransportFault } from '../Transport.ts';

/** What was found where an endpoint is. */
export interface ProbedEndpoint {
  readonly address: string;
  /** From the first packet to an open connection, TLS included. */
  readonly connectMs: number;
  /** Null without TLS. */
  readonly certificate: {
    /** Unix milliseconds; null where the certificate does not say. */
    readonly endsAtMs: number | null;
    /** Why calls will not believe it, in the words of OpenSSL; null where they will. */
    readonly problem: string | null;
  } | null;
}

export interface ProbeOptions {
  readonly reach: Reach;
  /** For each address. */
  readonly connectMs: number;
  readonly monotonicMs: () => number;
  /** Who tells where names lead; the system if left out. */
  readonly resolve?: ResolveName;
  /** PEM certificates that are trusted in place of the system's. */
  readonly ca?: string;
}

/** Nobody is told anything: the connection is opened, looked at and closed. So a certificate that is not believed does no harm, and can be told of. */
const openSocket = (origin: string, address: string, ca: string | undefined): Socket => {
  const { host, port, secure } = endpointOf(origin);
  if (!secure) return connectTcp({ host: address, port });
  return connectTls({
    host: address,
    port,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
};

const certificateOf = (socket: TLSSocket): ProbedEndpoint['certificate'] => {
  const endsAtMs = Date.parse(socket.getPeerCertificate().valid_to);
  const problem = socket.authorized ? null : String(socket.authorizationError);
  return { endsAtMs: Number.isNaN(endsAtMs) ? null : endsAtMs, problem };
};

const isTls = (socket: Socket): socket is TLSSocket => 'getPeerCertificate' in socket;

const probeAddress = (
  origin: string,
  address: string,
  { connectMs, monotonicMs, ca }: ProbeOptions,
): Promise<Result<ProbedEndpoint, TransportFault>> =>
  new Promise((resolve) => {
    const startedMs = monotonicMs();
    const socket = openSocket(origin, address, ca);
    const end = (result: Result<ProbedEndpoint, TransportFault>): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => {
      const message = `${address} did not answer within ${connectMs} ms`;
      end(failure({ cause: 'connect_timeout', sent: false, message }));
    }, connectMs);
    socket.on('error', (error) => end(failure(connectFault(error))));
    socket.once(isTls(socket) ? 'secureConnect' : 'connect', () => {
      const certificate = isTls(socket) ? certificateOf(socket) : null;
      end(success({ address, connectMs: monotonicMs() - startedMs, certificate }));
    });
  });

/** Looks whether an endpoint can be reached as calls would reach it, by its own addresses alone, and says nothing to it. Never rejects. */
export const probeEndpoint = async (
  origin: string,
  options: ProbeOptions,
): Promise<Result<ProbedEndpoint, TransportFault>> => {
  const { host, port } = endpointOf(origin);
  const ports = { resolve: options.resolve ?? resolveName, listeners: () => [] };
  const pinned = await pinAddresses({ host, port, reach: options.reach }, ports);
  if (!pinned.ok) return pinned;
  // Side by side: one dead address of several is no reason to wait for it.
  const probes = pinned.value.map((address) => probeAddress(origin, address, options));
  const results = await Promise.all(probes);
  const [first] = results;
  if (first === undefined) throw new Error('a name that was pinned has an address');
  return results.find(({ ok }) => ok) ?? first;
};
