import type { FastifyReply } from 'fastify';
import type { Answer } from './ControlPlane.ts';
import { controlErrors, type ControlErrorCode } from './errors.ts';

/** Why something was not done, as it is told. */
export const faultBody = (code: ControlErrorCode, message: string): object => ({
  error: { code, message, mend: controlErrors[code].mend },
});

/** Sends why something was not done. */
export const sendFault = (reply: FastifyReply, code: ControlErrorCode, message: string): FastifyReply =>
  reply.code(controlErrors[code].status).header('x-archipel-error', code).send(faultBody(code, message));

/** Sends what the control plane answered. */
export const sendAnswer = (reply: FastifyReply, answer: Answer): FastifyReply =>
  answer.ok ? reply.send(answer.value) : sendFault(reply, answer.fault.code, answer.fault.message);
