import { addressScope } from './addressScope.ts';

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

/**
 * Checks the address of a provider.
 * @param isOwnHost The file says that the provider runs on machines of one's own.
 */
export const checkBaseUrl = (baseUrl: string, own: readonly OwnAddress[], isOwnHost: boolean): UrlFault | null => {
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
  const scope = addressScope(url.hostname);
  if (scope === 'link-local') {
    return {
      what: 'a link-local address, where clouds keep their credentials',
      mend: 'name the address of the vendor',
    };
  }
  if (url.protocol === 'http:' && scope === 'public' && !isOwnHost) {
    return {
      what: 'http to a public address, where anybody on the way reads keys and prompts',
      mend: 'write https://..., or host: self for machines of your own',
    };
  }
  if (own.some((address) => isOurOwn(url, address))) {
    return {
      what: 'an address that this program listens on itself',
      mend: 'name the address of the vendor: requests would go round in a circle',
    };
  }
  return null;
};
