import type { NoticeRow } from '../../../db/buyer-notices.ts'
import { Facts } from '../parts/facts.tsx'
import { WriteForm } from '../parts/form.tsx'
import { Panel } from '../parts/panel.tsx'
import { Rows } from '../parts/rows.tsx'
import { At } from '../parts/time.tsx'
import { may, type View } from '../view.ts'

/** What the buyer of an order has of us: whoever may see buyers' data sees it. */
export type OrderBuyer = { readonly link: string | null; readonly isForgotten: boolean; readonly told: readonly NoticeRow[] }

/** The page that the buyer follows the order on. */
export function Buyer({ view, orderId, buyer }: { view: View; orderId: number; buyer: OrderBuyer }) {
  const t = view.t.buyer
  if (buyer.isForgotten)
    return (
      <Panel id="buyer" title={t.title}>
        <p class="panel-body">{t.forgotten}</p>
      </Panel>
    )
  const { link } = buyer
  return (
    <Panel id="buyer" title={t.title}>
      <Facts facts={[[t.link, link === null ? t.noLink : <a href={link}>{link}</a>]]} />
      <Told view={view} orderId={orderId} told={buyer.told} />
      <div class="panel-body">
        <WriteForm view={view} action={`/orders/${orderId}/tracking-link`} id={link === null ? 'link-make' : 'link-renew'}>
          <p class="field-hint">{t.linkHint}</p>
          <input type="hidden" name="renew" value={link === null ? '' : 'yes'} />
          <div class="form-row">
            <button type="submit">{link === null ? t.make : t.renew}</button>
          </div>
        </WriteForm>
        <p>
          <a href="/orders/forget">{t.forget.link}</a>
        </p>
      </div>
    </Panel>
  )
}

/** What was told, when, and what became of it. */
function Told({ view, orderId, told }: { view: View; orderId: number; told: readonly NoticeRow[] }) {
  const t = view.t.notices
  const trouble = (row: NoticeRow): string => {
    if (row.trouble === null || row.state === 'done') return ''
    return Object.hasOwn(t.troubles, row.trouble) ? t.troubles[row.trouble as keyof typeof t.troubles] : row.trouble
  }
  return (
    <Rows
      label={t.told}
      rows={told}
      id={row => `notice-${row.id}`}
      empty={t.nothingTold}
      columns={[
        {
          head: t.told,
          names: true,
          cell: row => (
            <>
              {t.kinds[row.kind]}
              <span class="sub">{row.host ?? t.ways[row.via]}</span>
            </>
          ),
        },
        { head: view.t.orderLife.when, cell: row => <At view={view} at={row.endedAt ?? row.createdAt} /> },
        {
          head: view.t.orderLife.state,
          cell: row => (
            <>
              {t.states[row.state]}
              <span class="sub">{[trouble(row), row.status ?? ''].filter(part => part !== '').join(' · ')}</span>
            </>
          ),
        },
        {
          head: t.again,
          cell: row =>
            row.state === 'waiting' || !may(view, 'orders:write') ? null : (
              <WriteForm
                view={view}
                action={`/orders/${orderId}/notices/${row.id}/again`}
                id={`again-${row.id}-${row.endedAt?.getTime() ?? 0}`}
              >
                <button type="submit" class="small" aria-label={`${t.again}: ${t.kinds[row.kind]}`}>
                  {t.again}
                </button>
              </WriteForm>
            ),
        },
      ]}
    />
  )
}
