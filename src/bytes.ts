/**
 * Recognises bytes among other values, also bytes of another realm (a `vm` context, an edge runtime's sandbox), for which
 * `instanceof` fails.
 *
 * The getters of the two prototypes read what an object is, not what it claims to be: a `Proxy` of bytes, an object with
 * the prototype of bytes, and one with their `Symbol.toStringTag` are recognised as none.
 *
 * @module
 */

const getTypedArrayName = /* @__PURE__ */ getterOf(
  /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
);
const getByteLength = /* @__PURE__ */ getterOf(ArrayBuffer.prototype, "byteLength");

function getterOf(prototype: object, name: PropertyKey): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get!; // Both are getters by the language's specification.
}

/** Whether `value` is a `Uint8Array`, or a subclass of it such as `Buffer`. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return getTypedArrayName.call(value) === "Uint8Array";
}

/** Whether `value` is an `ArrayBuffer`; a `SharedArrayBuffer` is not. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    getByteLength.call(value);
    return true;
  } catch {
    return false;
  }
}

/** The bytes of a `Uint8Array` or an `ArrayBuffer`, not copied; `undefined` for any other value. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (isUint8Array(value)) return value;
  // A detached buffer has no length, and no view can be made of it.
  if (isArrayBuffer(value)) return value.byteLength === 0 ? new Uint8Array(0) : new Uint8Array(value);
  return undefined;
}
