import { CacheLocation, FpjsProvider, useVisitorData } from "@fingerprintjs/fingerprintjs-pro-react";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { fail, login, settings } from "./page.ts";

const { apiKey, endpoint, scriptUrlPattern } = settings;

function Login() {
  const { data, error } = useVisitorData({ ...settings.get }, { immediate: true });
  useEffect(() => {
    if (error !== undefined) fail(error);
    if (data === undefined) return;
    const { requestId, sealedResult, visitorId } = data;
    void login({ eventId: requestId, sealedResult }, { visitorId });
  }, [data, error]);
  return <p>Logging in</p>;
}

const root = document.body.appendChild(document.createElement("main"));
createRoot(root).render(
  // By default the package keeps a result for an hour, and a verifier refuses it the second time.
  <FpjsProvider
    cacheLocation={CacheLocation.NoCache}
    loadOptions={{ apiKey, endpoint, scriptUrlPattern, ...settings.start }}
  >
    <Login />
  </FpjsProvider>,
);
