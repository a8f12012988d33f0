/**
 * HyperLogLog: estimates how many different values were added, in constant memory.
 *
 * Each value selects one of m registers by some bits of its hash. The register keeps the greatest rank, which is the
 * position of the first one bit in the hash's other half. The estimate is that of Ertl, "New cardinality estimation
 * algorithms for HyperLogLog sketches" (arXiv:1702.01284, algorithm 6). It has no bias at small or large counts, unlike
 * the original one, and needs no table of corrections.
 *
 * @module
 */

export interface Sketch {
  /** Adds a value by the two halves of its hash, each of 32 bits. */
  add(high: number, low: number): void;
  /** The estimated count of different values. */
  estimate(): number;
}

/** Bits of a rank's half of the hash. Its rank is from 1 to one more than this. */
const RANK_BITS = 32;

/** The limit of m × 1 / (∑ 2^-rank) × n⁻¹ for many registers, 1 / (2 ln 2). */
const ALPHA = 0.5 / Math.LN2;

/** @param precision The number of registers is 2 to this power, from 4 to 18. */
export function createSketch(precision: number): Sketch {
  const registers = new Uint8Array(2 ** precision);
  return {
    add(high, low) {
      const index = high >>> (32 - precision);
      const rank = Math.clz32(low) + 1;
      if (registers[index]! < rank) registers[index] = rank; // index < 2 ** precision
    },
    estimate() {
      const count = registers.length;
      const counts = new Array<number>(RANK_BITS + 2).fill(0);
      for (const rank of registers) counts[rank]!++; // rank <= RANK_BITS + 1
      let sum = count * tau(1 - counts[RANK_BITS + 1]! / count);
      for (let rank = RANK_BITS; rank > 0; rank--) sum = (sum + counts[rank]!) / 2;
      sum += count * sigma(counts[0]! / count);
      return ALPHA * count * count / sum;
    },
  };
}

/** The standard error of an estimate, as a share of the count: √(3 ln 2 − 1) / √m. */
export function standardErrorOf(precision: number): number {
  return Math.sqrt((3 * Math.LN2 - 1) / 2 ** precision);
}

/** The share of empty registers, corrected for small counts. `share` is from 0 to 1; at 1 the count is 0. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [sum, power, factor] = [share, share, 1];
  for (let before = -1; sum !== before;) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor *= 2;
  }
  return sum;
}

/** The share of registers that are not full, corrected for large counts. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [sum, root, factor] = [1 - share, share, 1];
  for (let before = -1; sum !== before;) {
    before = sum;
    root = Math.sqrt(root);
    factor /= 2;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}

/**
 * A hash of 64 bits: MurmurHash3 of 32 bits, with two seeds. The seeds are constant, so that the same input gives the same
 * estimate in every run.
 */
export function hashOf(text: string): readonly [high: number, low: number] {
  return [murmur3(text, 0x2f0b4c47), murmur3(text, 0x9747b28c)];
}

/** MurmurHash3_x86_32 (Appleby) of UTF-16: each block is two code units. */
function murmur3(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 2) {
    const second = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
    let block = Math.imul(text.charCodeAt(at) | second << 16, 0xcc9e2d51);
    block = Math.imul(block << 15 | block >>> 17, 0x1b873593);
    hash ^= block;
    hash = Math.imul(hash << 13 | hash >>> 19, 5) + 0xe6546b64 | 0;
  }
  return mix(hash ^ text.length * 2);
}

/** The finalizer of MurmurHash3: every bit of the input changes each bit of the result with a chance of one half. */
export function mix(value: number): number {
  let mixed = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  mixed = Math.imul(mixed ^ mixed >>> 13, 0xc2b2ae35);
  return (mixed ^ mixed >>> 16) >>> 0;
}
