import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { findEmbedded } from '../../db/embedded.ts'
import { packageRoot } from '../../db/root.ts'
import { freshDatabase } from '../support/database.ts'
import { KEYS } from '../usecases/import-support.ts'

const ROWS = 20_000
let sql: Sql
let url: string
let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concord-cli-process-'))
  chmodSync(folder, 0o711) // As root, PostgreSQL runs as another user, who must get through.
  ;({ sql, url } = await freshDatabase())
  await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse')`
  await sql`insert into products (handle, title) values ('bulk', 'Bulk')`
  await sql`insert into variants (product_id, sku, title) select p.id, 'S' || n, 'S' from products p, generate_series(1, ${ROWS}::int) n`
  file = join(folder, 'count.csv')
  // A kilobyte of reason for each row: the file is far larger than what the process may keep.
  const reason = 'counted twice, because it matters '.repeat(30).trim()
  const rows = Array.from({ length: ROWS }, (_, at) => `S${at + 1},MAIN,${(at % 5) + 1},"${reason}"\n`)
  await writeFile(file, `sku,location,quantity,reason\n${rows.join('')}`)
}, 60_000)

afterAll(() => rm(folder, { recursive: true }))

/** What this run has compiled already, where it keeps that. */
const { NODE_COMPILE_CACHE } = process.env
const compiled = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

function start(words: readonly string[], env: Record<string, string>, node: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...node, join(packageRoot(), 'src/cli.ts'), ...words], {
    env: { PATH: process.env.PATH ?? '', CONCORD_KEYS: KEYS, ...compiled, ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function ended(child: ChildProcess): Promise<Ended> {
  const texts = { out: '', err: '' }
  child.stdout?.on('data', piece => {
    texts.out += piece
  })
  child.stderr?.on('data', piece => {
    texts.err += piece
  })
  const [code] = await once(child, 'close')
  return { code, ...texts }
}

describe('the program', () => {
  test('goes on after kill -9 in the middle of a large file, in little memory, with a line for each tenth', async () => {
    const words = ['import', 'stock', file]
    const first = start(words, { DATABASE_URL: url })
    await new Promise<void>(resolve => {
      first.stderr?.on('data', piece => {
        if (String(piece).includes('applied')) resolve()
      })
    })
    first.kill('SIGKILL')
    await once(first, 'close')
    const [cut] = await sql`select id, state, applied from imports`
    expect(cut).toMatchObject({ state: 'applying' })
    expect(cut?.applied).toBeLessThan(ROWS)

    const second = await ended(start([...words, '--json'], { DATABASE_URL: url }, ['--max-old-space-size=48']))
    expect(second).toMatchObject({ code: 0, err: expect.stringContaining(`applied ${ROWS} of ${ROWS} (100 %)`) })
    const told = second.err.trim().split('\n')
    expect(told.length).toBeLessThanOrEqual(11)
    const applied = told.map(line => Number(/applied (\d+)/.exec(line)?.[1] ?? 0))
    expect(applied).toEqual(applied.toSorted((a, b) => a - b))
    expect(JSON.parse(second.out)).toMatchObject({ outcome: 'done', id: cut?.id, resumed: true, rows: ROWS })
    expect(await sql`select count(*) as n, sum(on_hand) as units from movements`).toEqual([{ n: ROWS, units: ROWS * 3 }])

    // Read, staged and judged from the beginning, in the same little memory: nothing is left to change.
    const third = await ended(start([...words, '--json'], { DATABASE_URL: url }, ['--max-old-space-size=48']))
    expect(JSON.parse(third.out)).toMatchObject({ outcome: 'done', resumed: false, judgement: { unchanged: ROWS } })
    expect(await sql`select count(*) as n from movements`).toEqual([{ n: ROWS }])
  }, 300_000)

  test('brings its own database where none is given, and leaves nothing running', async () => {
    const home = join(folder, 'home')
    const env = { CONCORD_HOME: home, CONCORD_KEYS: '' }
    expect(await ended(start(['location', 'add', 'MAIN'], env))).toMatchObject({ code: 0 })
    const listed = await ended(start(['location', 'list', '--json'], env))
    expect(JSON.parse(listed.out)).toMatchObject([{ code: 'MAIN' }])
    expect(await findEmbedded(home)).toBeNull()
  }, 60_000)
})
