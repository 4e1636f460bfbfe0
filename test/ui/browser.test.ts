import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD } from '../http/stage.ts'
import { balance, change } from '../support/goods.ts'
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

    // The list follows what is typed into its search.
    await page.goto(`${address}/skus`)
    await page.getByRole('searchbox').pressSequentially('MU')
    await page.locator('#list tbody tr').nth(1).waitFor({ state: 'detached' })
    expect(await page.locator('#list tbody th').allInnerTexts()).toEqual([expect.stringMatching(/^MUG/)])

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
    await send(stage, `/orders/${stage.orderId}/cancel`, await stage.person('admin'), { cause: 'customer', reason: 'no longer wanted' })
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

  test('receives a delivery, counts with a scanner that does not wait, and somebody else approves what differs', async () => {
    await stage.user('clerk')
    await stage.sql`update variants set gtin = '04006381333931', gtin_given = '4006381333931' where sku = 'MUG'`
    const logIn = async (email: string): Promise<void> => {
      await page.goto(`${address}/login`)
      await page.getByLabel(/E-mail|电子邮箱/).fill(email)
      await page.getByLabel(/Password|密码/).fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${address}/`)
      await page.getByRole('link', { name: 'English' }).click()
    }
    await logIn('clerk@example.org')
    await page.getByRole('link', { name: 'Stock', exact: true }).click()
    await page.getByRole('link', { name: 'Deliveries', exact: true }).click()
    await page.getByRole('link', { name: 'New delivery' }).click()
    await page.getByLabel('Reference').fill('PO-77')
    await page.getByLabel('To location').selectOption('lyon')
    await page.getByLabel('Expected').fill('2027-01-10')
    await page.getByLabel('Lines').fill('MUG 6 3.40')
    await page.getByRole('button', { name: 'Note the delivery' }).click()
    await page.getByText('Delivery PO-77: 6 units expected on 2027-01-10.').waitFor()
    await page.getByRole('button', { name: 'All 6 units came as expected' }).click()
    await page.getByText('Delivery PO-77: 6 units received at lyon').waitFor()
    expect(await balance(stage.sql, 'MUG', 'lyon')).toMatchObject({ onHand: 10 })

    await page.getByRole('link', { name: 'Counts', exact: true }).click()
    await page.getByLabel('Location').selectOption('lyon')
    await page.getByLabel('Only these SKUs').fill('MUG')
    await page.getByRole('button', { name: 'Start a count' }).click()
    await page.locator('#scan-form').waitFor()
    // Twelve scans, one straight after the other: none is lost, and none counts twice.
    for (let scan = 0; scan < 12; scan += 1) await page.keyboard.type('4006381333931\n')
    await page.locator('#count-live td.counted', { hasText: /^12$/ }).waitFor()
    await page.getByRole('button', { name: 'One less of MUG' }).click()
    await page.locator('#count-live td.counted', { hasText: /^11$/ }).waitFor()
    await page.getByRole('button', { name: 'Hand in' }).click()
    await page.getByText('Somebody who may approve looks at the differences next.').first().waitFor()

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL('**/login')
    await logIn('operations@example.org')
    await page.goto(`${address}/stock/counts`)
    await page.locator('#main tbody a').first().click()
    await page.getByText('What the count found').waitFor()
    await page.getByLabel('Choose MUG').check()
    await page.locator('#differences').getByLabel('Reason for what differs').selectOption({ label: 'Miscounted before' })
    await page.getByRole('button', { name: 'Approve chosen' }).click()
    await page.getByText('On the books: 1 found, 0 missing.').waitFor()
    expect(await balance(stage.sql, 'MUG', 'lyon')).toMatchObject({ onHand: 11 })
    await page.getByRole('button', { name: 'Log out' }).click()
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
