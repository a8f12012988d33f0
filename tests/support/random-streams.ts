/**
 * A generator of random valid DEFLATE streams.
 *
 * @module
 */

import {
  type CodeLengths,
  type DeflateWriter,
  deflateWriter,
  DISTANCE_BASES,
  DISTANCE_EXTRA_BITS,
  LENGTH_BASES,
  LENGTH_EXTRA_BITS,
  lengthForEach,
  PRECODE_ORDER,
} from "./bit-writer.ts";
import { type RandomNumbers, randomNumbers } from "./random.ts";
import { copied, ONLY_END, range } from "./deflate-streams.ts";

/** A complete code for the symbols given, of at most `maxBits`; a single symbol gets one bit. */
function randomCode(symbols: readonly number[], maxBits: number, random: RandomNumbers): CodeLengths {
  const leaves = [0];
  // Splitting the newest leaf repeatedly makes long codewords. Splitting random leaves makes codewords of similar lengths.
  const skew = random(100);
  while (leaves.length < symbols.length) {
    const preferred = random(100) < skew ? leaves.length - 1 : random(leaves.length);
    const leaf = leaves[preferred]! < maxBits ? preferred : leaves.findIndex((bits) => bits < maxBits);
    const bits = leaves[leaf]! + 1; // a leaf can be split, because symbols are fewer than 2 ** maxBits
    leaves[leaf] = bits;
    leaves.push(bits);
  }
  return Object.fromEntries(symbols.map((symbol, index) => [symbol, Math.max(leaves[index]!, 1)]));
}

/** `count` different integers from `from` to `to`, in random order. */
function sample(from: number, to: number, count: number, random: RandomNumbers): number[] {
  const pool = range(from, to);
  for (let index = 0; index < Math.min(count, pool.length); index++) {
    const other = index + random(pool.length - index);
    [pool[index], pool[other]] = [pool[other]!, pool[index]!]; // both are indices of the pool
  }
  return pool.slice(0, count);
}

function shuffled(items: readonly number[], random: RandomNumbers): number[] {
  return sample(0, items.length - 1, items.length, random).map((index) => items[index]!);
}

function writeRandomSymbols(
  writer: DeflateWriter,
  litlen: CodeLengths,
  distance: CodeLengths,
  output: number[],
  random: RandomNumbers,
): void {
  const litlenSymbols = Object.keys(litlen).map(Number).filter((symbol) => symbol !== 256 && symbol < 286);
  const distanceSymbols = Object.keys(distance).map(Number).filter((symbol) => symbol < 30);
  if (litlenSymbols.length === 0) return;
  for (let left = random(120); left > 0; left--) {
    const symbol = litlenSymbols[random(litlenSymbols.length)]!;
    if (symbol < 256) {
      writer.litlen(symbol);
      output.push(symbol);
      continue;
    }
    const reachable = distanceSymbols.filter((candidate) => DISTANCE_BASES[candidate]! <= output.length);
    if (reachable.length === 0) continue;
    const far = reachable[random(reachable.length)]!;
    const lengthExtra = random(2 ** LENGTH_EXTRA_BITS[symbol - 257]!);
    const distanceExtra = random(
      Math.min(2 ** DISTANCE_EXTRA_BITS[far]!, output.length - DISTANCE_BASES[far]! + 1),
    );
    writer.litlen(symbol).bits(lengthExtra, LENGTH_EXTRA_BITS[symbol - 257]!);
    writer.distance(far).bits(distanceExtra, DISTANCE_EXTRA_BITS[far]!);
    copied(output, LENGTH_BASES[symbol - 257]! + lengthExtra, DISTANCE_BASES[far]! + distanceExtra);
  }
}

function writeRandomDynamicBlock(
  writer: DeflateWriter,
  place: "last" | "more",
  output: number[],
  random: RandomNumbers,
): void {
  const literals = sample(0, 255, random(random(2) === 0 ? 8 : 257), random);
  const lengths = sample(257, 285, random(30), random);
  const litlen = randomCode(shuffled([256, ...literals, ...lengths], random), 15, random);
  const distance = randomCode(sample(0, 29, random(31), random), 15, random);
  const repeats = random(2) === 0;
  const highestLitlen = Math.max(...Object.keys(litlen).map(Number));
  const highestDistance = Math.max(0, ...Object.keys(distance).map(Number));
  const precode = random(2) === 0 ? undefined : randomCode(shuffled(range(0, 18), random), 7, random);
  writer.dynamic(place, {
    litlen,
    distance,
    litlenCount: highestLitlen + 1 + random(286 - highestLitlen),
    distanceCount: highestDistance + 1 + random(30 - highestDistance),
    repeats,
    ...(precode === undefined ? {} : { precode }),
    ...(random(2) === 0 ? {} : { precodeCount: PRECODE_ORDER.length }),
  });
  writeRandomSymbols(writer, litlen, distance, output, random);
  writer.end();
}

/** A valid stream of 1 to 4 random blocks, not written by a compressor, and its decompressed bytes. */
export function randomStream(seed: number): { data: Uint8Array; output: Uint8Array } {
  const random = randomNumbers(seed);
  const writer = deflateWriter();
  const output: number[] = [];
  for (let left = random(4); left >= 0; left--) {
    const place = left === 0 ? "last" : "more";
    const type = random(6);
    if (type === 0) {
      const data = Array.from({ length: random(50) }, () => random(256));
      writer.stored(place, data);
      output.push(...data);
    } else if (type === 1) {
      writer.fixed(place);
      writeRandomSymbols(writer, lengthForEach(0, 285, 8), lengthForEach(0, 29, 5), output, random);
      writer.end();
    } else {
      writeRandomDynamicBlock(writer, place, output, random);
    }
  }
  return { data: writer.finish(random(2) === 0 ? 0 : 1), output: Uint8Array.from(output) };
}

/**
 * Writes empty blocks of 0 to 7 bits more than whole bytes, so that the next block begins at that bit of a byte.
 *
 * An empty fixed block has 10 bits; an empty dynamic one, with the precode 18 0, 0 10, 1 11, has 92, or with the
 * precode 0 0, 18 10, 1 11 it has 93.
 */
export function writeOffset(writer: DeflateWriter, bits: number): DeflateWriter {
  const start = writer.bitLength();
  if (bits % 2 === 1) writer.dynamic("more", { litlen: ONLY_END, precode: { 0: 1, 18: 2, 1: 2 } }).end();
  while ((writer.bitLength() - start) % 8 !== bits) writer.fixed("more").end();
  return writer;
}
