import { anthropicWire } from './anthropic/anthropicWire.ts';
import { azureWire } from './azure/azureWire.ts';
import { bedrockWire } from './bedrock/bedrockWire.ts';
import { geminiWire } from './gemini/geminiWire.ts';
import { openaiWire } from './openai/openaiWire.ts';
import { passedMethods, passedPrefix, passedRouteOf, splitPassedPath, type PassedPath } from './passed/passedRoutes.ts';
import { responsesWire } from './responses/responsesWire.ts';
import { vertexAnthropicWire } from './vertex/vertexAnthropicWire.ts';
import { vertexWire } from './vertex/vertexWire.ts';
import type { ClientRoute, PathWords, UpstreamWire, Wire } from './wire.ts';

/** The wires that clients speak, by their names. */
export const clientWires: ReadonlyMap<string, Wire> = new Map(
  [openaiWire, anthropicWire, responsesWire, geminiWire].map((wire) => [wire.name, wire]),
);

/** Every wire that targets are called on, by its name. */
export const wires: ReadonlyMap<string, UpstreamWire> = new Map<string, UpstreamWire>([
  ...clientWires,
  [azureWire.name, azureWire],
  [bedrockWire.name, bedrockWire],
  [vertexWire.name, vertexWire],
  [vertexAnthropicWire.name, vertexAnthropicWire],
]);

/** Whose errors a client gets when nothing tells which wire it speaks. */
export const defaultWire: Wire = openaiWire;

export type RouteMatch =
  | {
      readonly kind: 'route';
      readonly wire: Wire;
      readonly route: ClientRoute;
      /** What the path says beyond its route, or null. */
      readonly words: PathWords | null;
      /** Where it goes, where it is to be handed on as it is. */
      readonly passed?: PassedPath;
    }
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

/** Those who listen at a path that names a model. */
interface NamedPlace extends Place {
  readonly before: string;
  readonly after: string;
}

const modelMark = '{model}';

/** Who listens at each path. */
const places = new Map<string, Place[]>();
const namedPlaces: NamedPlace[] = [];
for (const wire of clientWires.values()) {
  for (const route of wire.routes) {
    const [before = '', after] = route.path.split(modelMark);
    if (after === undefined) places.set(route.path, [...(places.get(route.path) ?? []), { wire, route }]);
    else namedPlaces.push({ wire, route, before, after });
  }
}

/** The name of a model in a path, or null where it is none: clients write slashes and colons of it as they are, or escaped. */
const nameIn = (path: string, { before, after }: NamedPlace): string | null => {
  if (path.length <= before.length + after.length || !path.startsWith(before) || !path.endsWith(after)) return null;
  try {
    return decodeURIComponent(path.slice(before.length, path.length - after.length));
  } catch {
    return null;
  }
};

const matchNamed = (method: string, path: string): RouteMatch => {
  for (const place of namedPlaces) {
    const model = nameIn(path, place);
    if (model === null) continue;
    const { wire, route } = place;
    if (route.method !== method) return { kind: 'method_not_allowed', wire, methodsAllowed: [route.method] };
    return { kind: 'route', wire, route, words: { model, stream: route.stream ?? false } };
  }
  return { kind: 'not_found' };
};

/** Codex says its version where it asks for a list of models, and nowhere else. */
const askedByCodex = /[?&]client_version=/;

/**
 * Which wire a client speaks, by headers that its SDK always sends, or by its query: what tells clients apart where wires share a path
 * (`GET /v1/models`).
 */
const spokenBy = (headers: RequestHeaders, query: string): Wire => {
  if (headers['anthropic-version'] !== undefined) return anthropicWire;
  if (headers['x-goog-api-key'] !== undefined) return geminiWire;
  return askedByCodex.test(query) ? responsesWire : openaiWire;
};

/** Nobody can tell yet whether there is such a provider: that is for those to know who have a key. */
const matchPassed = (method: string, path: string, wire: Wire): RouteMatch => {
  const passed = splitPassedPath(path);
  if (passed === null) return { kind: 'not_found' };
  const route = passedRouteOf(method);
  if (route === null) return { kind: 'method_not_allowed', wire, methodsAllowed: passedMethods };
  return { kind: 'route', wire, route, words: null, passed };
};

/**
 * Finds whom a request is for.
 * @param path Without the query, exactly as it came: nothing is normalised.
 * @param headers Lower-case names.
 * @param query With its question mark; empty where there is none.
 */
export const matchRoute = (method: string, path: string, headers: RequestHeaders, query: string): RouteMatch => {
  const here = places.get(path);
  const spoken = spokenBy(headers, query);
  if (here === undefined)
    return path.startsWith(passedPrefix) ? matchPassed(method, path, spoken) : matchNamed(method, path);
  const match =
    here.find(({ wire, route }) => wire === spoken && route.method === method) ??
    here.find(({ route }) => route.method === method);
  if (match !== undefined) return { kind: 'route', ...match, words: null };
  const wire = here.find((place) => place.wire === spoken)?.wire ?? here[0]?.wire ?? defaultWire;
  return { kind: 'method_not_allowed', wire, methodsAllowed: [...new Set(here.map(({ route }) => route.method))] };
};
