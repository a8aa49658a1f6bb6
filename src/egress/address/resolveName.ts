import { lookup } from 'node:dns';

/** Gives all IP addresses of a name, the preferred ones first. Rejects with the resolver's error. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** Asks the system, whose file of hosts counts as well. */
export const resolveName: ResolveName = (name) =>
  new Promise((resolve, reject) => {
    lookup(name, { all: true, order: 'verbatim' }, (error, found) => {
      if (error === null) resolve(found.map(({ address }) => address));
      else reject(error);
    });
  });
