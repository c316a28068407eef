/** What the runtime offers: Node's own modules are there in Node, and missing on the edge. */

type Builtins = {
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:async_hooks": typeof import("node:async_hooks");
  "node:module": typeof import("node:module");
  "node:zlib": typeof import("node:zlib");
};

const found = new Map<string, unknown>();

/** A module of Node's, or undefined. No import, as bundlers for the edge refuse to see one. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  if (!found.has(name)) found.set(name, load(name));
  return found.get(name) as Builtins[Name] | undefined;
}

function load(name: string): unknown {
  try {
    // Not by its name, as Next.js warns of any module for the edge that has it.
    const runtime = (globalThis as Record<string, unknown>)["process"] as
      | { getBuiltinModule?: (name: string) => unknown }
      | undefined;
    return runtime?.getBuiltinModule?.(name);
  } catch {
    return undefined;
  }
}

/** The variables of the environment. */
export function environment(): Record<string, string | undefined> {
  return typeof process === "undefined" ? {} : (process.env ?? {});
}

export interface Local<T> {
  getStore(): T | undefined;
  run<R>(store: T, callback: () => R): R;
}

/** What is current in an asynchronous call: Node has it as a module, the edge as a global. */
export function asyncLocal<T>(): Local<T> {
  const kind =
    builtin("node:async_hooks")?.AsyncLocalStorage ??
    (globalThis as { AsyncLocalStorage?: new () => Local<T> }).AsyncLocalStorage;
  return kind ? (new kind() as Local<T>) : { getStore: () => undefined, run: (_, call) => call() };
}

export function randomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}
