import { section } from '../vocabulary/index.ts';

/** `agents`: nothing can be set yet; the section stands so that files may name it. */
export const agentsSchema = section({}).describe('Agents');
