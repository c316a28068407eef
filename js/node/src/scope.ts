/** The conversation in which model calls happen. Not baggage: nothing leaves on outgoing requests. */
import { type Context, createContextKey } from "@opentelemetry/api";

import { type Channel, CHANNELS } from "./names.js";
import type { Output } from "./output.js";
import { scrub } from "./text/normalise.js";

// Longer ones are cut: an id of a megabyte on every span would be the application's undoing.
const MAX_LENGTH = 512;
export const SCOPE_KEY = createContextKey("otel-ai-feedback scope");

/** What `conversation()` says about the calls beneath it. */
export interface Scope {
  readonly conversationId?: string;
  readonly subject?: string;
  readonly feature?: string;
  readonly channel?: Channel;
  readonly promptVersion?: string;
  readonly question?: string;
  /** Whether anything beneath it may be recorded. */
  readonly observed: boolean;
  /** Whether the outputs beneath it are what the user is answered. */
  readonly answers: boolean;
  /** The last output made beneath it that may have been the user's answer. */
  newest?: Output;
}

export interface ConversationOptions {
  /** The user, by any stable name or id; only a keyed hash of it leaves. */
  subject?: string | number;
  /** Which LLM feature of the service this is. */
  feature?: string;
  /** `voice` where the user speaks and is spoken to. */
  channel?: Channel;
  /** Version of the prompt that is in use. */
  promptVersion?: string | number;
  /** What the user asked, where the model gets it inside something longer. */
  question?: string;
  /** `false` when the user does not want to be observed. */
  observe?: boolean;
}

/** A scope beneath another, which inherits what is not named. */
export function scopeWithin(
  outer: Scope | undefined, id: unknown, options: ConversationOptions, answers = false,
): Scope {
  const channel = options.channel;
  return {
    conversationId: named(id) ?? outer?.conversationId,
    subject: named(options.subject) ?? outer?.subject,
    feature: named(options.feature) ?? outer?.feature,
    channel: channel && CHANNELS.includes(channel) ? channel : outer?.channel,
    promptVersion: named(options.promptVersion) ?? outer?.promptVersion,
    question:
      typeof options.question === "string" && options.question ? options.question : outer?.question,
    observed: options.observe !== false && outer?.observed !== false,
    answers: answers || outer?.answers === true,
  };
}

export const scopeIn = (context: Context): Scope | undefined =>
  context.getValue(SCOPE_KEY) as Scope | undefined;

const named = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : scrub(String(value)).slice(0, MAX_LENGTH) || undefined;
