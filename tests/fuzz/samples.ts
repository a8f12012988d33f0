/**
 * Texts from which the fuzzer starts.
 *
 * @module
 */

/** A short event. */
export const SAMPLE_EVENT_V4 = '{"event_id":"1708102555327.NLOjmg","timestamp":1708102555327,"bot":"not_detected"}';

/** Every byte of `text` below 256 as one byte. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
