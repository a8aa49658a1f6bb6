import { isIP } from 'node:net';
import { failure, success, type Result } from '../../kernel/index.ts';
import { connectFault } from '../connectFault.ts';
import type { TransportFault } from '../Transport.ts';
import { isListener, type Listener } from './isListener.ts';
import { isWithinReach, type Reach } from './Reach.ts';
import type { ResolveName } from './resolveName.ts';
import { scopeOfAddress } from './scopeOfAddress.ts';

/** Of a name, no more than these are tried. */
const addressesMax = 8;

/** Where a call goes: a name or an IP address without brackets, and how near it may be. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly reach: Reach;
}

export interface PinPorts {
  readonly resolve: ResolveName;
  /** Where this program listens itself: a call to there would go round in a circle. */
  readonly listeners: () => readonly Listener[];
}

/** Of two families in turn, beginning with the resolver's choice: where one of them leads nowhere, the other is tried next (RFC 8305). */
const inTurn = (addresses: readonly string[]): readonly string[] => {
  const familyFirst = isIP(addresses[0] ?? '');
  const first = addresses.filter((address) => isIP(address) === familyFirst);
  const second = addresses.filter((address) => isIP(address) !== familyFirst);
  const length = Math.max(first.length, second.length);
  return Array.from({ length }, (_, at) => [first[at], second[at]])
    .flat()
    .filter((address) => address !== undefined);
};

const forbidden = (message: string): Result<never, TransportFault> =>
  failure({ cause: 'forbidden_address', sent: false, message });

/**
 * The addresses that a connection may go to, looked up once: whoever connects to one of them and asks no resolver again cannot be led
 * elsewhere. Never rejects.
 */
export const pinAddresses = async (
  { host, port, reach }: Destination,
  { resolve, listeners }: PinPorts,
): Promise<Result<readonly string[], TransportFault>> => {
  let found: readonly string[];
  try {
    found = isIP(host) === 0 ? await resolve(host) : [host];
  } catch (error) {
    return failure(connectFault(error));
  }
  if (found.length === 0) return failure({ cause: 'name_not_found', sent: false, message: 'a name without addresses' });
  const near = found.filter((address) => isWithinReach(scopeOfAddress(address), reach));
  if (near.length === 0) {
    const [first = ''] = found;
    return forbidden(
      `${host} leads to ${first} (${scopeOfAddress(first)}), and its provider may reach ${reach} addresses`,
    );
  }
  const others = near.filter((address) => !listeners().some((listener) => isListener(address, port, listener)));
  if (others.length === 0) return forbidden(`${host} leads to ${near[0]}:${port}, where this program listens itself`);
  return success(inTurn(others).slice(0, addressesMax));
};
