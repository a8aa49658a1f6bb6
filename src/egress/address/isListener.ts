import { networkInterfaces } from 'node:os';
import { readAddress } from './readAddress.ts';
import { scopeOfAddress } from './scopeOfAddress.ts';

/** An address that this program listens on itself. */
export interface Listener {
  /** An IP address, or the one that stands for all of this machine's. */
  readonly host: string;
  readonly port: number;
}

/** The IPv4 bytes of an address that only carries one (::ffff:127.0.0.1), so that both are one address. */
const bytesOf = (address: string): string => {
  const bytes = readAddress(address) ?? new Uint8Array(0);
  const isMapped = bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff;
  return (isMapped ? bytes.subarray(12) : bytes).join('.');
};

const isThisMachine = (address: string): boolean =>
  scopeOfAddress(address) === 'loopback' ||
  Object.values(networkInterfaces()).some((all) => all?.some((own) => bytesOf(own.address) === bytesOf(address)));

/** Whether a connection would come out at a listener. */
export const isListener = (address: string, port: number, listener: Listener): boolean => {
  if (port !== listener.port) return false;
  if (bytesOf(address) === bytesOf(listener.host)) return true;
  return scopeOfAddress(listener.host) === 'unspecified' && isThisMachine(address);
};
