import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { vendorPorts } from './vendorPorts.ts';

/** Where in what a vendor sends on one connection something happens. */
export type Place =
  | { readonly bytes: number }
  /** Right behind so many events of a stream, and `plusBytes` further: inside the next one. */
  | { readonly events: number; readonly plusBytes?: number };

/** What a link between a client and a vendor does to what goes over it. */
export type LinkFault =
  | { readonly kind: 'none' }
  /** Nobody listens. */
  | { readonly kind: 'refuse' }
  /** Connections are taken, and nothing goes over them. */
  | { readonly kind: 'hang' }
  /** All that goes over it comes later, in both directions. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The vendor's bytes come one by one. */
  | { readonly kind: 'dribble'; readonly bytesPerSecond: number }
  /** The connection ends there: by a reset, or by its end in both directions. */
  | { readonly kind: 'cut'; readonly by: 'rst' | 'fin'; readonly at: Place }
  /** The vendor's side ends there and the client's stays open. */
  | { readonly kind: 'half-close'; readonly at: Place }
  /** What the client says with this text in it still arrives, and the client never hears what came of it. */
  | { readonly kind: 'lose-answer'; readonly to: string }
  /** What goes in one direction is lost. */
  | { readonly kind: 'partition'; readonly lost: 'to-vendor' | 'to-client' };

const lineFeed = 10;

/** Finds a place in bytes that come in pieces. */
class PlaceFinder {
  readonly #place: Place;
  #bytes = 0;
  #events = 0;
  #lastWasLineFeed = false;
  #left: number | null = null;

  constructor(place: Place) {
    this.#place = place;
  }

  /** @returns how many of these bytes come before the place; null where all do */
  find(bytes: Buffer): number | null {
    if ('bytes' in this.#place) {
      const before = this.#place.bytes - this.#bytes;
      this.#bytes += bytes.length;
      return before < bytes.length ? Math.max(0, before) : null;
    }
    const { events, plusBytes = 0 } = this.#place;
    for (const [at, byte] of bytes.entries()) {
      if (this.#left !== null) {
        if (this.#left === 0) return at;
        this.#left -= 1;
      } else if (byte === lineFeed && this.#lastWasLineFeed) {
        this.#events += 1;
        if (this.#events === events) this.#left = plusBytes;
      }
      this.#lastWasLineFeed = byte === lineFeed;
    }
    return this.#left === 0 ? bytes.length : null;
  }
}

/** Writes bytes one by one, or some at a time where one would be too many timers. */
class Dribble {
  readonly #to: Socket;
  readonly #bytesPerSecond: number;
  #waiting: Buffer[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(to: Socket, bytesPerSecond: number) {
    this.#to = to;
    this.#bytesPerSecond = bytesPerSecond;
    to.once('close', () => this.#stop());
  }

  write(bytes: Buffer): void {
    this.#waiting.push(bytes);
    const everyMs = Math.max(1_000 / this.#bytesPerSecond, 5);
    const atOnce = Math.max(1, Math.round((this.#bytesPerSecond * everyMs) / 1_000));
    this.#timer ??= setInterval(() => this.#some(atOnce), everyMs);
  }

  #some(count: number): void {
    const all = Buffer.concat(this.#waiting);
    this.#to.write(all.subarray(0, count));
    this.#waiting = [all.subarray(count)];
    if (all.length <= count) this.#stop();
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#waiting = [];
  }
}

/** A link to a vendor that can be broken in every way that a network can. It knows no protocol but the blank line behind an event. */
export class FaultProxy implements AsyncDisposable {
  readonly #server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#join(client));
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  #to: { readonly host: string; readonly port: number };
  #fault: LinkFault = { kind: 'none' };
  /** Connections that were taken. */
  connections = 0;
  /** Faults that happened to a connection: places that were reached, bytes that were lost, late or slow. */
  struck = 0;

  private constructor(port: number, to: URL) {
    this.#port = port;
    this.#to = { host: to.hostname, port: Number(to.port) };
  }

  /** @param url of the vendor */
  static async open(url: string, fault: LinkFault = { kind: 'none' }): Promise<FaultProxy> {
    const [port = 0] = Object.values(await vendorPorts(['proxy']));
    const proxy = new FaultProxy(port, new URL(url));
    await proxy.#listen();
    await proxy.set(fault);
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From here on; connections that are open are cut. */
  async set(fault: LinkFault): Promise<void> {
    this.#fault = fault;
    for (const socket of this.#sockets) socket.destroy();
    const refuses = fault.kind === 'refuse';
    if (refuses && this.#server.listening) await new Promise<void>((done) => this.#server.close(() => done()));
    if (!refuses && !this.#server.listening) await this.#listen();
  }

  /** Connections from here on go to another server, and those that are open are cut. */
  redirect(url: string): void {
    const { hostname, port } = new URL(url);
    this.#to = { host: hostname, port: Number(port) };
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.set({ kind: 'refuse' });
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #join(client: Socket): void {
    this.connections += 1;
    const fault = this.#fault;
    this.#keep(client);
    if (fault.kind === 'hang') {
      this.struck += 1;
      client.resume();
      return;
    }
    const vendor = connect({ ...this.#to, allowHalfOpen: true, noDelay: true });
    this.#keep(vendor);
    const toVendor = this.#toVendor(fault, vendor, client);
    const toClient = this.#toClient(fault, client, vendor);
    client.on('data', toVendor);
    vendor.on('data', toClient);
    client.on('end', () => vendor.end());
    vendor.on('end', () => this.#ended(fault, client));
    client.on('close', () => vendor.destroy());
    vendor.on('close', () => {
      if (fault.kind !== 'half-close' && fault.kind !== 'dribble' && fault.kind !== 'delay') client.end();
    });
  }

  #ended(fault: LinkFault, client: Socket): void {
    if (fault.kind === 'delay') setTimeout(() => client.end(), fault.ms);
    else if (fault.kind !== 'dribble' && !(fault.kind === 'partition' && fault.lost === 'to-client')) client.end();
  }

  #toVendor(fault: LinkFault, vendor: Socket, client: Socket): (bytes: Buffer) => void {
    if (fault.kind === 'lose-answer')
      return (bytes) => {
        const isIt = bytes.includes(fault.to);
        if (isIt) this.struck += 1;
        vendor.write(bytes, () => isIt && client.resetAndDestroy());
      };
    if (fault.kind === 'delay') return (bytes) => this.#later(fault.ms, () => vendor.write(bytes));
    if (fault.kind === 'partition' && fault.lost === 'to-vendor') return () => void (this.struck += 1);
    return (bytes) => void vendor.write(bytes);
  }

  #toClient(fault: LinkFault, client: Socket, vendor: Socket): (bytes: Buffer) => void {
    switch (fault.kind) {
      case 'delay':
        return (bytes) => this.#later(fault.ms, () => client.write(bytes));
      case 'dribble': {
        const dribble = new Dribble(client, fault.bytesPerSecond);
        return (bytes) => {
          this.struck += 1;
          dribble.write(bytes);
        };
      }
      case 'partition':
        if (fault.lost === 'to-client') return () => void (this.struck += 1);
        return (bytes) => void client.write(bytes);
      case 'cut':
      case 'half-close':
        return this.#until(fault.at, client, vendor, fault.kind === 'cut' ? fault.by : 'half');
      case 'none':
      case 'lose-answer':
      case 'hang':
      case 'refuse':
        return (bytes) => void client.write(bytes);
    }
  }

  #until(place: Place, client: Socket, vendor: Socket, end: 'rst' | 'fin' | 'half'): (bytes: Buffer) => void {
    const finder = new PlaceFinder(place);
    let over = false;
    return (bytes) => {
      if (over) return;
      const before = finder.find(bytes);
      if (before === null) return void client.write(bytes);
      over = true;
      this.struck += 1;
      client.write(bytes.subarray(0, before), () => {
        if (end === 'rst') client.resetAndDestroy();
        else client.end();
        if (end !== 'half') vendor.destroy();
      });
    };
  }

  #later(ms: number, act: () => void): void {
    this.struck += 1;
    setTimeout(act, ms);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
