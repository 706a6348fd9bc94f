import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['flowyml-source', 'node'] },
  ssr: { resolve: { conditions: ['flowyml-source', 'node'] } },
  test: {
    include: ['test/**/*.test.ts', 'examples/**/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/.flowyml/**'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['./test/support/reporter.ts'],
    // A developer's own Temporal profiles are none of the tests' business.
    env: { TEMPORAL_CONFIG_FILE: '/dev/null' },
    pool: 'forks',
    maxWorkers: 2,
    // Real servers on a machine that others use too: CI tries a test again, and the report names each that needed it.
    retry: process.env.FLOWYML_CI_REQUIRE ? 1 : 0,
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // The services that all files share are stopped in it.
    teardownTimeout: 60_000,
  },
});
