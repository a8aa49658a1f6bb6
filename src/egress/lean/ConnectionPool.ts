import { pinAddresses, type PinPorts } from '../address/pinAddresses.ts';
import type { Reach } from '../address/Reach.ts';
import type { TransportFault } from '../Transport.ts';
import type { TransportLimits, TransportTrust } from '../TransportLimits.ts';
import { Connection, type ConnectionOwner, type OpeningListener } from './Connection.ts';
import { Dial, type DialListener, type DialPorts } from './Dial.ts';
import type { CallPlace, LeanCall } from './LeanCall.ts';
import { openSocket, type Endpoint } from './openSocket.ts';

export interface PoolSettings {
  readonly endpoint: Endpoint;
  readonly reach: Reach;
  readonly pinPorts: PinPorts;
  readonly limits: TransportLimits;
  readonly trust: TransportTrust;
  readonly monotonicMs: () => number;
  /** Neither a connection nor a call was left when it looked: it has been of no use for a while. */
  readonly onEmpty: () => void;
}

/** How often the event loop has polled. */
const loopTurn = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;

/**
 * The connections of one origin and credential, and the calls that wait for one.
 *
 * A request on a used connection goes out at the end of a turn of the event loop that began after the answer before it: the loop has polled
 * all sockets in between, so that what the vendor did meanwhile, closing the connection or sending more than it was asked for, has been seen.
 */
export class ConnectionPool implements ConnectionOwner, CallPlace, DialListener {
  readonly #settings: PoolSettings;
  readonly #connections = new Set<Connection>();
  readonly #dials = new Set<Dial>();
  readonly #waiting = new Set<LeanCall>();
  /** The one used last is taken first, so that the others can grow old. */
  readonly #idle: Connection[] = [];
  /** With a request to write at the end of a turn. */
  #sending: Connection[] = [];
  #turnDue = false;
  #sweep: NodeJS.Timeout | null = null;
  #session: Buffer | null = null;
  #closed = false;
  readonly #onTurn = (): void => this.#turn();
  readonly #dialPorts: DialPorts = {
    // Each connection anew: a name may lead elsewhere by now.
    pin: () => {
      const { endpoint, reach, pinPorts } = this.#settings;
      return pinAddresses({ host: endpoint.host, port: endpoint.port, reach }, pinPorts);
    },
    open: (address, opening) => this.#open(address, opening),
  };

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  get endpoint(): Endpoint {
    return this.#settings.endpoint;
  }

  get #empty(): boolean {
    return this.#connections.size + this.#dials.size + this.#waiting.size === 0;
  }

  /** Serves a call as soon as there is a connection for it. */
  start(call: LeanCall): void {
    const connection = this.#takeIdle();
    if (connection !== null) {
      this.#assign(connection, call);
      return;
    }
    const { waitingMax } = this.#settings.limits;
    if (this.#waiting.size >= waitingMax) {
      queueMicrotask(() => call.failed('connect_refused', `${waitingMax} calls wait for a connection already`));
      return;
    }
    this.#waiting.add(call);
    call.place = this;
    this.#dialForWaiting();
  }

  /** Cuts all connections; the calls on them and those that wait fail. */
  close(): void {
    this.#closed = true;
    if (this.#sweep) clearTimeout(this.#sweep);
    for (const dial of this.#dials) dial.cancel();
    this.#dials.clear();
    for (const call of this.#waiting) call.failed('aborted', 'the transport was closed');
    this.#waiting.clear();
    for (const connection of this.#connections) connection.destroy('the transport was closed');
  }

  leave(call: LeanCall): void {
    this.#waiting.delete(call);
  }

  resumed(): void {}

  connected(dial: Dial, connection: Connection): void {
    this.#dials.delete(dial);
    this.#connections.add(connection);
    const call = this.#nextWaiting();
    if (call === null) this.#toIdle(connection);
    else {
      connection.assign(call);
      connection.send();
    }
  }

  unconnected(dial: Dial, fault: TransportFault): void {
    this.#dials.delete(dial);
    this.#nextWaiting()?.failed(fault.cause, fault.message);
    this.#afterLoss();
  }

  released(connection: Connection): void {
    connection.releasedTurn = loopTurn();
    const call = this.#nextWaiting();
    if (call === null) this.#toIdle(connection);
    else this.#assign(connection, call);
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#afterLoss();
  }

  unsent(call: LeanCall): void {
    if (this.#closed) call.failed('aborted', 'the transport was closed');
    else this.start(call);
  }

  #takeIdle(): Connection | null {
    const nowMs = this.#idle.length === 0 ? 0 : this.#settings.monotonicMs();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.idleUntilMs > nowMs) return connection;
      connection.destroy('idle for too long');
    }
    return null;
  }

  #nextWaiting(): LeanCall | null {
    if (this.#waiting.size === 0) return null;
    for (const call of this.#waiting) {
      this.#waiting.delete(call);
      return call;
    }
    return null;
  }

  #assign(connection: Connection, call: LeanCall): void {
    connection.assign(call);
    this.#sending.push(connection);
    this.#turnSoon();
  }

  #turnSoon(): void {
    if (this.#turnDue) return;
    this.#turnDue = true;
    setImmediate(this.#onTurn);
  }

  #turn(): void {
    this.#turnDue = false;
    const sending = this.#sending;
    this.#sending = [];
    const turn = loopTurn();
    for (const connection of sending) {
      if (connection.releasedTurn !== turn) connection.send();
      else this.#sending.push(connection);
    }
    if (this.#sending.length > 0) this.#turnSoon();
  }

  #toIdle(connection: Connection): void {
    const { limits, monotonicMs } = this.#settings;
    connection.idleUntilMs = monotonicMs() + Math.min(limits.idleConnectionMs, connection.idleMsMax);
    this.#idle.push(connection);
    this.#sweepAfter(limits.idleConnectionMs);
  }

  #sweepAfter(ms: number): void {
    if (this.#sweep !== null || this.#closed) return;
    this.#sweep = setTimeout(() => this.#sweepIdle(), ms).unref();
  }

  #sweepIdle(): void {
    this.#sweep = null;
    const nowMs = this.#settings.monotonicMs();
    for (const connection of this.#idle.filter(({ idleUntilMs }) => idleUntilMs <= nowMs)) {
      connection.destroy('idle for too long');
    }
    if (this.#empty) this.#settings.onEmpty();
    else if (this.#idle.length > 0) {
      this.#sweepAfter(Math.min(...this.#idle.map(({ idleUntilMs }) => idleUntilMs)) - nowMs);
    }
  }

  #dialForWaiting(): void {
    const { connectionsMax } = this.#settings.limits;
    while (this.#dials.size < this.#waiting.size && this.#dials.size + this.#connections.size < connectionsMax) {
      this.#dials.add(new Dial(this.#dialPorts, this.#settings.limits, this));
    }
  }

  #open(address: string, opening: OpeningListener): Connection {
    const { endpoint, limits, trust } = this.#settings;
    const settings = { secure: endpoint.secure, headerBytesMax: limits.headerBytes, owner: this, opening };
    return new Connection(settings, (read) => {
      const socket = openSocket(endpoint, address, { ...trust, session: this.#session }, read);
      socket.on('session', (session: Buffer) => {
        this.#session = session;
      });
      return socket;
    });
  }

  #afterLoss(): void {
    if (this.#closed) return;
    this.#dialForWaiting();
    // An empty pool stays for a while: its TLS session may be of use.
    if (this.#empty) this.#sweepAfter(this.#settings.limits.idleConnectionMs);
  }
}
