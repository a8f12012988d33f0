import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { agentScripts } from "../../scripts/sandbox-agents.ts";
import { ROOT } from "../runtimes/project.ts";

test("src/testing/sandbox/agent-scripts.ts is what npm run agents writes", async () => {
  const file = join(ROOT, "src/testing/sandbox/agent-scripts.ts");
  assert.equal(readFileSync(file, "utf8"), await agentScripts());
});
