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
      /** The answer that the path names, where it is about one that is kept. */
      readonly answer?: string;
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

/** Those who listen at a path that names a model, or an answer. */
interface NamedPlace extends Place {
  readonly names: 'model' | 'answer';
  readonly before: string;
  readonly after: string;
}

const namePattern = /^(.*)\{(model|answer)\}(.*)$/;

/** Who listens at each path. */
const places = new Map<string, Place[]>();
const namedPlaces: NamedPlace[] = [];
for (const wire of clientWires.values()) {
  for (const route of wire.routes) {
    const [, before = '', names, after = ''] = namePattern.exec(route.path) ?? [];
    if (names === 'model' || names === 'answer') namedPlaces.push({ wire, route, names, before, after });
    else places.set(route.path, [...(places.get(route.path) ?? []), { wire, route }]);
  }
}

/** The name in a path, or null where it is none: clients write slashes and colons of a model as they are, or escaped; an answer's name has none. */
const nameIn = (path: string, { names, before, after }: NamedPlace): string | null => {
  if (path.length <= before.length + after.length || !path.startsWith(before) || !path.endsWith(after)) return null;
  const written = path.slice(before.length, path.length - after.length);
  if (names === 'answer') return answerPattern.test(written) ? written : null;
  try {
    return decodeURIComponent(written);
  } catch {
    return null;
  }
};

const answerPattern = /^[\w-]+$/;

const matchNamed = (method: string, path: string): RouteMatch => {
  const methodsAllowed: ClientRoute['method'][] = [];
  let here: Wire | null = null;
  for (const place of namedPlaces) {
    const name = nameIn(path, place);
    if (name === null) continue;
    const { wire, route, names } = place;
    if (route.method === method) {
      if (names === 'answer') return { kind: 'route', wire, route, words: null, answer: name };
      return { kind: 'route', wire, route, words: { model: name, stream: route.stream ?? false } };
    }
    here ??= wire;
    methodsAllowed.push(route.method);
  }
  return here === null ? { kind: 'not_found' } : { kind: 'method_not_allowed', wire: here, methodsAllowed };
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
