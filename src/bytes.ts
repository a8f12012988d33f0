/**
 * Telling bytes from other values, also when they come from another realm (a `vm` context, an edge runtime's sandbox),
 * where `instanceof` fails.
 *
 * @module
 */

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Whether `value` is a `Uint8Array`, or a subclass of it such as `Buffer`. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (ArrayBuffer.isView(value) && tagOf(value) === "[object Uint8Array]");
}

/** Whether `value` is an `ArrayBuffer`; a `SharedArrayBuffer` is not. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || tagOf(value) === "[object ArrayBuffer]";
}
