/** Ids of function calls are optional in Google's API. Those left out are counted over the conversation, so that the same history always has the same ids. */
export class CallIds {
  #calls = 0;
  /** Calls without an answer so far, in order. */
  readonly #open: { readonly id: string; readonly name: string }[] = [];

  called(id: string | undefined, name: string): string {
    const known = id || `call_${this.#calls}`;
    this.#calls++;
    this.#open.push({ id: known, name });
    return known;
  }

  /** The id of the call that is answered: the first open one of that name where the answer does not say. */
  answered(id: string | undefined, name: string | undefined): string {
    const at = this.#open.findIndex((call) => (id ? call.id === id : call.name === name));
    const [call] = at === -1 ? [] : this.#open.splice(at, 1);
    return call?.id ?? id ?? `call_${name ?? ''}`;
  }
}
