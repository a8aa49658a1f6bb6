/** Adds an entry that is not there yet; when the map is full its oldest entry is forgotten first. */
export const insertBounded = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value, entriesMax: number): void => {
  if (map.size >= entriesMax) {
    const oldest = map.keys().next();
    if (oldest.done !== true) map.delete(oldest.value);
  }
  map.set(key, value);
};
