/**
 * Finds out why a sealed result cannot be opened, for tests, logs and support.
 *
 * The errors of the core say which check failed. This module searches the value that was refused for a sealed result,
 * undoes the known encodings one after another, and says what it undid. With keys, it also opens what it found. If
 * there is no sealed result, it says what was passed in its place.
 *
 * @module
 */

export { CAUSES, type Diagnosis, type DiagnosisCode } from "./causes.ts";
export { diagnose } from "./diagnose.ts";
export { findSealed, type FoundSealed } from "./search.ts";
export { diagnoseWebhook, WEBHOOK_CAUSES, type WebhookDiagnosis, type WebhookDiagnosisCode } from "./webhook.ts";
