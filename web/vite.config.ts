import { defineConfig } from "vite";

// The page is served under any prefix and from plain file servers, so every URL in it is relative.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../pixel_llm/viewer/page",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    sourcemap: false,
    license: { fileName: "LICENSES.md" },
  },
});
