import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { routeAll } from '../../jobs/route.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
let orderId: number
const path = '/orders/routing'
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  await layIn(stage.sql, { CUP: { berlin: 20, lyon: 20, malmo: 0 } })
  const web = await quietChannel(stage.sql, 'web', ['berlin', 'lyon', 'malmo'])
  const [booked] = await book(stage.sql, web, 'web', [{ id: 'W-1', lines: [{ sku: 'CUP', ordered: 2 }] }])
  orderId = Number(booked?.orderId)
  await routeAll({ ...stage.context, actor: 'routing' }, pino({ level: 'silent' }))
})
afterAll(() => close(stage.sql, 1))

/** What a browser would send of the form as it stands. */
function fieldsOf(html: string): Record<string, string> {
  const form = /<form method="post" action="\/orders\/routing[^"]*".*?<\/form>/s.exec(html)?.[0] ?? ''
  const value = (tag: string): string => /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? ''
  return Object.fromEntries(
    [...form.matchAll(/<input [^>]*>/g)]
      .map(([tag]) => tag)
      .filter(tag => !tag.includes('name="_') && (!tag.includes('type="checkbox"') || / checked/.test(tag)))
      .map(tag => [/\bname="([^"]*)"/.exec(tag)?.[1] ?? '', value(tag)]),
  )
}
const names = (html: string): string[] => [...html.matchAll(/name="rule-\d+-name" value="([^"]*)"/g)].map(found => found[1] ?? '')

test('rules are added, moved and removed in the form, saved as versions with who and when, and an older one comes back', async () => {
  const first = await visit(stage, path, ana)
  expect(textOf(first.html)).toContain('Nobody has written rules')
  const added = await send(stage, path, ana, { ...fieldsOf(first.html), do: 'add' })
  expect([added.status, names(added.html)]).toEqual([200, ['Everything', 'New rule']])
  const moved = await send(stage, path, ana, { ...fieldsOf(added.html), 'rule-1-maxKm': '300', 'rule-1-locations': 'lyon', do: 'up-1' })
  expect(names(moved.html)).toEqual(['New rule', 'Everything'])
  expect(fieldsOf(moved.html)).toMatchObject({ 'rule-0-maxKm': '300', 'rule-0-locations': 'lyon', 'rule-1-maxKm': '' })
  const saved = await send(stage, path, ana, { ...fieldsOf(moved.html), 'rule-0-name': 'Lyon first', do: 'save' })
  expect(flashOf(saved.html)).toBe('The rules hold as version 1.')
  expect(textOf(saved.html)).toMatch(/Version 1 holds.*operations@example.org/)
  const less = await send(stage, path, ana, { ...fieldsOf(saved.html), do: 'remove-1' })
  await send(stage, path, ana, { ...fieldsOf(less.html), do: 'save' })
  const old = await visit(stage, `${path}?version=1`, ana)
  expect(names(old.html)).toEqual(['Lyon first', 'Everything'])
  expect(textOf(old.html)).toContain('You look at version 1.')
  // Who read the rules before somebody else wrote them does not overwrite that.
  const late = await send(stage, path, ana, { ...fieldsOf(saved.html), do: 'save' })
  expect(flashOf(late.html)).toContain('Somebody else changed the rules meanwhile')
  expect(names(late.html)).toEqual(['Lyon first', 'Everything'])
  expect(flashOf((await send(stage, path, ana, { ...fieldsOf(old.html), do: 'save' })).html)).toBe('The rules hold as version 3.')
})

test('what cannot be is said beside its field and nothing typed is lost; whoever may not change rules cannot', async () => {
  const page = await visit(stage, `${path}?channel=web`, ana)
  expect(textOf(page.html)).toContain('This channel has no rules of its own')
  const given = fieldsOf(page.html)
  const number = await send(stage, `${path}?channel=web`, ana, { ...given, 'rule-1-parcel': 'dear', do: 'save' })
  expect(flashOf(number.html)).toContain('Rule 2, A parcel: this cannot be used.')
  expect(number.html).toMatch(/name="rule-1-parcel" value="dear"[^>]*aria-invalid="true"/)
  const place = await send(stage, `${path}?channel=web`, ana, { ...given, 'rule-0-locations': 'lyon, atlantis', do: 'save' })
  expect(flashOf(place.html)).toContain('Rule 1: there is no location atlantis.')
  const clerk = await stage.person('clerk')
  expect((await visit(stage, path, clerk)).html).not.toContain('value="save"')
  expect((await send(stage, path, clerk, { ...given, do: 'save' })).html).toContain('Your role (Store clerk) may not do this')
  expect(await stage.sql`select from routing_rules where channel_id is not null`).toEqual([])
})

test('the rules of the form are compared with what was, without saving them, at once or with progress', async () => {
  const given = {
    ...fieldsOf((await visit(stage, path, ana)).html),
    'rule-0-locations': 'lyon',
    'rule-0-maxKm': '',
    do: 'compare',
    days: '7',
  }
  const before = await stage.sql`select count(*) from routing_rules`
  const page = await send(stage, path, ana, given)
  expect(textOf(page.html)).toMatch(/What if.*of \d+ decisions would come out otherwise/)
  expect(page.html).toMatch(new RegExp(`<a href="/orders/${orderId}">W-1</a>.*?berlin 2.*?lyon 2`, 's'))
  expect(page.html).toMatch(/<tr id="load-lyon">.*?\+\d/s)
  expect(page.html).toContain('name="rule-0-locations" value="lyon"')
  const streamed = await stage.pages.request(path, {
    method: 'POST',
    headers: { accept: 'application/x-ndjson', cookie: ana.cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ _csrf: ana.csrf, ...given }),
  })
  const lines = (await streamed.text())
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines[0]).toMatchObject({ done: 0, words: expect.stringMatching(/^0 of \d+ decided$/) })
  expect(lines.at(-1).html).toContain('id="compared"')
  expect(await stage.sql`select count(*) from routing_rules`).toEqual(before)
})

test('the page of an order tells candidates, what they would have cost, why they lost, and the promise, in both languages', async () => {
  const text = textOf((await visit(stage, `/orders/${orderId}`, ana)).html)
  expect(text).toMatch(/Why it goes where it goes Routed .* by the plain rules/)
  expect(text).toMatch(/berlin · to be sent · ready by .* there by/)
  // Time costs, too: by the hour at which the test runs, a little less or more than 1.00.
  expect(text).toMatch(/berlin chosen [56]\.\d\d and 0\.20 a unit parcel 4\.00, a unit 0\.20, further parcel 1\.00/)
  expect(text).toMatch(/lyon just as good; the chosen one comes first in the channel’s list/)
  expect(text).toMatch(/malmo has nothing of it/)
  const chinese = textOf((await visit(stage, `/orders/${orderId}`, ana, { cookie: 'concord_language=zh-CN' })).html)
  expect(chinese).toMatch(/为何分派到这里.*berlin 已选中.*lyon 同样合适；选中的地点在渠道列表中靠前.*malmo 没有此商品/)
})

test('what a location does for orders is shown in the order of the channels, and changed in a form that keeps what was typed', async () => {
  const one = '/orders/places/lyon'
  const hours = { 'hours-1': '09:00-13:00, 14:00-18:00', 'hours-2': '09:00-18:00', 'hours-3': '09:00–18:00' }
  const given = {
    ships: 'yes',
    collects: 'yes',
    ...hours,
    cutOff: '15:00',
    leadMinutes: '90',
    ordersPerDay: '40',
    holidays: '2030-12-25, 2030-12-26',
  }
  const more = {
    holidaysOf: 'fr',
    shipsTo: 'fr, de',
    shipsHazards: '0',
    priority: '-2',
    parcelCost: '4.50',
    latitude: '45.76',
    longitude: '4.83',
  }
  const saved = await send(stage, one, ana, { ...given, ...more })
  expect(flashOf(saved.html)).toBe('What lyon does for orders is saved.')
  const [row] = await stage.sql`
    select ships, collects, hours, cut_off, lead_minutes, orders_per_day, units_per_day, ships_to, ships_hazards, holidays_of, priority, latitude, actor
    from location_services where valid_to is null and location_id = (select id from locations where code = 'lyon')`
  expect(row).toMatchObject({
    ...{ ships: true, collects: true, cut_off: '15:00', lead_minutes: 90, orders_per_day: 40, units_per_day: null, ships_to: ['FR', 'DE'] },
    hours: {
      1: [
        ['09:00', '13:00'],
        ['14:00', '18:00'],
      ],
      2: [['09:00', '18:00']],
      3: [['09:00', '18:00']],
    },
    ...{ ships_hazards: [], holidays_of: 'FR', priority: -2, latitude: 45.76, actor: 'user:operations@example.org' },
  })
  const list = (await visit(stage, '/orders/places', ana)).html
  expect(textOf(list)).toMatch(/lyon warehouse sends, hands out Mon 09:00-13:00, 14:00-18:00 Tue–Wed 09:00-18:00 15:00 90 min 0 \/ 40/)
  expect(textOf(list)).toMatch(/2030-12-25, 2030-12-26 public holidays of FR/)
  expect(list.indexOf('place-berlin')).toBeLessThan(list.indexOf('place-lyon'))
  for (const [field, value, says] of [
    ['hours-4', '18:00-09:00', 'Thursday: write hours such as'],
    ['holidays', '2030-02-30', '“2030-02-30” is no day'],
    ['shipsTo', 'FRANCE', '“FRANCE” is no country code'],
    ['shipsHazards', '77', '“77” is no class'],
    ['holidaysOf', 'XX', 'XX is no country'],
    ['longitude', '200', 'Latitude is from'],
  ] as const) {
    const refused = await send(stage, one, ana, { ...given, [field]: value })
    expect(flashOf(refused.html)).toContain(says)
    expect(refused.html).toContain(value)
  }
  expect((await visit(stage, '/orders/places/nowhere', ana)).status).toBe(404)
  const clerk = await visit(stage, one, await stage.person('clerk'))
  expect(clerk.html).toMatch(/<fieldset[^>]* disabled/)
  expect(clerk.html).not.toMatch(/<button type="submit" class="main"/)
})

test('hold rules are added and ended on their page', async () => {
  const page = await send(stage, '/orders/holds', ana, { rule: 'amount', above: '500', currency: 'eur', channel: '' })
  expect(flashOf(page.html)).toBe('The rule holds for orders that come from now on.')
  expect(textOf(page.html)).toMatch(/its total is above EUR 500\.00 every channel .*operations@example.org/)
  expect(flashOf((await send(stage, '/orders/holds', ana, { rule: 'short', above: '', currency: 'EUR', channel: 'web' })).html)).toContain(
    'holds',
  )
  expect(flashOf((await send(stage, '/orders/holds', ana, { rule: 'amount', above: 'much', currency: 'EUR' })).html)).toContain(
    'is not an amount',
  )
  const id = /id="hold-rule-(\d+)"/.exec(page.html)?.[1] ?? ''
  expect(flashOf((await send(stage, '/orders/holds/end', ana, { id })).html)).toContain('The rule is ended.')
  expect(await stage.sql`select rule from hold_rules where valid_to is null`).toEqual([{ rule: 'short' }])
  expect((await visit(stage, '/orders/holds', await stage.person('clerk'))).html).not.toContain('action="/orders/holds"')
})
