import { anthropicWire } from './anthropic/anthropicWire.ts';
import { openaiWire } from './openai/openaiWire.ts';
import type { ClientRoute, Wire } from './wire.ts';

/** Every wire by its name. */
export const wires: ReadonlyMap<string, Wire> = new Map([openaiWire, anthropicWire].map((wire) => [wire.name, wire]));

/** Whose errors a client gets when nothing tells which wire it speaks. */
export const defaultWire: Wire = openaiWire;

export type RouteMatch =
  | { readonly kind: 'route'; readonly wire: Wire; readonly route: ClientRoute }
  | {
      readonly kind: 'method_not_allowed';
      readonly wire: Wire;
      readonly methodsAllowed: readonly ClientRoute['method'][];
    }
  | { readonly kind: 'not_found' };

type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Place {
  readonly wire: Wire;
  readonly route: ClientRoute;
}

/** Who listens at each path. */
const places = new Map<string, Place[]>();
for (const wire of wires.values()) {
  for (const route of wire.routes) places.set(route.path, [...(places.get(route.path) ?? []), { wire, route }]);
}

/**
 * Finds whom a request is for. Where wires share a path (`GET /v1/models`), clients of the Messages API are known by the header
 * `anthropic-version`, which their SDKs always send.
 * @param path Without the query, exactly as it came: nothing is normalised.
 * @param headers Lower-case names.
 */
export const matchRoute = (method: string, path: string, headers: RequestHeaders): RouteMatch => {
  const here = places.get(path);
  if (here === undefined) return { kind: 'not_found' };
  const spoken = headers['anthropic-version'] === undefined ? openaiWire : anthropicWire;
  const match =
    here.find(({ wire, route }) => wire === spoken && route.method === method) ??
    here.find(({ route }) => route.method === method);
  if (match !== undefined) return { kind: 'route', ...match };
  const wire = here.find((place) => place.wire === spoken)?.wire ?? here[0]?.wire ?? defaultWire;
  return { kind: 'method_not_allowed', wire, methodsAllowed: [...new Set(here.map(({ route }) => route.method))] };
};
