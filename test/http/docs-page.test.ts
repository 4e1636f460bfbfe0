import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Browser, chromium as engine } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromium, suiteWith } from '../support/needs.ts'
import { logIn, type Stage, setStage, stockUp } from './stage.ts'

suiteWith('Chromium', chromium(), 'the page of the API', executablePath => {
  let stage: Stage
  let server: Server
  let browser: Browser
  let address: string

  beforeAll(async () => {
    stage = await setStage()
    server = createServer(getRequestListener(stage.app.fetch))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await engine.launch({ executablePath, args: ['--no-sandbox'] })
  })

  afterAll(async () => {
    await browser?.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  test('shows and tries the routes under the strict policy, writes included', { timeout: 90_000 }, async () => {
    await stockUp(stage.app, await stage.key('catalog:write', 'stock:write'), 'MUG', 1)
    const { cookie } = await logIn(stage.app, await stage.user('operations'))
    const context = await browser.newContext()
    await context.addCookies([{ name: 'concord', value: cookie.split('=')[1] ?? '', url: address }])
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))

    await page.goto(`${address}/docs`)
    await page.getByPlaceholder('Filter by tag').fill('Stock')
    await page.locator('#operations-tag-Catalog').waitFor({ state: 'detached' })
    await page.locator('#operations-tag-Stock .expand-operation').click()
    const operation = page.locator('#operations-Stock-post_v1_stock_receive')
    await operation.getByRole('button').first().click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.locator('textarea.body-param__text').fill(JSON.stringify({ lines: [{ sku: 'MUG', location: 'berlin', quantity: 4 }] }))
    await operation.getByRole('button', { name: 'Execute' }).click()
    await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()

    const [balance] = await stage.sql`select on_hand from balances`
    expect(balance?.on_hand).toBe(5)
    expect(complaints).toEqual([])
  })
})
