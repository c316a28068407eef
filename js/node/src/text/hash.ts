/** Hashes of texts and users: keyed by default, plain when other languages must match. */
import { hex } from "../digest/encoding.js";
import { hmac, sha256Hex } from "../digest/hmac.js";
import { normalise, scrub } from "./normalise.js";

export const DIGITS = 32;

/** Hash of a text in normal form, as `ai_feedback.output.hash` carries it. */
export function hashNormalised(normalised: string, key: Uint8Array | null): string {
  return key
    ? `hmac-sha256:${hex(hmac(key, normalised)).slice(0, DIGITS)}`
    : `sha256:${sha256Hex(normalised).slice(0, DIGITS)}`;
}

export function hashText(text: string, key: Uint8Array | null): string {
  return hashNormalised(normalise(text), key);
}

const subjectKeys = new WeakMap<Uint8Array, Uint8Array>();

/** Hash of a user, always keyed, so that a user named like an answer does not get its hash. */
export function hashSubject(subject: string, key: Uint8Array): string {
  let derived = subjectKeys.get(key);
  if (!derived) subjectKeys.set(key, (derived = deriveKey(key, "subject")));
  return `hmac-sha256:${hex(hmac(derived, scrub(subject))).slice(0, DIGITS)}`;
}

/** A key for one purpose, from which neither the secret nor others follow. */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  return hmac(key, `otel-ai-feedback ${purpose}`);
}
