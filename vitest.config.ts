import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/each-file.ts'],
    // Tests wait for PostgreSQL and for sandboxes as much as they compute: one more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
    pool: 'forks',
    // A worker keeps the modules that it has read for the files that follow: reading them anew for each took a sixth of a run.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // The full counts of a long run take their time; what hangs is still ended.
    testTimeout: process.env.CONCORD_LONG === '1' ? 900_000 : 60_000,
    hookTimeout: 60_000,
    // As long as `until` waits: a second is not long on a busy machine.
    expect: { poll: { timeout: 40_000 } },
    teardownTimeout: 30_000,
  },
})
