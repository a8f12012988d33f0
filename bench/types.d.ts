/** Types of contestants that bring none. */

declare module "tiny-inflate" {
  export default function inflate(
    source: Uint8Array,
    output: Uint8Array,
  ): Uint8Array;
}
