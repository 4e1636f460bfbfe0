import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD } from '../http/stage.ts'
import { change } from '../support/goods.ts'
import { chromium as chromiumPath, suiteWith } from '../support/needs.ts'
import { send, setUiStage, type UiStage } from './stage.ts'

suiteWith('Chromium', chromiumPath(), 'the console in a browser', program => {
  let stage: UiStage
  let server: ReturnType<typeof serve>
  let browser: Browser
  let page: Page
  let address: string
  const complaints: string[] = []

  beforeAll(async () => {
    stage = await setUiStage()
    await stage.user('operations')
    server = serve({ fetch: stage.pages.fetch, port: 0, hostname: '127.0.0.1' })
    await new Promise(resolve => server.once('listening', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
    page = await browser.newPage({ locale: 'en-GB' })
    // What the content policy refuses, and any error of a script, ends up here.
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
  })
  afterAll(async () => {
    await browser?.close()
    stage?.ui.close()
    await new Promise(resolve => server?.close(resolve))
  })

  test('logs in, keeps the board live, changes stock where it is shown, and speaks Chinese, all without a complaint of the content policy', async () => {
    await page.goto(`${address}/skus/MUG`)
    expect(new URL(page.url()).pathname).toBe('/login')
    await page.getByLabel('E-mail').fill('operations@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.waitForURL('**/skus/MUG')

    await page.getByRole('link', { name: 'Board' }).click()
    await page.locator('#live-mark[data-live=on]').waitFor()
    await page.locator('#risk-PEN td.count-refused', { hasText: '2' }).waitFor()
    await change(stage.sql, [{ sku: 'PEN', location: 'berlin', quantity: 2, kind: 'count' }])
    await page.locator('#risk-PEN td.count-refused', { hasText: '1' }).waitFor()

    await page.goto(`${address}/skus/MUG`)
    await page.locator('#live-mark[data-live=on]').waitFor()
    await page.locator('#change-stock').getByRole('link', { name: 'Adjust' }).click()
    await page.getByLabel('Units, + or −').fill('-4')
    await page.getByLabel('Reason').selectOption({ label: 'Theft' })
    await page.getByRole('button', { name: 'Adjust' }).click()
    await page.getByText('MUG at berlin: on hand 10 → 6, 4 available.').waitFor()
    expect(await page.locator('#stock-berlin td').first().textContent()).toBe('6')
    // Somebody else changes it: the page follows by itself, and what is being typed stays.
    await page.getByLabel('Units, + or −').fill('77')
    await change(stage.sql, [{ sku: 'MUG', location: 'berlin', quantity: 9, kind: 'count' }])
    await page.locator('#stock-berlin td', { hasText: /^9$/ }).waitFor()
    expect(await page.getByLabel('Units, + or −').inputValue()).toBe('77')

    // An order that somebody else cancels takes its forms with it, also the one that is being filled in.
    await page.goto(`${address}/orders/${stage.orderId}`)
    await page.locator('#live-mark[data-live=on]').waitFor()
    await page.getByLabel('Carrier').fill('DHL')
    await send(stage, `/orders/${stage.orderId}/cancel`, await stage.person('admin'), { reason: 'no longer wanted' })
    await page.getByText('Nothing of this order is open').waitFor()
    expect(await page.locator('#part-forms form').count()).toBe(0)

    await page.goto(`${address}/skus/MUG`)
    await page.getByRole('link', { name: '简体中文' }).click()
    await page.getByRole('heading', { name: '各地点库存' }).waitFor()
    await page.goto(`${address}/`)
    await page.getByRole('heading', { name: '看板' }).waitFor()
    await page.getByRole('button', { name: '退出登录' }).click()
    await page.waitForURL('**/login')
    expect(complaints).toEqual([])
  })

  test('needs no mouse: the first stop of the keyboard skips to the content', async () => {
    await page.goto(`${address}/login`)
    await page.getByLabel(/E-mail|电子邮箱/).fill('operations@example.org')
    await page.getByLabel(/Password|密码/).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${address}/`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).toBe('skip')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })
})
