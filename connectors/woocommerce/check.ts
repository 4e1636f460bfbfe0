import { z } from 'zod'
import { type AccountCheck, AccountTrouble, type ChannelAccess } from '../contract.ts'
import type { WooClient } from './client.ts'
import { wooCurrency } from './wire.ts'

type Finding = AccountCheck['findings'][number]

/** Tries what the hub needs, in the order in which a person would mend it, and writes nothing. */
export async function check(client: WooClient, channel: ChannelAccess, url: string): Promise<AccountCheck> {
  const findings: Finding[] = []
  const note = (what: string, ok: boolean, words: string): boolean => {
    findings.push({ what, ok, words })
    return ok
  }
  const done = (): AccountCheck => ({ ok: findings.every(finding => finding.ok), findings })

  const read = await tried(() => client.call('GET', 'wc/v3/products', z.array(z.looseObject({})), { query: { per_page: 1 } }))
  if (read instanceof AccountTrouble) {
    if (read.kind !== 'auth') {
      note('address', false, `${read.message}. Check the address ${url} and that the shop is up.`)
      return done()
    }
    note('address', true, `${url} answers as WooCommerce`)
    note('key', false, `${read.message}. Make a new key in WooCommerce > Settings > Advanced > REST API, with read and write permission.`)
    return done()
  }
  if (read.status === 'refused') {
    // Plain permalinks have no /wp-json/ addresses at all; a missing plug-in has no wc/v3 route.
    const next =
      'Set Settings > Permalinks to anything but "Plain", see that WooCommerce is active and that the address is that of the shop.'
    note('address', false, `${url} has no WooCommerce REST API (${read.code}: ${read.words}). ${next}`)
    return done()
  }
  note('address', true, `${url} answers as WooCommerce`)
  note('key', true, 'the key may read')

  // An empty batch changes nothing, but WooCommerce checks the key's permission for it as for any other.
  const write = await tried(() => client.call('POST', 'wc/v3/products/batch', z.unknown(), { body: { update: [] } }))
  const denied = write instanceof AccountTrouble ? write.message : write.status === 'refused' ? write.words : null
  note('write permission', denied === null, denied === null ? 'the key may write' : `${denied}. Give the key the permission "Read/Write".`)

  const orders = await tried(() => client.call('GET', 'wc/v3/orders', z.array(z.looseObject({})), { query: { per_page: 1 } }))
  const unseen = orders instanceof AccountTrouble ? orders.message : orders.status === 'refused' ? orders.words : null
  note('orders', unseen === null, unseen === null ? 'the key may see orders' : `${unseen}. The key's user must be a shop manager.`)

  const currency = await tried(() => client.call('GET', 'wc/v3/data/currencies/current', wooCurrency))
  if (currency instanceof AccountTrouble || currency.status === 'refused')
    note('currency', true, 'the shop does not tell its currency; it was not compared')
  else {
    const same = currency.data.code === channel.currency
    note(
      'currency',
      same,
      same ? `the shop sells in ${channel.currency}` : `the shop sells in ${currency.data.code}, the channel is set to ${channel.currency}`,
    )
  }
  return done()
}

async function tried<T>(work: () => Promise<T>): Promise<T | AccountTrouble> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AccountTrouble) return error
    throw error
  }
}
