/**
 * The normal form and hash of an output, as `ai_feedback.output.hash` carries it.
 *
 * The twin of the Python package's `normalise` and `hash_text`; both are checked by the same
 * vectors. For back ends in JavaScript: it needs WebCrypto only.
 */
import { normalise } from "./normalise.js";

export { normalise };

const DIGITS = 32;

/**
 * Hash of a text.
 *
 * @param {string} text any text; it is normalised first, and lone surrogates read as U+FFFD
 * @param {Uint8Array | string} [key] secret for HMAC-SHA256; without one it is plain SHA-256
 * @returns {Promise<string>} `hmac-sha256:` or `sha256:` and 32 hexadecimal digits
 */
export const hash = async (text, key) => {
  const encoder = new TextEncoder();
  const bytes = encoder.encode(normalise(text));
  const { subtle } = globalThis.crypto;
  if (key === undefined) {
    return "sha256:" + hexadecimal(await subtle.digest("SHA-256", bytes));
  }
  const secret = typeof key === "string" ? encoder.encode(key) : key;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return "hmac-sha256:" + hexadecimal(await subtle.sign("HMAC", imported, bytes));
};

const hexadecimal = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, DIGITS);
