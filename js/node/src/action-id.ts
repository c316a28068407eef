/** The same id for every delivery of one action. */
import { sha256Hex } from "./digest/hmac.js";
import { scrub } from "./text/normalise.js";

/** 32 hexadecimal digits of what the output was named by, the action, and the client's id for it. */
export function actionId(identity: string, name: string, given: string): string {
  return sha256Hex(scrub(`${identity} ${name} ${given}`)).slice(0, 32);
}
