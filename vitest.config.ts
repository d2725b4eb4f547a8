import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/wire/**/*.test.ts", "test/embedded/**/*.test.ts", "test/golden/**/*.test.ts"],
    testTimeout: 20_000,
    // Files of one worker share their modules, which halves the time of a run. Modules keep no state here: each effect is passed in.
    isolate: false,
    maxWorkers: "100%",
  },
});
