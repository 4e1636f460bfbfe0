import type { OrderGroup } from '../../../db/order-life.ts'
import type { OrderHead } from '../../../db/pages-orders.ts'
import { Field, WriteForm } from '../parts/form.tsx'
import { Panel } from '../parts/panel.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'

/** What may be done with units of an order that are to be collected. */
export type OrderPickUp = {
  /** Units that do not lie ready, and why their buyer is asked; null where nobody failed him. */
  readonly open: { readonly units: number; readonly why: string | null } | null
  /** Units that do. */
  readonly ready: number
  /** Whether their platform lets units be cancelled: those that are not ready, or all. */
  readonly mayCancel: boolean
  /** Stores where buyers collect. */
  readonly stores: readonly { readonly code: string; readonly name: string }[]
}

/** To keep what is ready longer, and to hand over otherwise what is not. */
export function PickUpForms({
  view,
  head,
  groups,
  pickUp,
}: {
  view: View
  head: OrderHead
  groups: readonly OrderGroup[]
  pickUp: OrderPickUp
}) {
  const t = view.t.pickUp
  const ready = groups.filter(group => group.method === 'collect' && group.state === 'ready')
  const { open } = pickUp
  const lying = pickUp.ready
  // Not where it is already, nor where it failed.
  const stores = pickUp.stores.filter(store => !groups.some(group => group.location === store.code))
  const parcels = groups.filter(group => group.method === 'ship_to_store' && ['ready', 'sent'].includes(group.state))
  if (ready.length + parcels.length === 0 && open === null && lying === 0) return null
  const asked = open?.why ?? null
  return (
    <div class="columns even">
      {open === null && lying === 0 ? null : (
        <Panel id="choice" title={t.choice}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/choice`} id={`choice-${open?.units ?? 0}-${lying}-${groups.length}`}>
              {asked !== null && Object.hasOwn(t.asked, asked) ? <p class="reason">{t.asked[asked as keyof typeof t.asked]}</p> : null}
              {open === null ? null : <p class="quiet">{t.choiceHint(open.units)}</p>}
              {lying === 0 ? null : open === null ? (
                <p class="quiet">
                  {t.readyHint(lying)} <input type="hidden" name="ready" value="yes" />
                </p>
              ) : (
                <label class="check">
                  <input type="checkbox" name="ready" value="yes" /> {t.alsoReady(lying)}
                </label>
              )}
              {stores.length === 0 ? null : (
                <div class="form-row">
                  <Field label={t.atStore}>
                    <select name="store">
                      {stores.map(store => (
                        <option value={store.code}>{store.name}</option>
                      ))}
                    </select>
                  </Field>
                  <button type="submit" name="choice" value="store" class="main">
                    {t.choose}
                  </button>
                </div>
              )}
              <div class="form-row">
                <button type="submit" name="choice" value="ship">
                  {t.ship}
                </button>
                {pickUp.mayCancel ? (
                  <button type="submit" name="choice" value="cancel" class="danger">
                    {t.cancel}
                  </button>
                ) : null}
              </div>
            </WriteForm>
          </div>
        </Panel>
      )}
      {parcels.map(group => (
        <Panel id={`parcel-${group.id}`} title={`${t.parcel.title} · ${view.t.orderLife.group(group.id)}`}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/groups/${group.id}/parcel`} id={`parcel-${group.id}-${group.state}`}>
              <div class="form-row">
                {(group.state === 'ready' ? (['send'] as const) : (['receive', 'lost'] as const)).map(what => (
                  <button type="submit" name="do" value={what} class={what === 'lost' ? 'danger' : 'main'}>
                    {t.parcel[what]}
                  </button>
                ))}
              </div>
            </WriteForm>
          </div>
        </Panel>
      ))}
      {ready.map(group => (
        <Panel id={`keep-${group.id}`} title={view.t.orderLife.group(group.id)}>
          <div class="panel-body">
            <WriteForm
              view={view}
              action={`/orders/${head.id}/groups/${group.id}/keep`}
              id={`keep-${group.id}-${group.collectBy?.getTime() ?? 0}`}
            >
              {group.collectBy === null ? null : (
                <p>
                  {t.keptUntil} <At view={view} at={group.collectBy} />
                </p>
              )}
              <Field label={t.keepMore(group.id)}>
                <input name="days" inputmode="numeric" maxlength={2} value="3" required />
              </Field>
              <button type="submit">{t.keep}</button>
            </WriteForm>
          </div>
        </Panel>
      ))}
    </div>
  )
}
