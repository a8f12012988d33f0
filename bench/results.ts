/**
 * What a run of the benchmark writes: one document per runtime, and one of sizes.
 *
 * Times are microseconds per operation. A ratio is a contestant's time divided by ours in the same round: above 1 we win.
 *
 * @module
 */

/** A distribution, by its quartiles. */
export interface Quartiles {
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
}

/** What one contestant did in one case. */
export interface Timing extends Quartiles {
  readonly min: number;
  /** Same-round ratios to each of our own contestants, by its name. */
  readonly against: Readonly<Record<string, Quartiles>>;
}

/** One case, measured. */
export interface CaseResult {
  readonly subject: string;
  readonly variant: string;
  /** Bytes of JSON, or of the stream where there is no JSON. */
  readonly bytes: number;
  readonly rounds: number;
  readonly timings: Readonly<Record<string, Timing>>;
  /** Contestants that were not timed, and why. */
  readonly refused: Readonly<Record<string, string>>;
}

/** Serial latency of single operations on a host in a given state. */
export interface LatencyResult {
  readonly host: "idle" | "busy";
  readonly bytes: number;
  readonly operations: number;
  readonly timings: Readonly<
    Record<string, Quartiles & { readonly p95: number }>
  >;
}

/** Bytes allocated per operation. */
export interface MemoryResult {
  readonly subject: string;
  readonly bytes: number;
  /** By contestant; `null` where the runtime's counters gave no usable figure. */
  readonly bytesPerOperation: Readonly<
    Record<string, { readonly heap: number; readonly buffers: number } | null>
  >;
}

/** Milliseconds from nothing to the first event. */
export interface ColdStartResult {
  readonly launches: number;
  /** Import plus first unseal, by the clock of the process itself. */
  readonly inProcess: Readonly<Record<string, Quartiles>>;
  /** The whole process, seen from outside; `empty` is a script that does nothing. */
  readonly wholeProcess: Readonly<Record<string, Quartiles>>;
}

/** The machine a document was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
}

/** Everything measured on one runtime. */
export interface RuntimeDocument {
  readonly runtime: string;
  readonly version: string;
  readonly mode: "full" | "quick";
  readonly date: string;
  readonly seed: number;
  readonly machine: Machine;
  readonly contestants: Readonly<Record<string, string>>;
  readonly cases: readonly CaseResult[];
  readonly latency: readonly LatencyResult[];
  readonly memory: readonly MemoryResult[];
  readonly coldStart: ColdStartResult | null;
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Sizes of one bundle, in bytes. */
export interface BundleSize {
  readonly name: string;
  readonly consumer: string;
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** What a consumer pays in bytes; the same on every runtime. */
export interface SizesDocument {
  readonly date: string;
  readonly esbuild: string;
  readonly contestants: Readonly<Record<string, string>>;
  readonly sizes: readonly BundleSize[];
}

/** Rounds to four significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The value below which a share of the values lies; of two neighbours it takes what lies between. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The quartiles of some values, rounded. */
export function quartiles(values: readonly number[]): Quartiles {
  return {
    p25: rounded(quantile(values, 0.25)),
    median: rounded(quantile(values, 0.5)),
    p75: rounded(quantile(values, 0.75)),
  };
}
