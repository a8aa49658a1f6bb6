/** The tier that a list price stands for: what a vendor serves by default. */
export const standardTier = 'standard';

/** What a request says that leaves the choice of a tier to its vendor. */
export const anyTier = 'auto';

/**
 * How quickly and how surely a vendor serves a request, at a price of its own, in one word for all of them: `standard`, `flex` (cheaper, when there is room),
 * `priority` (dearer, first), `fast`, `batch`, `provisioned` (out of capacity that is paid for), `spillover` (what did not fit into that), or the vendor's own
 * word where it has another.
 */
export type ServiceTier = string;
