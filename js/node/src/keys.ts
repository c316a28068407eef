/** The secret that keys hashes and signs handles, shared by all processes of a host, whatever their
 * language. */
import { hex } from "./digest/encoding.js";
import { builtin, randomBytes } from "./runtime.js";
import { MIN_KEY_LENGTH } from "./settings.js";

export interface Key {
  readonly secret: Uint8Array;
  /** Whether other processes have it too: what is only compared across processes does not leave
   * without. */
  readonly shared: boolean;
  readonly remedy?: string;
}

const encoder = new TextEncoder();

/** The key of this host, or one of this process alone when the file cannot be used. */
export function loadKey(key: string | undefined, stateDir: string): Key {
  if (key !== undefined) return { secret: encoder.encode(key), shared: true };
  const fs = builtin("node:fs");
  const path = builtin("node:path");
  if (!fs || !path) return own("this runtime has no files");
  const file = path.join(stateDir, "key");
  try {
    let secret = read(fs, file);
    if (secret === undefined) {
      create(fs, path, file);
      secret = read(fs, file);
    }
    if (secret === undefined || secret.length < MIN_KEY_LENGTH) {
      return own(`${file} holds less than ${MIN_KEY_LENGTH} characters`);
    }
    const open = process.platform !== "win32" && fs.statSync(file).mode & 0o077;
    const remedy = `${file} can be read by other users of this host; run \`chmod 600 ${file}\``;
    return { secret: encoder.encode(secret), shared: true, ...(open ? { remedy } : {}) };
  } catch (error) {
    return own(`${file} cannot be used (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

function own(problem: string): Key {
  const remedy =
    `${problem}, so this process uses a key of its own: handles from other processes are refused ` +
    "and re-asks cannot be seen. Set OTEL_AI_FEEDBACK_KEY, or point OTEL_AI_FEEDBACK_STATE_DIR to a " +
    "directory that can be written";
  return { secret: encoder.encode(hex(randomBytes(32))), shared: false, remedy };
}

function read(fs: typeof import("node:fs"), file: string): string | undefined {
  try {
    return fs.readFileSync(file, "latin1").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a new key under a name of its own and links it into place: the first writer wins, and no
 * reader sees an empty file. */
function create(fs: typeof import("node:fs"), path: typeof import("node:path"), file: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${hex(randomBytes(8))}`;
  fs.writeFileSync(draft, `${hex(randomBytes(32))}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    fs.unlinkSync(draft);
  }
}
