import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

/** The pages: built once by `npm ci` (and `npm run build`), served by the same process as the API. */
export default defineConfig({
  root: "web",
  publicDir: "public",
  plugins: [react(), compression({ algorithms: ["brotliCompress", "gzip"], threshold: 1024 })],
  build: { outDir: "../dist/web", emptyOutDir: true, target: "es2023", chunkSizeWarningLimit: 600 },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
