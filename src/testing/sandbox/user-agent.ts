/**
 * Reads the browser and the operating system from a `User-Agent`, roughly.
 *
 * @module
 */

interface Product {
  readonly name: string;
  readonly version: string;
}

const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Edge", /\bEdg\/([\d.]+)/],
  ["Firefox", /\bFirefox\/([\d.]+)/],
  ["Chrome", /\b(?:Headless)?Chrome\/([\d.]+)/],
  ["Safari", /\bVersion\/([\d.]+).*Safari/],
];

const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Android", /\bAndroid ([\d.]+)/],
  ["iOS", /\bOS ([\d_]+) like Mac OS X/],
  ["Windows", /\bWindows NT ([\d.]+)/],
  ["Mac OS X", /\bMac OS X ([\d_.]+)/],
  ["Linux", /\bLinux\b/],
];

export function parseUserAgent(
  userAgent: string,
): { readonly browser: Product & { readonly major: string }; readonly os: Product } {
  const browser = firstMatch(BROWSERS, userAgent);
  return { browser: { ...browser, major: browser.version.split(".")[0] ?? "" }, os: firstMatch(SYSTEMS, userAgent) };
}

function firstMatch(patterns: typeof BROWSERS, userAgent: string): Product {
  for (const [name, pattern] of patterns) {
    const found = pattern.exec(userAgent);
    if (found !== null) return { name, version: (found[1] ?? "").replaceAll("_", ".") };
  }
  return { name: "Other", version: "" };
}
