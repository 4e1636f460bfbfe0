import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAccounts } from '../../db/accounts.ts'
import { close } from '../../db/connect.ts'
import { unsealText } from '../../src/values/sealed.ts'
import { stageOf } from '../connectors/platform-stage.ts'
import { shopifyKeys } from '../connectors/shopify-stage.ts'
import { holdsNone, played, secretsOf, typedFor, wrongAt } from './connect-stage.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, type UiStage, visit } from './stage.ts'

let stage: UiStage
let admin: Person

beforeAll(async () => {
  stage = await setUiStage()
  admin = await stage.person('admin')
})
afterAll(() => close(stage.sql, 1))

describe('keys and settings of an account', () => {
  const path = '/channels/rotated-0/account'
  const stored = async () => {
    const row = (await readAccounts(stage.sql)).find(one => one.name === 'rotated')
    const credentials = JSON.parse(await unsealText(stage.keyring, 'credentials', row?.credentials ?? new Uint8Array()))
    return {
      settings: row?.settings,
      credentials,
      secret: await unsealText(stage.keyring, 'webhook-secret', row?.webhookSecret ?? new Uint8Array()),
    }
  }

  test('are changed after they were tried; what is left empty stays, and no key is shown', async () => {
    const { live } = await stageOf('shopify')
    const address = await played(live.make)
    const account = live.account(address, live.scale)
    await send(stage, '/connect/shopify', admin, typedFor('shopify', 'rotated', account))
    const before = await stored()
    const page = await visit(stage, path, admin)
    expect(page.html).toContain(`value="${address}"`)
    holdsNone(stage, page, secretsOf('shopify', account))

    const settings = { 'settings.url': address, 'settings.scale': String(live.scale) }
    const wrong = await send(stage, path, admin, { ...settings, way: '0', 'credentials.0.accessToken': 'shpat_mistyped_again' })
    expect(wrong.status).toBe(422)
    expect(wrongAt(wrong.html, 'credentials.0.accessToken')).toContain('Install the app in this shop')
    holdsNone(stage, wrong, ['shpat_mistyped_again'])
    expect(await stored()).toEqual(before)

    await stage.sql`update accounts set state = 'failing', state_reason = 'auth: the token is refused' where name = 'rotated'`
    const told = await send(stage, path, admin, { ...settings, 'settings.notifyBuyers': 'yes' })
    expect(flashOf(told.html)).toContain('rotated is reached anew')
    expect(await stored()).toEqual({ ...before, settings: { ...(account.settings as object), notifyBuyers: true } })
    const [row] = await stage.sql`select state, state_reason from accounts where name = 'rotated'`
    expect(row).toEqual({ state: 'active', state_reason: null })

    const keys = { 'credentials.0.accessToken': shopifyKeys.accessToken, 'credentials.0.clientSecret': 'another-client-secret' }
    const done = await send(stage, path, admin, { ...settings, way: '0', ...keys })
    expect(flashOf(done.html)).toContain('rotated is reached anew')
    // Shopify signs webhooks by the app's secret, which is another now; the setting that was emptied is gone.
    const after = { accessToken: shopifyKeys.accessToken, clientSecret: 'another-client-secret' }
    expect(await stored()).toEqual({ settings: account.settings, credentials: after, secret: 'another-client-secret' })
    const acts = await stage.sql`select detail from audit where act = 'account.set' and subject = 'rotated'`
    expect(JSON.stringify(acts)).not.toContain('another-client-secret')
  })

  test('are for administrators, and nothing of them is left in English', async () => {
    expect((await visit(stage, path, await stage.person('operations'))).status).toBe(403)
    expect((await visit(stage, '/channels/nowhere/account', admin)).status).toBe(404)
    expect(englishLeft((await visit(stage, path, admin, { cookie: 'concord_language=zh-CN' })).html)).toEqual([])
  })
})
