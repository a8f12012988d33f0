/**
 * Standard Schema v1: the interface that zod, valibot, arktype and others share.
 *
 * @see https://standardschema.dev
 * @module
 */

import { UnsealError } from "./errors.ts";
import { isPromiseLike } from "./promise.ts";

/** A schema of any library that implements Standard Schema v1. */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value: its output, or why it is refused. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One objection of a schema. Its message is not read, as it may quote the value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** How many places an error names at most. */
const MAX_PATHS = 16;

/**
 * Validates `value`.
 *
 * @returns The schema's output.
 * @throws {UnsealError} `ERR_EVENT_SHAPE`, with the refused places in `paths`. A schema that throws refuses.
 */
export function validate<Output>(schema: StandardSchema<Output>, value: unknown): Output | PromiseLike<Output> {
  let result: SchemaResult<Output> | Promise<SchemaResult<Output>>;
  try {
    result = schema["~standard"].validate(value);
  } catch {
    throw refusal([]);
  }
  return isPromiseLike(result) ? result.then(output, () => Promise.reject(refusal([]))) : output(result);
}

function output<Output>(result: SchemaResult<Output>): Output {
  if (result.issues === undefined) return result.value;
  throw refusal(
    result.issues.slice(0, MAX_PATHS).map(({ path = [] }) =>
      path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")
    ),
  );
}

function refusal(paths: readonly string[]): UnsealError {
  return new UnsealError("ERR_EVENT_SHAPE", "Event was refused by the schema", { paths });
}
