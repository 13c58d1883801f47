/** Whether a provider with this list of models serves `model`. A `*` at the end of an entry stands for any ending; no list serves all. */
export const serves = (list: readonly string[] | undefined, model: string): boolean => list === undefined || lists(list, model);

/** Whether the list names `model`, itself or by a beginning. */
export const lists = (list: readonly string[], model: string): boolean =>
  list.some((entry) => (entry.endsWith('*') ? model.startsWith(entry.slice(0, -1)) : entry === model));
