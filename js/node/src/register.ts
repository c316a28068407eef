/** `node --import @otel-ai-feedback/node/register app.mjs`: capture is on before the application. */
import { instrument } from "./index.js";

instrument();
