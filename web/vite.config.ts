import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the pages from here, with the API of an `argosy serve` at ARGOSY_URL.
const api = process.env.ARGOSY_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env.ARGOSY_WEB_OUT ?? "../build/web",
    emptyOutDir: true,
    target: "es2022",
    // A policy of the server forbids what stands in the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Charts are large; each is loaded by itself when a page first shows one.
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: api, ws: true } } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
