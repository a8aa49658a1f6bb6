/** Where a model lives among the API's resources. Tuned models have a collection of their own. */
export const resourceName = (model: string): string => (model.includes('/') ? model : `models/${model}`);
