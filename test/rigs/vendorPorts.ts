import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below those that a system hands out by itself: a vendor that refuses leaves its port, and must find it free when it comes back.
const portMin = 20_000;
const portEnd = 32_000;
const triesMax = 100;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** A port that nobody is given by the system. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(portMin, portEnd);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port was found between ${portMin} and ${portEnd}`);
};

/** A port for each of these vendors that nobody else is given while it is out. */
export const vendorPorts = async (names: readonly string[]): Promise<Readonly<Record<string, number>>> => {
  const ports = new Map<number, string>();
  for (const name of names) {
    let port = await freePort();
    while (ports.has(port)) port = await freePort();
    ports.set(port, name);
  }
  return Object.fromEntries([...ports].map(([port, name]) => [name, port]));
};
