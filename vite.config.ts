import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

/** The pages: built once by `npm ci` (and `npm run build`), served by the same process as the API. */
export default defineConfig({
  root: "web",
  publicDir: "public",
  plugins: [react(), compression({ algorithms: ["brotliCompress", "gzip"], threshold: 1024 })],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // What every page stands on comes in one file, not in fifty of a kilobyte; charts stay with the pages that draw.
        codeSplitting: {
          groups: [
            // The components' styles too: they must come before ours, which change them.
            {
              name: "base",
              test: /node_modules\/(react|react-dom|scheduler|@tanstack|@floating-ui|@mantine\/[^/]+\/styles)/,
              priority: 2,
            },
            { name: "base", test: /node_modules\/@mantine\//, minShareCount: 12, priority: 1 },
            { name: "parts", test: /node_modules\/@mantine\/(core|hooks|form)\//, minShareCount: 2 },
            { name: "ui", test: /web\/(ui|api|shell)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
});
