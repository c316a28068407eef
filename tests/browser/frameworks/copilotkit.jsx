/** CopilotKit's chat, talking to an agent by AG-UI, as its documentation has it. */
import { HttpAgent } from "@ag-ui/client";
import { CopilotChat, CopilotKitProvider } from "@copilotkit/react-core/v2";
import { createRoot } from "react-dom/client";

const agents = { default: new HttpAgent({ url: "/stream?as=agui" }) };

createRoot(document.body.appendChild(document.createElement("main"))).render(
  <CopilotKitProvider selfManagedAgents={agents}>
    <CopilotChat />
  </CopilotKitProvider>,
);
