import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "simulator/**/*.test.ts",
      "catcher/**/*.test.ts",
      "test/**/*.test.ts",
      "web/**/*.test.ts",
    ],
    globalSetup: ["test/harness/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as a page is waited for: a second, the default, is short for a browser on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
  },
});
