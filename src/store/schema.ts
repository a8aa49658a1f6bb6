import { optional, section, secretField } from '../vocabulary/index.ts';

/** `store`: where records are kept. */
export const storeSchema = section({
  url: optional(secretField).describe('URL of a PostgreSQL database; absent: an embedded one under dataDir'),
}).describe('Where records are kept');
