/**
 * Recognises bytes among other values, including bytes of another realm (a `vm` context, an edge runtime's sandbox),
 * for which `instanceof` fails.
 *
 * The getters of the two prototypes read internal slots, which cannot be forged. They reject a `Proxy` of bytes, an
 * object whose prototype is that of bytes, and an object with the same `Symbol.toStringTag`. A `length` that a subclass
 * or the object itself defines is not read.
 *
 * @module
 */

import { attempt } from "../thrown.ts";

/**
 * Bytes that this package returns: a `Uint8Array` over an `ArrayBuffer`, which TypeScript 5.7 and later distinguish from
 * one over a `SharedArrayBuffer`. Written so that older compilers read it as `Uint8Array`.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;

interface Constructor {
  readonly prototype: object;
}

/** The constructor that all typed arrays inherit from; it has no name of its own in the language. */
const TypedArray = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array) as Constructor;
const getTypedArrayName = /* @__PURE__ */ getterOf(TypedArray, Symbol.toStringTag);
const getBuffer = /* @__PURE__ */ getterOf(TypedArray, "buffer");
const getByteOffset = /* @__PURE__ */ getterOf(TypedArray, "byteOffset");
const getLength = /* @__PURE__ */ getterOf(TypedArray, "length");
const getByteLength = /* @__PURE__ */ getterOf(ArrayBuffer, "byteLength");

/**
 * It is given the constructor and not the prototype, so that bundlers can leave out unused getters: reading a property
 * could have an effect.
 */
function getterOf({ prototype }: Constructor, name: PropertyKey): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get!; // All are getters by the language's specification.
}

/** Whether `value` is a `Uint8Array`, or a subclass of it such as `Buffer`. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return getTypedArrayName.call(value) === "Uint8Array";
}

/** The number of elements, also of a subclass that defines another `length`; 0 for a detached array. */
export function lengthOf(bytes: Uint8Array): number {
  return getLength.call(bytes) as number; // The getter returns a number.
}

/** A copy. njs 0.7 copies from the start of the buffer, wherever a view begins, in `slice()` and in the constructor. */
export function copyOf(bytes: Uint8Array): Bytes {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * The bytes of a `Uint8Array`, in a plain view that is no copy; `undefined` for any other value. The type is that of a
 * copy: a view of a `SharedArrayBuffer` is never returned to an application.
 */
export function viewOf(value: unknown): Bytes | undefined {
  return isUint8Array(value)
    ? createView(getBuffer.call(value), getByteOffset.call(value), getLength.call(value))
    : undefined;
}

/** Like {@linkcode viewOf}, but also of an `ArrayBuffer`. A `SharedArrayBuffer` is neither. */
export function bytesOf(value: unknown): Bytes | undefined {
  // The getter throws for a value that is not an ArrayBuffer.
  return attempt(() => viewOf(value) ?? createView(value, 0, getByteLength.call(value)));
}

/** The getters return these types. A detached buffer has length 0, and creating a view of it would throw. */
function createView(buffer: unknown, byteOffset: unknown, length: unknown): Bytes {
  return length === 0
    ? new Uint8Array(0)
    : new Uint8Array(buffer as ArrayBuffer, byteOffset as number, length as number);
}
