import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../db/root.ts'
import { borderOffences, edgeOffences, type Sources } from './support/architecture/borders.ts'
import { habitOffences } from './support/architecture/habits.ts'
import { MAY_KNOW, PACKAGES } from './support/architecture/rooms.ts'

const root = packageRoot()
const ours = /^(node_modules|dist)$|^\./

function house(folder = root): Sources {
  return Object.assign(
    {},
    ...readdirSync(folder, { withFileTypes: true })
      .filter(entry => !ours.test(entry.name))
      .map(entry => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return house(path)
        return /\.(tsx?|mjs|sql|md)$/.test(entry.name) ? { [relative(root, path).replaceAll('\\', '/')]: readFileSync(path, 'utf8') } : {}
      }),
  )
}

const sources = house()

describe('the house', () => {
  test('is found at all, so that the rules have something to say', () => {
    expect(Object.keys(sources)).toEqual(
      expect.arrayContaining(['src/edge.ts', 'db/connect.ts', 'connectors/contract.ts', 'db/functions/10_command.sql']),
    )
  })

  test('keeps its borders: each room knows only what it may', () => {
    expect(borderOffences(sources)).toEqual([])
  })

  test('lets nothing into the Worker but the intake of webhooks', () => {
    expect(edgeOffences(sources)).toEqual([])
  })

  test('keeps its habits: size, names, no transaction, no SQL outside db, pure rules, a README for each room', () => {
    expect(habitOffences(sources)).toEqual([])
  })

  test('lists no package that the project does not have', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
    expect(Object.keys(PACKAGES).filter(name => !(name in dependencies))).toEqual([])
  })
})

describe('the rule on borders finds', () => {
  test.each([
    [
      'a value that knows a rule',
      'src/values/money.ts',
      "import { x } from '../domain/pricing/floor.ts'",
      'values may not know domain (src/domain/pricing/floor.ts)',
    ],
    [
      'a rule that knows the database',
      'src/domain/sync/a.ts',
      "import type { Sql } from '../../../db/connect.ts'",
      'domain may not know db (db/connect.ts)',
    ],
    [
      'the database that knows a use case',
      'db/a.ts',
      "export { x } from '../src/usecases/x.ts'",
      'db may not know usecases (src/usecases/x.ts)',
    ],
    [
      'a use case that knows HTTP',
      'src/usecases/a.ts',
      "import {\n  x,\n  y,\n} from '../http/x.ts'",
      'usecases may not know http (src/http/x.ts)',
    ],
    [
      'a use case that knows a connector',
      'src/usecases/a.ts',
      "import '../../connectors/amazon/index.ts'",
      'usecases may not know connector (connectors/amazon/index.ts)',
    ],
    ['HTTP that knows jobs', 'src/http/a.ts', "const x = await import('../../jobs/x.ts')", 'http may not know jobs (jobs/x.ts)'],
    ['HTTP that knows pages', 'src/http/a.ts', "import { x } from '../ui/x.tsx'", 'http may not know ui (src/ui/x.tsx)'],
    [
      'HTTP that calls platforms',
      'src/http/a.ts',
      "import { x } from '../../connectors/http.ts'",
      'http sees webhooks.ts and contract.ts of connectors only, not connectors/http.ts',
    ],
    [
      'HTTP that knows a platform',
      'src/http/a.ts',
      "import { x } from '../../connectors/amazon/client.ts'",
      'http may not know connector (connectors/amazon/client.ts)',
    ],
    [
      'a connector that knows the database',
      'connectors/amazon/a.ts',
      "import { x } from '../../db/x.ts'",
      'connector may not know db (db/x.ts)',
    ],
    [
      'a connector that knows a rule',
      'connectors/amazon/a.ts',
      "import { x } from '../../src/domain/x.ts'",
      'connector may not know domain (src/domain/x.ts)',
    ],
    [
      'a connector that knows another',
      'connectors/amazon/a.ts',
      "import { x } from '../woocommerce/wire.ts'",
      'imports connectors/woocommerce/wire.ts: connectors do not know each other',
    ],
    [
      'a connector that leans on its sandbox',
      'connectors/amazon/a.ts',
      "import { x } from './sandbox/shop.ts'",
      'connector may not know sandbox (connectors/amazon/sandbox/shop.ts)',
    ],
    [
      'a job that knows a sandbox',
      'jobs/a.ts',
      "import { x } from '../connectors/amazon/sandbox.ts'",
      'jobs may not know sandbox (connectors/amazon/sandbox.ts)',
    ],
    ['a job that knows the demo', 'jobs/a.ts', "import { x } from '../src/demo/x.ts'", 'jobs may not know demo (src/demo/x.ts)'],
    [
      'a kit that knows a platform',
      'connectors/pace.ts',
      "import { x } from './amazon/index.ts'",
      "the connectors' kit may not know connectors/amazon/index.ts",
    ],
    [
      'a registry that loads sandboxes',
      'connectors/registry.ts',
      "import { played } from './amazon/sandbox.ts'",
      'kit may not know sandbox (connectors/amazon/sandbox.ts)',
    ],
    [
      'a list that knows too much of one',
      'connectors/webhooks.ts',
      "import { x } from './amazon/index.ts'",
      "the connectors' kit may not know connectors/amazon/index.ts",
    ],
    [
      'a program that knows tests',
      'src/main.ts',
      "import { x } from '../test/support/x.ts'",
      'imports test/support/x.ts: only tests know tests',
    ],
    ['an import from nowhere', 'src/main.ts', "import { x } from '../tools/x.ts'", 'imports tools/x.ts, which belongs to no room'],
    ['another client of PostgreSQL', 'src/usecases/a.ts', "import postgres from 'postgres'", 'usecases may not use the package postgres'],
    ['the queue outside of jobs', 'src/main.ts', "import { Queue } from 'bullmq'", 'program may not use the package bullmq'],
    ['another way out', 'connectors/amazon/client.ts', "import { request } from 'undici'", 'connector may not use the package undici'],
    ['parsing inside a rule', 'src/domain/a.ts', "import { z } from 'zod'", 'domain may not use the package zod'],
    [
      'a package that nobody decided on',
      'src/http/a.ts',
      "import x from '@left/pad/deep'",
      'package @left/pad is not in the table of test/support/architecture/rooms.ts',
    ],
    ['a file read by a rule', 'src/domain/a.ts', "import { readFileSync } from 'node:fs'", 'domain may not use node:fs'],
    [
      'a Node module in the signature check',
      'connectors/amazon/webhook.ts',
      "import { createHmac } from 'node:crypto'",
      'connector may not use node:crypto',
    ],
  ])('%s', (_, path, source, wrong) => {
    expect(borderOffences({ [path]: source })).toEqual([`${path}: ${wrong}`])
  })

  test('nothing in what is allowed', () => {
    expect(
      borderOffences({
        'src/domain/pricing/floor.ts': "import { Decimal } from 'decimal.js'\nimport { money } from '../../values/money.ts'",
        'src/http/webhooks.ts': "import { Hono } from 'hono'\nimport { webhookDoors } from '../../connectors/webhooks.ts'",
        'src/values/sealed.ts': "import type { webcrypto } from 'node:crypto'",
        'connectors/registry.ts': "import { amazon } from './amazon/index.ts'\nconst sandbox = () => import('./amazon/sandbox.ts')",
        'connectors/http.ts': "import { Agent } from 'undici'",
        'jobs/lane.ts': "import { connectorOf } from '../connectors/registry.ts' // import { x } from '../src/ui/x.tsx'",
        'src/demo/shop.ts': "import { shop } from '../../connectors/woocommerce/sandbox.ts'",
        'src/main.ts': "import { startLanes } from '../jobs/lane.ts'\nimport { demo } from './demo/demo.ts'",
        'test/races/a.test.ts': "import { shop } from '../../connectors/woocommerce/sandbox.ts'",
      }),
    ).toEqual([])
  })

  test('a ring: no room knows one that knows it', () => {
    const reach = (room: string, seen = new Set<string>()): Set<string> => {
      for (const next of MAY_KNOW[room as keyof typeof MAY_KNOW] ?? []) if (!seen.has(next)) reach(next, seen.add(next))
      return seen
    }
    // The kit's two lists name the platforms, and platforms use the kit: the one ring, held narrow by the rule on lists.
    expect(Object.keys(MAY_KNOW).filter(room => reach(room).has(room))).toEqual(['kit', 'connector'])
  })
})

describe('the rule on the Worker finds', () => {
  const edge = { 'src/edge.ts': "import { webhookRoutes } from './http/webhooks.ts'" }

  test('what is reached through an innocent file', () => {
    const found = edgeOffences({
      ...edge,
      'src/http/webhooks.ts': "import { inboxPut } from '../../db/inbox.ts'",
      'db/inbox.ts': "import { price } from './prices.ts'",
      'db/prices.ts': "import { readFileSync } from 'node:fs'\nimport pino from 'pino'",
    })
    expect(found).toEqual([
      'src/edge.ts: reaches db/prices.ts (through db/inbox.ts)',
      'src/edge.ts: reaches node:fs (through db/prices.ts)',
      'src/edge.ts: reaches pino (through db/prices.ts)',
    ])
  })

  test('nothing in a type, which is gone when the Worker is built', () => {
    const types =
      "import type { A } from '../usecases/a.ts'\nimport { type B, type C } from '../usecases/b.ts'\nimport { Hono } from 'hono'"
    expect(edgeOffences({ ...edge, 'src/http/webhooks.ts': types, 'src/usecases/a.ts': '', 'src/usecases/b.ts': '' })).toEqual([])
  })
})

describe('the rule on habits finds', () => {
  const readme = { 'db/README.md': 'The database.' }

  test.each([
    ['a file of 301 lines', 'db/a.ts', 'x\n'.repeat(301), 'has 301 lines, more than 300: it holds more than one idea'],
    [
      'a function file of 301 lines',
      'db/functions/10_a.sql',
      'x\n'.repeat(301),
      'has 301 lines, more than 300: it holds more than one idea',
    ],
    ['a name that says nothing', 'db/string-utils.ts', '', '"string-utils.ts" does not say what is in it'],
    ['a folder that says nothing', 'db/helpers/a.ts', '', '"helpers" does not say what is in it'],
    ['a manager', 'db/stock.manager.ts', '', '"stock.manager.ts" does not say what is in it'],
    ['a transaction', 'db/a.ts', 'await sql.begin(async tx => {})', 'opens a transaction (sql.begin): one command is one statement'],
    [
      'a reserved connection',
      'db/a.ts',
      'const own = await sql.reserve()',
      'reserves a connection (sql.reserve): one command is one statement',
    ],
  ])('%s', (_, path, source, wrong) => {
    expect(habitOffences({ ...readme, [path]: source })).toEqual([`${path}: ${wrong}`])
  })

  test.each([
    ['SQL in a use case', 'src/usecases/a.ts', 'await sql<{ id: number }[]>`select 1`', 'holds SQL: that is in db/'],
    ['raw SQL in a page', 'src/ui/a.tsx', 'await sql.unsafe(text)', 'holds SQL: that is in db/'],
    ['a rule that waits', 'src/domain/a.ts', 'export async function f() {}', 'is asynchronous: rules take data and return data'],
    ['a rule that reads the clock', 'src/domain/a.ts', 'const now = new Date()', 'reads the clock: time is passed in'],
    ['a value that reads the clock', 'src/values/a.ts', 'const now = Date.now()', 'reads the clock: time is passed in'],
    ['a rule that draws chance', 'src/domain/a.ts', "import { randomUUID } from 'node:crypto'", 'draws chance: it is passed in'],
    ['a rule that prints', 'src/domain/a.ts', 'console.log(1)', 'touches the world outside'],
    [
      'a call past http.ts',
      'connectors/amazon/a.ts',
      'await fetch(url)',
      'calls out by itself: calls to platforms go through connectors/http.ts',
    ],
    ['a file in no room', 'tools/a.ts', '', 'belongs to no room'],
  ])('%s', (_, path, source, wrong) => {
    expect(habitOffences({ [path]: source })).toContain(`${path}: ${wrong}`)
  })

  test('a room without its README, and one longer than a page', () => {
    expect(habitOffences({ 'jobs/a.ts': '', 'connectors/amazon/a.ts': '', 'connectors/amazon/README.md': 'x\n'.repeat(81) })).toEqual([
      'connectors/amazon/README.md: has 81 lines, more than a page (80)',
      'jobs: has no README.md',
    ])
  })

  test('nothing in words: comments and strings are not code', () => {
    const source =
      "// await sql.begin(…) and new Date()\nconst words = 'async sql`select`' /* await */\nconst quote = /['\"]/\nconst at = new Date(given)"
    expect(habitOffences({ 'src/domain/a.ts': source, 'src/domain/README.md': '' })).toEqual([])
  })

  test('an offence behind a pattern that holds a quote', () => {
    expect(
      habitOffences({ 'src/domain/a.ts': "const quote = /[']/\nconst now = Date.now()\nconst end = /'/", 'src/domain/README.md': '' }),
    ).toEqual(['src/domain/a.ts: reads the clock: time is passed in'])
  })
})
