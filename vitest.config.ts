import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of a minute and more. One of them begun last would run on alone while the other processor has nothing to do. */
const slow = ["/test/faults/", "/test/cli/", "/test/connector/spoilt-answers"];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => slow.some((part) => moduleId.includes(part));
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

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
    sequence: { sequencer: SlowFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as a page is waited for: a second, the default, is short for a browser on a busy machine.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
  },
});
