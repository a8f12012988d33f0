/**
 * The contract of a store for the replay guard. To add a store, write one file in `stores/` and export it in `mod.ts`.
 * The tests of `tests/services/support/replay-contract.ts` check this contract.
 *
 * @module
 */

/** Remembers ids for the guard. Every machine that accepts events must use the same store. */
export interface ReplayStore {
  /**
   * Checks whether `id` is remembered and remembers it, in one atomic step.
   *
   * @param id 1 to 256 visible ASCII characters.
   * @param ttlMs How long to remember it at least: a whole number of milliseconds from 1.
   * @param token Kept with the id for `release`: 1 to 64 visible ASCII characters, different for each call. A store
   * without `release` may ignore it. A store whose client repeats commands recognises its own mark by it.
   * @returns Whether `id` was new. Of any number of concurrent calls on any number of machines, exactly one returns
   * `true`.
   * @throws When the store cannot find out.
   */
  add(id: string, ttlMs: number, token: string): boolean | PromiseLike<boolean>;
  /**
   * Forgets `id` if it is remembered with this `token`, in one atomic step; does nothing otherwise. A command that is
   * delayed or sent twice can therefore not remove the mark of a later call of `add`.
   *
   * @throws When the store cannot find out.
   */
  release?(id: string, token: string): void | PromiseLike<void>;
}
