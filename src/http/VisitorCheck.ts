import type { IncomingMessage } from 'node:http';
import type { listenerErrors } from './errors.ts';

/** Which names a listener goes by, and pages of which origins may call it: its piece of the file. */
export interface VisitorRules {
  /** Lower case, without a port and a dot at the end. */
  readonly hosts: readonly string[];
  /** Lower case: scheme, host and port, as browsers write them. */
  readonly origins: readonly string[];
}

/** Who calls: nobody's page or one of ours, a page of a listed origin, or somebody who may not. */
export type Visit =
  | { readonly kind: 'own' }
  | { readonly kind: 'cross'; readonly origin: string }
  | { readonly kind: 'refused'; readonly refusal: VisitorRefusal };

interface VisitorRefusal {
  readonly code: keyof typeof listenerErrors;
  readonly message: string;
}

/** No name at all, so nobody's to point elsewhere: an address in brackets, or four numbers. */
const addressPattern = /^(?:\[|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::|$))/;

const own: Visit = { kind: 'own' };

/** The name in a Host header that the front check has let pass: without its port and the dot of the root, in lower case. */
const nameIn = (host: string): string => {
  const colon = host.indexOf(':');
  const name = colon < 0 ? host : host.slice(0, colon);
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
};

/**
 * Who may call a listener, whatever network it is on. A page of a browser reaches loopback too, by a name of its own that it points there after it
 * was loaded; only the Host gives that away, and the Origin tells of pages that do not hide.
 */
export class VisitorCheck {
  readonly #section: string;
  readonly #takesAnyName: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  /**
   * @param section Where the rules stand in the file: "listen".
   * @param ownHost The name or address that it listens on.
   * @param takesAnyName Whether a listener without a list takes every name.
   */
  constructor(section: string, ownHost: string, rules: VisitorRules, takesAnyName: boolean) {
    this.#section = section;
    this.#takesAnyName = takesAnyName && rules.hosts.length === 0;
    this.#hosts = new Set(['localhost', ownHost.toLowerCase(), ...rules.hosts]);
    this.#origins = new Set(rules.origins);
  }

  /** Looks at a request that has passed the front check. */
  check({ headers: { host = '', origin } }: IncomingMessage): Visit {
    if (!this.#takesAnyName && !addressPattern.test(host) && !this.#hosts.has(nameIn(host)))
      return this.#foreignHost(host);
    if (origin === undefined) return own;
    const written = origin.toLowerCase();
    if (this.#origins.has(written)) return { kind: 'cross', origin };
    // Behind whoever ends TLS for us the scheme is unknown here: the Host, port and all, is what must be the same.
    const isOwn = written === `http://${host.toLowerCase()}` || written === `https://${host.toLowerCase()}`;
    return isOwn ? own : this.#foreignOrigin(origin);
  }

  #foreignHost(host: string): Visit {
    const message = `This listener does not go by the name in the Host header, ${JSON.stringify(nameIn(host).slice(0, 100))}. Call it by its address or as localhost, or add the name to ${this.#section}.hosts.`;
    return { kind: 'refused', refusal: { code: 'host_not_allowed', message } };
  }

  #foreignOrigin(origin: string): Visit {
    const message = `Pages of the origin ${JSON.stringify(origin.slice(0, 100))} may not call this listener. If they are yours, add it to ${this.#section}.origins.`;
    return { kind: 'refused', refusal: { code: 'origin_not_allowed', message } };
  }
}
