import { addressScope, isWithinReach, type AddressScope, type Reach } from '../egress/index.ts';

/** An address that we listen on ourselves. */
export interface OwnAddress {
  readonly host: string;
  readonly port: number;
}

/** What is wrong with a URL, and how to mend it. */
export interface UrlFault {
  readonly what: string;
  readonly mend: string;
}

const isHere = (host: string): boolean => ['loopback', 'unspecified'].includes(addressScope(host));

const bare = (host: string): string => host.toLowerCase().replace(/^\[(.*)\]$/, '$1');

/** Whether a call to the URL would come back to us, so that one request became an endless chain of them. */
const isOurOwn = (url: URL, own: OwnAddress): boolean => {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (own.port !== port) return false;
  return bare(url.hostname) === bare(own.host) || (isHere(url.hostname) && isHere(own.host));
};

/** Where no vendor is, and what is there. */
const nowhere: Readonly<Partial<Record<AddressScope, string>>> = {
  'link-local': 'a link-local address, where clouds keep their credentials',
  metadata: 'an address where clouds keep their credentials',
  multicast: 'an address of many machines at once',
  unspecified: 'an address that means none',
};

export interface UrlContext {
  /** Where this program listens. */
  readonly own: readonly OwnAddress[];
  /** The file says that the provider runs on machines of one's own. */
  readonly isOwnHost: boolean;
  /** How near the provider's addresses may be. */
  readonly reach: Reach;
}

/** Checks the address of a provider. */
export const checkBaseUrl = (baseUrl: string, { own, isOwnHost, reach }: UrlContext): UrlFault | null => {
  const url = new URL(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { what: 'a URL that is neither https nor http', mend: 'write https://...' };
  }
  if (url.username !== '' || url.password !== '') {
    return { what: 'a URL that carries a credential (not shown)', mend: 'put it under credentials, by reference' };
  }
  if (url.search !== '' || url.hash !== '') {
    return { what: 'a URL with a query or a fragment', mend: 'end it after the path' };
  }
  if (own.some((address) => isOurOwn(url, address))) {
    return {
      what: 'an address that this program listens on itself',
      mend: 'name the address of the vendor: requests would go round in a circle',
    };
  }
  const scope = addressScope(url.hostname);
  const there = nowhere[scope];
  if (there !== undefined) return { what: there, mend: 'name the address of the vendor' };
  if (!isWithinReach(scope, reach)) {
    return {
      what: `a ${scope} address, where addresses: ${reach} keeps calls from`,
      mend: `write addresses: ${scope}`,
    };
  }
  if (url.protocol === 'http:' && scope === 'public' && !isOwnHost) {
    return {
      what: 'http to a public address, where anybody on the way reads keys and prompts',
      mend: 'write https://..., or host: self for machines of your own',
    };
  }
  return null;
};
