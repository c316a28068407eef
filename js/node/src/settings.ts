/** Settings, from `OTEL_AI_FEEDBACK_*` or as options, and every mistake in them at once. */
import type { Channel } from "./names.js";
import { CHANNELS } from "./names.js";
import { builtin, environment } from "./runtime.js";

export const MIN_KEY_LENGTH = 16;
const PLAIN_HASH_MIN_LENGTH = 64;
const OPT_OUT_HEADERS: readonly string[] = ["sec-gpc", "dnt"];
const REASON = /^[a-z][a-z0-9_]{0,31}$/;
const MOST_REASONS = 30;
const EXCLUDED = /^(?:service|environment|feature|subject|user_agent)=.+$/;
const REVIEW_TEXT: readonly string[] = ["as-is", "sample", "off"];

export interface Settings {
  /** Secret that keys hashes and signs handles; set the same on all hosts of a service. */
  key?: string;
  /** Directory of the key file that all processes of a host share, where there is no key. */
  stateDir?: string;
  /** `plain` makes unkeyed hashes, which other languages can compute too. */
  hash?: "keyed" | "plain";
  /** Texts with fewer characters get no hash: 0, with `plain` 64. */
  hashMinLength?: number;
  /** Name of the LLM feature, when the whole process serves one. */
  feature?: string;
  /** `voice` where users speak and are spoken to. */
  channel?: Channel;
  /** Which text may leave for reviewers: what is recorded (`as-is`), that of a random `sample` of
   * the answers, or none (`off`). */
  reviewText?: "as-is" | "sample" | "off";
  /** With `sample`, the share of the answers that keep their text. */
  reviewTextRate?: number;
  /** Request headers by which a browser opts out when their value is 1: `sec-gpc`, `dnt`. */
  optOutHeaders?: readonly string[];
  /** Codes that pages may give as a reason, beside those of the list. */
  reasons?: readonly string[];
  /** What is left out of all rates beside known bots and tests, as `user_agent=AcmeMonitor`. */
  exclude?: readonly string[];
}

/** All settings, validated, or what is wrong with them. */
export function settingsOf(given: Settings): Required<Omit<Settings, "key">> & { key?: string } {
  const env = environment();
  const read = (name: string): string | undefined => env[`OTEL_AI_FEEDBACK_${name}`] || undefined;
  const number = (value: string | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  const headers = read("OPT_OUT_HEADERS")?.split(",").map((name) => name.trim().toLowerCase());
  const reasons = read("REASONS")?.split(",").map((code) => code.trim());
  const exclude = read("EXCLUDE")?.split(",").map((entry) => entry.trim());
  const hash = given.hash ?? (read("HASH") as "keyed" | "plain" | undefined) ?? "keyed";
  const found = {
    key: given.key ?? read("KEY"),
    stateDir: given.stateDir ?? read("STATE_DIR") ?? defaultStateDir(env),
    hash,
    hashMinLength:
      given.hashMinLength ?? number(read("HASH_MIN_LENGTH")) ??
      (hash === "plain" ? PLAIN_HASH_MIN_LENGTH : 0),
    feature: given.feature ?? read("FEATURE") ?? "",
    channel: given.channel ?? (read("CHANNEL") as Channel | undefined) ?? "text",
    reviewText:
      given.reviewText ?? (read("REVIEW_TEXT") as "as-is" | "sample" | "off" | undefined) ?? "as-is",
    reviewTextRate: given.reviewTextRate ?? number(read("REVIEW_TEXT_RATE")) ?? 0.05,
    optOutHeaders: given.optOutHeaders ?? headers?.filter(Boolean) ?? [],
    reasons: given.reasons ?? reasons?.filter(Boolean) ?? [],
    exclude: given.exclude ?? exclude?.filter(Boolean) ?? [],
  };
  const wrong = mistakes(found);
  if (wrong.length) throw new SettingsError(wrong.join("; "));
  return found;
}

export class SettingsError extends Error {}

function mistakes(found: ReturnType<typeof settingsOf>): string[] {
  const wrong: string[] = [];
  const check = (right: boolean, name: string, remedy: string): void => {
    if (!right) wrong.push(`OTEL_AI_FEEDBACK_${name} ${remedy}`);
  };
  const { key } = found;
  check(
    key === undefined || key.length >= MIN_KEY_LENGTH, "KEY",
    `has ${key?.length} characters; give at least ${MIN_KEY_LENGTH}, for example the output of ` +
      "`openssl rand -hex 32`",
  );
  check(found.hash === "keyed" || found.hash === "plain", "HASH", "must be 'keyed' or 'plain'");
  check(
    Number.isInteger(found.hashMinLength) && found.hashMinLength >= 0, "HASH_MIN_LENGTH",
    "must be a whole number of characters, 0 or more",
  );
  check(CHANNELS.includes(found.channel), "CHANNEL", "must be 'text' or 'voice'");
  check(REVIEW_TEXT.includes(found.reviewText), "REVIEW_TEXT", "must be 'as-is', 'sample' or 'off'");
  check(
    found.reviewTextRate > 0 && found.reviewTextRate <= 1, "REVIEW_TEXT_RATE",
    "must be a number above 0 and up to 1, as in '0.05'",
  );
  check(
    found.optOutHeaders.every((name) => OPT_OUT_HEADERS.includes(name)), "OPT_OUT_HEADERS",
    "must be 'sec-gpc', 'dnt', both with a comma between, or empty",
  );
  check(
    found.reasons.length <= MOST_REASONS && found.reasons.every((code) => REASON.test(code)), "REASONS",
    `must be up to ${MOST_REASONS} codes of lower-case letters, digits and _, at most 32 characters each`,
  );
  check(
    found.exclude.every((entry) => EXCLUDED.test(entry)), "EXCLUDE",
    "must be entries FIELD=PATTERN with one of service, environment, feature, subject, user_agent, as in " +
      "'environment=loadtest,feature=eval-*'",
  );
  return wrong;
}

function defaultStateDir(env: Record<string, string | undefined>): string {
  const path = builtin("node:path");
  const os = builtin("node:os");
  if (!path || !os) return "";
  const base = env.XDG_STATE_HOME || path.join(os.homedir(), ".local/state");
  return path.join(base, "otel-ai-feedback");
}
