/**
 * Quantiles and means. It imports nothing: it is bundled for every runtime.
 *
 * @module
 */

export type Quartiles = readonly [p25: number, median: number, p75: number];

/** Rounds to four significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The value below which a share of the values lies, interpolated between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return low + (high - low) * (place - Math.floor(place));
}

export function quartiles(values: readonly number[]): Quartiles {
  return [rounded(quantile(values, 0.25)), rounded(quantile(values, 0.5)), rounded(quantile(values, 0.75))];
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
