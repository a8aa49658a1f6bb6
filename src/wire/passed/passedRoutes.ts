import type { ClientMethod, ClientRoute } from '../wire.ts';

/** Where one request goes that is handed on as it is. */
export interface PassedPath {
  /** Name of the provider in the file. */
  readonly provider: string;
  /** What follows it, with its slash, as it came: nothing is decoded. */
  readonly path: string;
}

/** What all paths begin with that are handed on to a provider. */
export const passedPrefix = '/passthrough/';

/** The methods that can be handed on. */
export const passedMethods: readonly ClientMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const passedRoutes: ReadonlyMap<string, ClientRoute> = new Map(
  passedMethods.map((method) => [method, { method, path: `${passedPrefix}{provider}`, operation: 'passthrough' }]),
);

const passedPattern = /^\/passthrough\/([^/]+)(\/.+)$/;

/** Takes a path apart that is to be handed on; null where it is none. */
export const splitPassedPath = (path: string): PassedPath | null => {
  const [, provider, rest] = passedPattern.exec(path) ?? [];
  return provider === undefined || rest === undefined ? null : { provider, path: rest };
};

/** The route of what is handed on by a method, or null where that method never is. */
export const passedRouteOf = (method: string): ClientRoute | null => passedRoutes.get(method) ?? null;
