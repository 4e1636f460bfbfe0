import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromium as chromiumPath, suiteWith } from '../support/needs.ts'
import { type Desk, openDesk, toCollect, wrongRules } from './desk-stage.ts'

suiteWith('Chromium', chromiumPath(), 'the pick-up desk without a network', program => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(program)
  })
  afterAll(() => desk?.close())

  test('a tablet that reloads while the network is gone opens its desk with the work as last known and what waits, and sends it once the network is back', async () => {
    const { stage, page, address } = desk
    const { groupId } = await toCollect(desk, 'W-1010', [{ sku: 'VASE', ordered: 2 }], 'Mona Maas', 90, [])
    await page.goto(`${address}/desk`)
    await page.locator(`#group-${groupId}`, { hasText: 'Mona Maas' }).waitFor()
    const isKept = () =>
      page.evaluate(
        "caches.open('concord-desk').then(cache => cache.keys()).then(keys => keys.filter(one => one.url.endsWith('/desk')).length)",
      )
    await expect.poll(isKept).toBe(1)
    // No pretended loss: nobody listens any more, neither to the page nor to its worker.
    const comeBack = await desk.goOffline()
    await page.locator(`#group-${groupId}`).click()
    await page.keyboard.type('VASE\n')
    await page.getByText('No network: 1 acts wait').waitFor()
    await page.reload()
    await page.getByText('No network: 1 acts wait').waitFor()
    expect(await page.locator('#desk-link').textContent()).toContain('work as of')
    expect(await page.locator('.desk-line b').first().textContent()).toBe('1/2')
    // Nothing that the device keeps names the buyer.
    await page.getByText('name: once there is network').waitFor()
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('Mona')
    await page.keyboard.type('VASE\n')
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await page.getByText('No network: 3 acts wait').waitFor()
    await comeBack()
    const stateOf = () => stage.sql`select state from fulfilment_groups where id = ${groupId}`.then(([one]) => one?.state)
    await expect.poll(stateOf).toBe('ready')
    await page.locator('#desk-link', { hasText: 'Connected' }).waitFor()
    expect(await stage.sql`select picked from fulfilment_lines where group_id = ${groupId}`).toEqual([{ picked: 2 }])
    // What the browser says of calls that nobody answered is no complaint.
    expect(desk.complaints.filter(text => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
    expect(await wrongRules(stage)).toEqual(desk.before)
  })

  test('whoever logs out, at the desk or anywhere in the console, leaves no work of any store on the device, and what waits to be sent stays', async () => {
    const { page, address } = desk
    for (const path of ['/desk', '/stock']) {
      if (path === '/desk') await page.goto(`${address}/desk`)
      else await desk.logIn()
      await expect.poll(() => page.evaluate("caches.has('concord-desk')")).toBe(true)
      await page.evaluate("localStorage.setItem('concord-desk:lyon:work', '{}'), localStorage.setItem('concord-desk:lyon:queue', '[1]')")
      await page.goto(`${address}${path}`)
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.waitForURL('**/login**')
      const left = "caches.has('concord-desk').then(has => [has, Object.keys(localStorage).filter(name => name.endsWith(':work'))])"
      await expect.poll(() => page.evaluate(left)).toEqual([false, []])
      expect(await page.evaluate("localStorage.getItem('concord-desk:lyon:queue')")).toBe('[1]')
    }
  })
})
