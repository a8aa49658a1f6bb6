import type { RouteOptions } from 'fastify';

const nothing = { type: 'object', additionalProperties: false, properties: {} } as const;

/** Left out, or an object without anything in it, as clients send who always send one. */
const noBody = { ...nothing, type: ['object', 'null'] } as const;

/**
 * Closes what a route leaves open. What it does not say that it takes is refused: a field that is passed over in silence is one that somebody believes in.
 * @throws Error where it does not say whom it is for, or is not in the OpenAPI document, by which routes are tested.
 */
export const closeRoute = (route: RouteOptions): void => {
  const name = `route ${String(route.method)} ${route.url}`;
  if (route.config?.policy === undefined) throw new Error(`${name} declares no policy`);
  if (route.schema?.hide === true) throw new Error(`${name} hides from the OpenAPI document`);
  const takesBody = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(String(route.method));
  route.schema = { querystring: nothing, ...(takesBody ? { body: noBody } : {}), ...route.schema };
};
