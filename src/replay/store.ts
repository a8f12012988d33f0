/**
 * What a store for the replay guard must do. To add one, write one file in `stores/` and export it in `mod.ts`; the tests
 * of `tests/services/support/replay-contract.ts` show whether it keeps this contract.
 *
 * @module
 */

/** Where the guard remembers ids. Every machine that accepts events must use the same one. */
export interface ReplayStore {
  /**
   * Remembers `id`, in one atomic step with finding out whether it is remembered already.
   *
   * @param id 1 to 256 visible ASCII characters.
   * @param ttlMs How long to remember it at least: a whole number of milliseconds from 1.
   * @param token Kept with the id for `release`: 1 to 64 visible ASCII characters, different for each call. A store
   * without `release` may ignore it; one whose client repeats commands may recognise its own mark by it.
   * @returns Whether `id` was new. Of any number of concurrent calls on any number of machines, one gets `true`.
   * @throws When that is not known.
   */
  add(id: string, ttlMs: number, token?: string): Promise<boolean>;
  /**
   * Forgets `id` if it is remembered with this very `token`, in one atomic step; does nothing otherwise. So a command that
   * is delayed or sent twice cannot remove the mark of a later call of `add`.
   *
   * @throws When that is not known.
   */
  release?(id: string, token: string): Promise<void>;
}
