import type { FastifyReply } from 'fastify';
import type { ErrorRow } from '../kernel/index.ts';
import type { Answer } from './ControlPlane.ts';
import { controlErrors, planeErrors, type ControlErrorCode, type PlaneErrorCode } from './errors.ts';

/** Everything that the control plane may refuse with, before it knows who asks and after. */
const rows = { ...planeErrors, ...controlErrors };

/** Row of a code. */
export const controlRow = (code: ControlErrorCode | PlaneErrorCode): ErrorRow => rows[code];

/** Why something was not done, as it is told. */
export const faultBody = (code: ControlErrorCode | PlaneErrorCode, message: string): object => ({
  error: { code, message, mend: controlRow(code).mend },
});

/** Sends why something was not done. */
export const sendFault = (reply: FastifyReply, code: ControlErrorCode, message: string): FastifyReply =>
  reply.code(controlErrors[code].status).header('x-archipel-error', code).send(faultBody(code, message));

/** Sends what the control plane answered. */
export const sendAnswer = (reply: FastifyReply, answer: Answer): FastifyReply =>
  answer.ok ? reply.send(answer.value) : sendFault(reply, answer.fault.code, answer.fault.message);
