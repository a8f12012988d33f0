import { Fingerprint, FingerprintProvider, useVisitorData } from "@fingerprint/react";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { fail, login, settings } from "./page.ts";

function Login() {
  const { data, error } = useVisitorData({ immediate: true, ...settings.get });
  useEffect(() => {
    if (error !== undefined) fail(error);
    if (data === undefined) return;
    const { event_id, sealed_result, visitor_id } = data;
    void login({ eventId: event_id, sealedResult: sealed_result?.base64() }, { visitorId: visitor_id });
  }, [data, error]);
  return <p>Logging in</p>;
}

const root = document.body.appendChild(document.createElement("main"));
createRoot(root).render(
  <FingerprintProvider
    apiKey={settings.apiKey}
    endpoints={Fingerprint.withoutDefault(settings.endpoint)}
    {...settings.start}
  >
    <Login />
  </FingerprintProvider>,
);
