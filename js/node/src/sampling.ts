/** With which probability a span that we see was sampled, as far as its sampler says it. */
import type { SpanContext } from "@opentelemetry/api";

/** Reads it from the sampler's own description, which the specification lays down. */
export class Sampling {
  readonly #root?: number;
  readonly #remote?: number;

  constructor(sampler: unknown) {
    const described = describe(sampler);
    const parentBased = /^ParentBased\{root=(.*?), remoteParentSampled=/.exec(described);
    const own = ratioOf(parentBased ? parentBased[1] : described);
    this.#root = own;
    // What a remote parent decided on is not known here.
    this.#remote = parentBased ? undefined : own;
  }

  /** Probability for the first span of a request, by its parent. */
  ratio(parent: SpanContext | undefined): number | undefined {
    if (!parent) return this.#root;
    return parent.isRemote ? this.#remote : undefined;
  }
}

function describe(sampler: unknown): string {
  const named = sampler as { toString?: () => string } | undefined;
  return typeof named?.toString === "function" ? named.toString() : "";
}

function ratioOf(described: string): number | undefined {
  if (described === "AlwaysOnSampler") return 1;
  const found = /^TraceIdRatioBased\{([\d.e-]+)\}$/.exec(described);
  return found && Number(found[1]) > 0 ? Number(found[1]) : undefined;
}
