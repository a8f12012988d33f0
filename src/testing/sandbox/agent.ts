/**
 * Serves the agents' scripts.
 *
 * | path | form | for |
 * | --- | --- | --- |
 * | `/web/v4/KEY`, `/v4/KEY` | a module that exports `start` | `@fingerprint/agent`, `import()` |
 * | `/web/v3/KEY/loader_v….js`, `/v3/KEY/loader_v….js` | a script that sets `__fpjs_p_l_b` | `@fingerprintjs/fingerprintjs-pro` |
 * | `/web/v3/KEY`, `/v3/KEY` | a module that exports `load` | `import()` |
 * | any of them with `/iife.min.js` | a script that sets `Fingerprint` or `FingerprintJS` | `<script>` |
 *
 * @module
 */

import { attempt } from "../../thrown.ts";
import { AGENT_V3, AGENT_V4 } from "./agent-scripts.ts";

/** The script at a path; `undefined` when the path is not an agent's. */
export function agentScript(path: string): Response | undefined {
  const [, version, key = "", file] = /^\/(?:web\/)?v([34])\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const apiKey = attempt(() => decodeURIComponent(key));
  if (version === undefined || apiKey === undefined || key === "events" || key === "visitors") return undefined;
  const [agent, name, global] = version === "3"
    ? [AGENT_V3, "load", "FingerprintJS"]
    : [AGENT_V4, "start", "Fingerprint"];
  const url = file === undefined ? "import.meta.url" : "document.currentScript.src";
  const body = `const API_KEY = ${JSON.stringify(apiKey)};\nconst SCRIPT_URL = ${url}.split("?")[0];\n${agent}`;
  const headers = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=3600, s-maxage=3600",
    // A page on another origin imports it.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
  };
  if (file === undefined) {
    return new Response(`${body}\nexport { ${name} };\nexport default { ${name} };\n`, { headers });
  }
  const isLoader = version === "3" && /^loader_v[\w.-]+\.js$/.test(file);
  if (!isLoader && file !== "iife.min.js") return undefined;
  return new Response(`(() => {\n${body}\nwindow.${isLoader ? "__fpjs_p_l_b" : global} = { ${name} };\n})();\n`, {
    headers,
  });
}
