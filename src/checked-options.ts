/**
 * Reads options of the modules around the core, whose messages also name the nearest known option.
 *
 * @module
 */

import { nearest } from "./nearest.ts";
import { knownOptions } from "./options.ts";

/** As {@linkcode knownOptions}, and the message names the known option that is nearest to an unknown one. */
export function checkedOptions<Options extends object>(
  options: Options,
  names: Readonly<Record<keyof Options, 1>>,
): Options {
  return knownOptions(options, names, (unknown) => {
    const near = nearest(unknown, Object.keys(names));
    return near === undefined ? "" : `; did you mean ${near}?`;
  });
}
