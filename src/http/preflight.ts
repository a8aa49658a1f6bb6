import type { IncomingMessage, ServerResponse } from 'node:http';

/** Longest list of headers that a page may announce. */
const announcedLengthMax = 2_048;
const namesPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?: *, *[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*$/;
/** How long a browser may go by what it was told. */
const maxAgeS = 600;

/** Whether a browser asks beforehand, without a key, whether a page may ask. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** Tells a browser that a page of a listed origin may send these methods, and the headers that it announces. */
export const answerPreflight = (response: ServerResponse, methods: readonly string[]): void => {
  const announced = response.req.headers['access-control-request-headers'];
  const isList =
    typeof announced === 'string' && announced.length <= announcedLengthMax && namesPattern.test(announced);
  response.writeHead(204, {
    'access-control-allow-methods': methods.join(', '),
    ...(isList ? { 'access-control-allow-headers': announced } : {}),
    'access-control-max-age': String(maxAgeS),
    'content-length': '0',
  });
  response.end();
};
