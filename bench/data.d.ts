/**
 * What the launcher puts into every bundle.
 *
 * @module
 */

declare module "bench:data" {
  import type { Payload } from "./payloads.ts";
  import type { TaskSettings } from "./settings.ts";

  /** What to do, and how thoroughly. */
  export const settings: TaskSettings;
  /** All payloads of all sizes. */
  export const payloads: readonly Payload[];
  /** The key that sealed them, as base64 text. */
  export const key: string;
}
