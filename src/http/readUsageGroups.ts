export const usageGroups = ['provider', 'vendor', 'host', 'model', 'team', 'key', 'contract', 'day', 'target'] as const;

export type UsageGroup = (typeof usageGroups)[number];

/** Groups that are told together, such as each vendor's each model; a host has parts of attempts, so that it stands alone. */
export type UsageGroupSet = readonly Exclude<UsageGroup, 'host'>[];

/** Most groups of one question. */
export const usageGroupsMax = 3;

/** One group, or several with commas between: "vendor,model". Null where it is neither. */
export const readUsageGroups = (text: string): UsageGroup | UsageGroupSet | null => {
  const [only, ...more] = text.split(',').map((word) => usageGroups.find((group) => group === word));
  if (only === undefined || more.length >= usageGroupsMax) return null;
  if (more.length === 0) return only;
  const several = [only, ...more].filter((group) => group !== undefined && group !== 'host');
  return several.length === more.length + 1 && new Set(several).size === several.length ? several : null;
};
