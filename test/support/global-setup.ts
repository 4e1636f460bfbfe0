import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { memory } from '../../connectors/memory/index.ts'
import { connectors } from '../../connectors/registry.ts'
import { close, connect } from '../../db/connect.ts'
import { startEmbedded } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { writePlatforms } from '../../db/platforms.ts'
import { platformPrices } from '../../src/platform-shape.ts'
import { onPath } from './path-search.ts'
import { TEMPLATE } from './provided.ts'
import { startRedis } from './redis-server.ts'

/** One PostgreSQL for the run, one migrated template in it, and Redis and Chromium where the machine has them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.CONCORD_TEST_DIR
  const dir = given ?? mkdtempSync(join(tmpdir(), 'concord-test-'))
  chmodSync(dir, 0o711) // As root, PostgreSQL runs as another user, who must get through.
  const postgres = await startEmbedded({ dir, durable: false })
  const redisProgram = onPath('redis-server')
  const redis = process.env.REDIS_URL === undefined && redisProgram !== null ? await startRedis(redisProgram, join(dir, 'redis')) : null
  project.provide('provided', {
    postgresUrl: postgres.url,
    databaseTrouble: await makeTemplate(postgres.url),
    redisUrl: process.env.REDIS_URL ?? redis?.url ?? null,
    chromium: onPath('chromium'),
  })
  return async () => {
    await redis?.stop()
    await postgres.stop()
    if (given === undefined) rmSync(dir, { recursive: true, force: true })
  }
}

/** Trouble is handed on, not thrown: a migration that does not run must not keep the tests of pure rules from running. */
async function makeTemplate(serverUrl: string): Promise<string | null> {
  const server = connect(serverUrl, { max: 1, name: 'test-set-up' })
  try {
    await server`create database ${server(TEMPLATE)}`
    const url = new URL(serverUrl)
    url.pathname = `/${TEMPLATE}`
    await migrate(url.href)
    const template = connect(url.href, { max: 1, name: 'test-set-up' })
    await writePlatforms(template, [...connectors, memory].map(platformPrices)).finally(() => close(template))
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await close(server)
  }
}
