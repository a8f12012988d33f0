/**
 * Standard Schema v1: the interface that zod, valibot, arktype and others share.
 *
 * @see https://standardschema.dev
 * @module
 */

import { checkFunction } from "../options.ts";
import { type MaybePromise, settle } from "../promise.ts";
import { asUnsealError, UnsealError } from "./errors.ts";

/** A schema of any library that implements Standard Schema v1. */
export interface StandardSchema<Output = unknown> {
  /** The properties that the standard defines. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** The result of a validation: the output, or the reasons for a refusal. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One reason for a refusal. Its message is not read, because it may quote the value. */
export interface SchemaIssue {
  /** The reason in words. */
  readonly message: string;
  /** The place that was refused. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The most places that an error names. */
const MAX_PATHS = 16;

/** Path segments that an error may repeat: at most 64 characters, no control characters or line separators. */
const PLAIN_SEGMENT = /^[ -~\u00a0-\u2027\u202f-\uffff]{0,64}$/;

/** Fields whose content, keys included, comes from the application. Paths end here. */
const FREE_FIELD = /^(tags?|labels)$/;

/**
 * Validates `value`.
 *
 * @returns The schema's output.
 * @throws {UnsealError} `ERR_EVENT_SHAPE`, with the refused places in `paths`. A schema that throws, or that returns
 * neither a value nor issues, also refuses the event.
 */
export function validate<Output>(schema: StandardSchema<Output>, value: unknown): MaybePromise<Output> {
  return settle(
    // The output may be a promise, too.
    () => settle<SchemaResult<Output>, Output>(() => schema["~standard"].validate(value), outputOf),
    (output) => output,
    (error) => {
      throw asUnsealError(error, () => refusal([]));
    },
  );
}

function outputOf<Output>(result: SchemaResult<Output>): Output {
  if (result.issues === undefined && "value" in result) return result.value;
  throw refusal(Array.from(result.issues ?? []).slice(0, MAX_PATHS).map(pathOf));
}

/**
 * Formats the path of an issue, such as `products.botd.data`. Keys of records come from the event, so a segment that is
 * long or could break a log line is replaced by `*`.
 */
function pathOf({ path = [] }: SchemaIssue): string {
  const segments: string[] = [];
  for (const part of path) {
    const segment = String(typeof part === "object" ? part.key : part);
    segments.push(PLAIN_SEGMENT.test(segment) ? segment : "*");
    if (FREE_FIELD.test(segment)) break;
  }
  return segments.join(".");
}

function refusal(paths: readonly string[]): UnsealError {
  return new UnsealError("ERR_EVENT_SHAPE", "Cannot accept event: refused by the schema", { paths });
}

/** Checks the `schema` option. */
export function checkSchema(schema: StandardSchema | undefined): StandardSchema | undefined {
  if (schema !== undefined) checkFunction('schema["~standard"].validate', schema?.["~standard"]?.validate);
  return schema;
}
