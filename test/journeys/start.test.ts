import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connectors } from '../../connectors/registry.ts'
import { openSandboxes, type RemoteSandboxes } from '../../connectors/sandbox-remote.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import { findEmbedded } from '../../db/embedded.ts'
import { SAMPLES } from '../../src/demo/goods.ts'
import { OPENING } from '../../src/demo/lay-in.ts'
import { readSandboxFolder } from '../../src/demo/sandbox-folder.ts'
import { check } from '../../src/usecases/check.ts'
import { testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'
import { copyProgram, isAlive, npmStart } from './started.ts'

/** More shoppers than beside a person, so that the test is short. */
const BUSY = { CONCORD_SHOPPERS_PER_S: '4' }

test('npm start opens a board that moves, survives kill -9 at any time with all its orders, and leaves nothing behind on Ctrl-C', {
  timeout: 150_000,
}, async () => {
  const copy = await copyProgram()
  let started = npmStart(copy, BUSY)
  onTestFinished(async () => {
    // Whatever failed: nothing may run on. The sandboxes end by themselves when their folder is gone.
    if (started.isRunning()) await started.signal('SIGINT')
    for (const pid of await backgroundPids(copy.home)) if (isAlive(pid)) process.kill(pid, 'SIGQUIT')
    await copy.remove()
  })

  await started.url
  const login = { email: wordAfter('e-mail', started.said()), password: wordAfter('password', started.said()) }
  // In the middle of the first set-up: sandboxes, goods and accounts are still to come.
  await started.signal('SIGKILL')
  started = npmStart(copy, BUSY)
  const url = await started.url
  const cookie = await logIn(url, login)
  const page = await fetch(url, { headers: { cookie } })
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  await until(
    'orders of both platforms are booked',
    async () => {
      const booked = await Promise.all(['shop', 'amazon-de', 'amazon-se'].map(channel => ordersOf(url, cookie, channel)))
      return booked.every(orders => orders >= 2)
    },
    60_000,
  )

  const platforms = await sandboxes(copy.home)
  const before = await soldIds(platforms)
  const background = await backgroundPids(copy.home)
  expect(background).toHaveLength(2)
  await started.signal('SIGKILL')
  expect(background.map(isAlive)).toEqual([true, true])
  await until('people buy while the hub is down', async () => (await soldIds(platforms)).length >= before.length + 4)

  started = npmStart(copy, BUSY)
  const urlAgain = await started.url
  expect(started.said()).not.toContain('password')
  await logIn(urlAgain, login)
  expect(await backgroundPids(copy.home)).toEqual(background)
  await until('the hub is at work again', () => started.said().includes('the demo is under way'))
  await platforms.shoppers(0)
  const sql = await books(copy.home)
  await until(
    'every order that was sold is booked',
    async () => {
      const [sold, booked] = [await soldIds(platforms), await bookedIds(sql)]
      return sold.length > before.length && sold.every(id => booked.includes(id))
    },
    60_000,
  )
  const booked = await bookedIds(sql)
  expect(booked.toSorted()).toEqual([...new Set(await soldIds(platforms))].toSorted())
  const [laidIn] = await sql<{ units: number }[]>`select sum(on_hand)::int as units from movements where reason = ${OPENING}`
  expect(laidIn?.units).toBe(SAMPLES.flatMap(sample => Object.values(sample.stock)).reduce((sum, units) => sum + units, 0))
  const report = await check(await testContext(sql))
  expect(report.findings.filter(finding => finding.violations > 0)).toEqual([])
  await Promise.all([close(sql, 1), platforms.close()])

  await started.signal('SIGINT')
  expect(started.said()).toContain('Concord has stopped')
  await until('nothing runs on', () => !started.isRunning() && !background.some(isAlive))
  expect(existsSync(join(copy.home, 'postgres', 'postmaster.pid'))).toBe(false)
})

const wordAfter = (word: string, text: string): string => new RegExp(`${word} +(\\S+)`).exec(text)?.[1] ?? ''

async function logIn(url: string, login: object): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login),
  })
  expect(answer.status).toBe(200)
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

async function ordersOf(url: string, cookie: string, channel: string): Promise<number> {
  const answer = await fetch(`${url}/v1/orders?channel=${channel}`, { headers: { cookie } })
  // The channel is made a moment after the page opens.
  return answer.ok ? ((await answer.json()) as { items: unknown[] }).items.length : 0
}

async function sandboxes(home: string): Promise<RemoteSandboxes> {
  const config = await readSandboxFolder(join(home, 'sandboxes'))
  if (config === null) throw new Error('there are no sandboxes')
  return openSandboxes(`http://127.0.0.1:${config.port}`, config.token)
}

/** Orders by the platforms' own journals, each once. */
async function soldIds(platforms: RemoteSandboxes): Promise<string[]> {
  const journals = await Promise.all(connectors.map(({ platform }) => platforms.platform(platform).journal(0, 10_000)))
  return [...new Set(journals.flat().flatMap(entry => (entry.kind === 'order' && entry.ref !== null ? [entry.ref] : [])))]
}

async function books(home: string): Promise<Sql> {
  const address = await findEmbedded(home)
  if (address === null) throw new Error('the embedded database does not run')
  return connect(address, { max: 2, name: 'test' })
}

async function bookedIds(sql: Sql): Promise<string[]> {
  return (await sql<{ id: string }[]>`select external_id as id from orders`).map(row => row.id)
}

/** PostgreSQL and the sandboxes, which outlive the hub. */
async function backgroundPids(home: string): Promise<number[]> {
  const files = [join(home, 'postgres', 'postmaster.pid'), join(home, 'sandboxes', 'sandboxes.pid')].filter(existsSync)
  return Promise.all(files.map(async file => Number((await readFile(file, 'utf8')).split('\n')[0])))
}
