/** Whether an object has no members. `Object.keys` would make a list of them for each call. */
export function isEmptyObject(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
