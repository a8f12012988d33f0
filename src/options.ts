/**
 * Reading options safely.
 *
 * @module
 */

/**
 * Returns the own properties of `options` and nothing inherited, so that a polluted `Object.prototype` cannot choose a
 * cipher or lift a limit.
 */
export function ownProperties<Options extends object>(options: Options): Options {
  return { __proto__: null, ...options };
}
