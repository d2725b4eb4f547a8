import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/wire/**/*.test.ts", "test/embedded/**/*.test.ts"],
    testTimeout: 10_000,
  },
});
