import type { FastifyRequest } from 'fastify';
import type { Operator } from './ControlPlane.ts';

/** Who asks, for a route that needs a right; nobody gets there without one. */
export const operatorOf = (request: FastifyRequest): Operator =>
  request.operator ?? { name: 'nobody', rights: new Set(), teams: new Set() };
