/**
 * The targets that were set before anything was measured, and what was measured.
 *
 * @module
 */

import type { RuntimeDocument } from "../results.ts";
import {
  fastestOf,
  findCase,
  geometricMean,
  KIB,
  PURE_INFLATERS,
  ratioOf,
  type Results,
  STREAMS,
  titleOf,
} from "./documents.ts";
import { bytes as bytesText, ratio as ratioText, size, table } from "./format.ts";

/** A target for runtimes: a ratio that is to be reached on each of those named. */
interface Target {
  readonly title: string;
  readonly wanted: number;
  /** Where something else was wanted, by the name of the runtime. */
  readonly elsewhere?: Readonly<Record<string, number>>;
  /** Which way is better. */
  readonly sense: "at least" | "at most";
  /** The runtimes it was set for; on the others it is measured all the same. */
  readonly runtimes: RegExp;
  measured(document: RuntimeDocument): number | undefined;
}

const EVERYWHERE = /./;
/** Issue 4 names Node 20, 24 and 26, Deno, Bun and workerd. */
const NAMED_FOR_INFLATE = /^(?!node22$)/;
const NODE_AND_BUN = /^(node|bun)/;

const inflateTargets: readonly Target[] = [
  ...([[1, 3], [4, 3], [16, 2.5], [64, 2.3]] as const).map((
    [kib, wanted],
  ): Target => ({
    title: `Inflate ${kib} KB: fastest pure JavaScript (nothing preallocated) ÷ ours`,
    wanted,
    sense: "at least",
    runtimes: NAMED_FOR_INFLATE,
    measured: (document) =>
      fastestOf(
        findCase(document, "inflate", "events", kib * KIB),
        PURE_INFLATERS,
      )?.ratio,
  })),
  ...([[1, 1.3], [4, 1.05], [16, 0.9], [64, 0.8]] as const).map((
    [kib, wanted],
  ): Target => ({
    title: `Inflate ${kib} KB: synchronous \`node:zlib\` ÷ ours`,
    wanted,
    sense: "at least",
    runtimes: NAMED_FOR_INFLATE,
    measured: (document) => ratioOf(findCase(document, "inflate", "events", kib * KIB), "node:zlib"),
  })),
  ...[1, 4, 16].map((kib): Target => ({
    title: `Inflate ${kib} KB: best \`DecompressionStream\` ÷ ours`,
    wanted: 1,
    sense: "at least",
    runtimes: EVERYWHERE,
    measured: (document) =>
      fastestOf(findCase(document, "inflate", "events", kib * KIB), STREAMS)
        ?.ratio,
  })),
  {
    title: "Hostile slow streams, the worst of all: ours ÷ pako",
    wanted: 4,
    sense: "at most",
    runtimes: EVERYWHERE,
    measured(document) {
      const ratios = document.cases.filter(({ subject }) => subject === "hostile")
        .flatMap((result) => ratioOf(result, "pako") ?? []);
      return ratios.length === 0 ? undefined : 1 / Math.min(...ratios);
    },
  },
];

const unsealTargets: readonly Target[] = [
  {
    title: "Unseal 1, 4 and 16 KB, serial and 64 at once, SDK 6 and 7: geometric mean of SDK ÷ ours",
    wanted: 1.5,
    elsewhere: { deno: 1.2 },
    sense: "at least",
    runtimes: EVERYWHERE,
    measured: (document) => geometricMean(unsealCells(document)),
  },
  {
    title: "Unseal 1 KB with `./node-cipher`, serial: SDK ÷ ours, the less of v3 and v4",
    wanted: 3,
    sense: "at least",
    runtimes: NODE_AND_BUN,
    measured: (document) => least(document, ([sdk]) => sdk),
  },
  {
    title: "Unseal 1 KB with `./node-cipher`, serial: ours ÷ hand-written floor, the worse of v3 and v4",
    wanted: 1.15,
    sense: "at most",
    runtimes: NODE_AND_BUN,
    measured(document) {
      const floor = least(document, () => "floor");
      return floor === undefined ? undefined : 1 / floor;
    },
  },
];

const coldStartTarget: Target = {
  title: "Import and first unseal in a fresh process: faster SDK ÷ ours (issue 2)",
  wanted: 1,
  sense: "at least",
  runtimes: /^(node|deno)/,
  measured({ coldStart }) {
    const [ours, sdk6, sdk7] = ["ours", "SDK 6", "SDK 7"].map((name) => coldStart?.inProcess[name]?.median);
    return ours === undefined || sdk6 === undefined || sdk7 === undefined ? undefined : Math.min(sdk6, sdk7) / ours;
  },
};

const TARGETS: readonly Target[] = [
  ...inflateTargets,
  ...unsealTargets,
  coldStartTarget,
];

/** Largest bundles, minified and gzipped: issue 4's, and issue 2's of the core. */
const SIZE_TARGETS = [
  {
    name: "ours: inflateRaw",
    title: "`inflateRaw`, minified and gzipped",
    bytes: 2.3 * KIB,
  },
  {
    name: "ours: createUnsealer",
    title: "`createUnsealer`, minified and gzipped (issue 2)",
    bytes: 5 * KIB,
  },
];

const SDKS = ["SDK 6", "SDK 7"] as const;
const VERSIONS = [3, 4] as const;

/** SDK ÷ ours of each cell that the mean is taken over. */
function unsealCells(document: RuntimeDocument): number[] {
  return [1, 4, 16].flatMap((kib) =>
    ["serial", "64 at once"].flatMap((mode) =>
      VERSIONS.flatMap((version, index) =>
        ratioOf(
          findCase(document, "unseal", `v${version}, ${mode}`, kib * KIB),
          SDKS[index]!,
        ) ?? [] // two of each
      )
    )
  );
}

/** The least ratio to the synchronous cipher at 1 KB, of v3 and v4 events. */
function least(
  document: RuntimeDocument,
  choose: (sdk: readonly [string]) => string,
): number | undefined {
  const ratios = VERSIONS.flatMap((version, index) => {
    const result = findCase(document, "unseal", `v${version}, serial`, KIB);
    return ratioOf(result, choose([SDKS[index]!]), "ours, node-cipher") ?? []; // two of each
  });
  return ratios.length === 0 ? undefined : Math.min(...ratios);
}

function isMet({ wanted, elsewhere, sense }: Target, { runtime }: RuntimeDocument, measured: number): boolean {
  const here = elsewhere?.[runtime] ?? wanted;
  return sense === "at least" ? measured >= here : measured <= here;
}

function wantedText({ wanted, elsewhere = {}, sense }: Target): string {
  const exceptions = Object.entries(elsewhere).map(([runtime, other]) => `, ${titleOf({ runtime })} ${other}`);
  return `${sense === "at least" ? "≥" : "≤"} ${wanted}${exceptions.join("")}`;
}

/** Every target with the measured ratio beside it. */
export function targetsTable({ runtimes, sizes }: Results): string {
  const rows = TARGETS.map((target) => {
    const cells = runtimes.map((document) => {
      const measured = target.measured(document);
      if (measured === undefined) return "–";
      if (!target.runtimes.test(document.runtime)) return ratioText(measured);
      return `${isMet(target, document, measured) ? "✓" : "✗"} ${ratioText(measured)}`;
    });
    return [
      target.title,
      wantedText(target),
      ...cells,
    ];
  });
  const sizeRows = SIZE_TARGETS.flatMap(({ name, title, bytes }) => {
    const measured = sizes?.sizes.find((each) => each.name === name)?.gzip;
    if (measured === undefined) return [];
    const verdict = measured <= bytes ? "✓" : "✗";
    return [
      `* ${verdict} ${title}: ${bytesText(measured)} bytes; wanted at most ${bytesText(Math.floor(bytes))}.`,
    ];
  });
  return [
    table(["target", "wanted", ...runtimes.map(titleOf)], rows),
    "",
    ...sizeRows,
    "* One promise for an `unseal` whose stages are all synchronous: counted by `tests/node/node-cipher.test.ts`.",
    "",
    `${countMet(runtimes)} ✓ met, ✗ not met; a figure without a mark is of a runtime the target does not name.`,
  ].join("\n");
}

/** "52 of 60 cells are met." */
export function countMet(runtimes: readonly RuntimeDocument[]): string {
  const verdicts = TARGETS.flatMap((target) =>
    runtimes.filter(({ runtime }) => target.runtimes.test(runtime)).flatMap(
      (document) => {
        const measured = target.measured(document);
        return measured === undefined ? [] : [isMet(target, document, measured)];
      },
    )
  );
  return `${verdicts.filter((verdict) => verdict).length} of ${verdicts.length} cells are met.`;
}

/** The cells of the whole operation in which an SDK was faster than ours, for the report to name. */
export function lostUnsealCells({ runtimes }: Results): string[] {
  return runtimes.flatMap((document) =>
    document.cases.filter(({ subject }) => subject === "unseal").flatMap((
      result,
    ) =>
      SDKS.flatMap((sdk) => {
        const against = result.timings[sdk]?.against["ours"];
        if (against === undefined || against.median >= 1) return [];
        return [
          `${titleOf(document)}, ${result.variant}, ${size(result.bytes)}: ${sdk} ÷ ours ${ratioText(against.median)}`,
        ];
      })
    )
  );
}
