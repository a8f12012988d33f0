/**
 * Scenarios at random, the same ones for the same seed.
 *
 * @module
 */

import type { Scenario } from "../scenario.ts";

const COUNTRIES = ["DE", "US", "FR", "GB", "IN", "BR", "JP", "PL", "NG", "NL"] as const;

/** Returns a function that draws the next scenario. The shares are rough guesses, and not those of any site. */
export function randomScenarios(seed: number): () => Scenario {
  const random = mulberry32(seed);
  const chance = (share: number): boolean => random() < share;
  return () => {
    const bot = random();
    return {
      bot: bot < 0.1 ? "bad" : bot < 0.13 ? "good" : "not_detected",
      vpn: chance(0.15),
      proxy: chance(0.08),
      tor: chance(0.02),
      tampering: chance(0.04),
      incognito: chance(0.15),
      virtualMachine: chance(0.04),
      developerTools: chance(0.05),
      country: COUNTRIES[Math.floor(random() * COUNTRIES.length)],
      confidence: Math.round((0.7 + 0.3 * random()) * 100) / 100,
    };
  };
}

/** A small generator of numbers from 0 to 1: Tommy Ettinger's Mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
