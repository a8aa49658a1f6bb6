// Loaded before the program (`--import`): its resolver answers from a script, and a few public addresses are somewhere on this machine. All other
// connections go where they go.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

/** Names -> the answers to their look-ups, one after the other; the last one stays. */
const names: Readonly<Record<string, readonly (readonly string[])[]>> = JSON.parse(process.env['TEST_NAMES'] ?? '{}');
/** Public addresses -> ports of loopback. */
const ports: Readonly<Record<string, number>> = JSON.parse(process.env['TEST_PORTS'] ?? '{}');

const asked = new Map<string, number>();

const answerTo = (name: string): readonly string[] | null => {
  const answers = Object.hasOwn(names, name) ? names[name] : undefined;
  if (answers === undefined) return null;
  const count = asked.get(name) ?? 0;
  asked.set(name, count + 1);
  return answers[Math.min(count, answers.length - 1)] ?? [];
};

interface Found {
  readonly address: string;
  readonly family: number;
}
type Told = (error: NodeJS.ErrnoException | null, ...found: readonly unknown[]) => void;

const lookup = (name: string, options: { readonly all?: boolean }, told: Told): void => {
  const addresses = answerTo(name.toLowerCase().replace(/\.$/, ''));
  const found: readonly Found[] = (addresses ?? []).map((address) => ({ address, family: net.isIP(address) || 6 }));
  queueMicrotask(() => {
    const [first] = found;
    if (first === undefined) told(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
    else if (options.all === true) told(null, found);
    else told(null, first.address, first.family);
  });
};

const systemLookup = dns.lookup;
const isScripted = (name: string): boolean => name.endsWith('.example') || name.endsWith('.example.');

Object.assign(dns, {
  lookup: (name: string, options: object, told: Told): unknown =>
    isScripted(name) ? lookup(name, options, told) : Reflect.apply(systemLookup, dns, [name, options, told]),
});
syncBuiltinESMExports();

const systemConnect = Reflect.get(net.Socket.prototype, 'connect');

/** The options of a connection, in the shape in which the library hands them on. */
const optionsIn = (parameters: readonly unknown[]): { host?: string; port?: number } | null => {
  const [first] = parameters;
  const options: unknown = Array.isArray(first) ? first[0] : first;
  return typeof options === 'object' && options !== null ? options : null;
};

Object.assign(net.Socket.prototype, {
  connect(this: net.Socket, ...parameters: readonly unknown[]): unknown {
    const options = optionsIn(parameters);
    const port = options?.host === undefined ? undefined : ports[options.host];
    if (options !== null && port !== undefined) Object.assign(options, { host: '127.0.0.1', port });
    return Reflect.apply(systemConnect, this, parameters);
  },
});
