import { scriptProps } from "@otel-ai-feedback/node/next";
import type { ReactNode } from "react";

export const metadata = { title: "Chat" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <script {...scriptProps()} />
      </head>
      <body>{children}</body>
    </html>
  );
}
