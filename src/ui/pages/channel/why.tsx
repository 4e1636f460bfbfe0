import type { Child } from 'hono/jsx'
import type { PushCause } from '../../../../db/explain-push-causes.ts'
import type { ExplainedPush, ListingPush } from '../../../usecases/explain-push.ts'
import { actorName, documentText, money, number, signed } from '../../format.ts'
import { Facts } from '../../parts/facts.tsx'
import { Field } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf } from '../../parts/list.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { Ago, At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { kindText } from '../sku/movements.tsx'
import { ForceForm } from './publishing.tsx'
import { whyPath } from './values.tsx'
import { PushesTable } from './why-pushes.tsx'
import { NextStep, Reckoned } from './why-reckoned.tsx'

export type WhyAsked = {
  readonly field: 'stock' | 'price'
  /** As it stands in the field; empty for now. */
  readonly at: string
  /** That is no instant of the past: now is shown instead. */
  readonly isBad: boolean
}

type Given = { readonly view: View; readonly name: string; readonly told: ExplainedPush; readonly asked: WhyAsked }

/** Why a value of a SKU was sent to a channel, or why nothing was; now or at an instant of the past. */
export function WhyPage({ view, name, told, asked }: Given) {
  const t = view.t.publishing.why
  const { sku, channel, field } = told
  const title = t.title(sku, name)
  return (
    <Layout view={view} title={title} live={`sku=${encodeURIComponent(sku)}`}>
      <div class="page-head">
        <h1>{title}</h1>
        <p class="lead">
          <a class="sku" href={`/skus/${encodeURIComponent(sku)}`}>
            {sku}
          </a>{' '}
          {told.title} · <a href={`/channels/${encodeURIComponent(channel)}`}>{name}</a>
        </p>
      </div>
      <div class="toolbar">
        <nav class="choices" aria-label={view.t.publishing.list.field}>
          {(['stock', 'price'] as const).map(one => (
            <a href={addressOf(whyPath(channel, sku), { field: one, at: asked.at })} aria-current={one === field ? 'true' : undefined}>
              {t[one]}
            </a>
          ))}
        </nav>
        <AtForm view={view} told={told} asked={asked} />
      </div>
      {asked.isBad ? (
        <p class="panel-note tone-bad" role="alert">
          {t.badAt(asked.at)}
        </p>
      ) : null}
      <Refreshed view={view} name="why">
        {told.isPast ? (
          <p class="panel-note">
            {t.wasThen} <At view={view} at={new Date(told.at)} />
          </p>
        ) : null}
        {told.listings.length === 0 ? <Absent view={view} told={told} /> : null}
        {told.listings.map(one => (
          <Listing view={view} told={told} one={one} />
        ))}
      </Refreshed>
    </Layout>
  )
}

function AtForm({ view, told, asked }: { view: View; told: ExplainedPush; asked: WhyAsked }) {
  const t = view.t.publishing.why
  const path = whyPath(told.channel, told.sku)
  return (
    <form method="get" action={path} class="at-form" id={`why-at-${asked.at.replace(/\W/g, '')}`} hx-morph-skip>
      <input type="hidden" name="field" value={told.field} />
      <Field label={t.at}>
        <input type="datetime-local" name="at" value={asked.at} step="1" max={view.now.toISOString().slice(0, 19)} required />
      </Field>
      <button type="submit">{t.show}</button>
      {asked.at === '' ? null : (
        <a class="button" href={addressOf(path, { field: told.field })}>
          {t.now}
        </a>
      )}
    </form>
  )
}

function Absent({ view, told }: { view: View; told: ExplainedPush }) {
  const t = view.t.publishing.why
  const { absent, channel, sku, field } = told
  const channelPage = `/channels/${encodeURIComponent(channel)}`
  const [words, next]: readonly [string, Child] =
    absent === null
      ? [told.isPast ? t.lastKnown : t.nothing[field], null]
      : absent.code === 'unlisted'
        ? [t.absent.unlisted, null]
        : absent.code === 'shared'
          ? [t.absent.shared(absent.lead), <a href={addressOf(whyPath(absent.lead, sku), { field })}>{absent.lead}</a>]
          : [
              absent.sku === null ? t.absent.unmatched(absent.externalSku) : t.absent.other(absent.externalSku, absent.sku),
              <a href={`${channelPage}#match`}>{t.step.match}</a>,
            ]
  return (
    <Panel id="why" title={t[field]}>
      <Empty text={words} />
      {next === null ? null : <p class="panel-note">{next}</p>}
    </Panel>
  )
}

function Listing({ view, told, one }: { view: View; told: ExplainedPush; one: ListingPush }) {
  const t = view.t.publishing.why
  const { verdict, queue } = one
  const shown = (value: ListingPush['wanted']): string => documentText(value, view.language, view.t.sku.shown.salePrice)
  const mayForce =
    may(view, 'channels:write') && !told.isPast && ['refused', 'unchanged', 'accepted', 'retry', 'waiting'].includes(verdict?.code ?? '')
  const facts: (readonly [string, Child])[] = [
    [t.wanted, <b>{shown(one.wanted)}</b>],
    [t.shows, shown(one.shows)],
    ...(verdict?.until == null ? [] : [[t.until, <At view={view} at={new Date(verdict.until)} />] as const]),
    ...(queue === null
      ? []
      : [[t.place, t.placeBecause[queue.because]] as const, [t.lossPerHour, money(queue.lossPerHour.toFixed(2), queue.currency)] as const]),
  ]
  return (
    <Panel
      id={`why-${one.listing}`}
      title={verdict === null ? t.nothing[told.field] : t.code[verdict.code]}
      aside={
        mayForce ? (
          <ForceForm
            view={view}
            code={told.channel}
            word={view.t.publishing.force.one}
            fields={{ back: 'why', sku: told.sku, field: told.field }}
          />
        ) : undefined
      }
    >
      {verdict?.since == null ? null : (
        <p class="panel-note">
          {t.since} <At view={view} at={new Date(verdict.since)} />
          {queue === null ? null : (
            <>
              {' '}
              · {t.ahead(queue.ahead)}
              {queue.aboutAt === null ? null : (
                <>
                  {' '}
                  {t.about} <At view={view} at={new Date(queue.aboutAt)} />
                </>
              )}
            </>
          )}
          {one.forcedBy === null ? null : ` · ${t.asked(actorName(one.forcedBy, view.t.actor.system))}`}
        </p>
      )}
      <Facts facts={facts} />
      {verdict?.reason == null || verdict.code === 'quarantined' || verdict.code === 'rejected' ? null : (
        <p class="panel-note">
          {t.reason}: <span translate="no">{verdict.reason}</span>
        </p>
      )}
      <NextStep view={view} told={told} one={one} />
      <Reckoned view={view} told={told} withheld={one.withheld} />
      {one.unaltered.length === 0 ? null : (
        <div class="panel-body">
          <h3>{t.unaltered}</h3>
          <Causes view={view} causes={one.unaltered} />
        </div>
      )}
      {one.after === null ? null : (
        <p class="panel-note">
          {t.after}: {t.events[one.after.event]} {shown(one.after.value)} <At view={view} at={new Date(one.after.at)} />
        </p>
      )}
      <div class="panel-body">
        <h3>{t.pushes}</h3>
      </div>
      {one.pushes.length === 0 ? <Empty text={t.noPush} /> : <PushesTable view={view} pushes={one.pushes} />}
    </Panel>
  )
}

/** Changes, the newest first: what, who, when. */
export function Causes({ view, causes }: { view: View; causes: readonly PushCause[] }) {
  return (
    <ul class="changes">
      {causes.map(cause => (
        <li>
          {changeText(view, cause)} · {actorName(cause.actor, view.t.actor.system)} · <Ago view={view} at={new Date(cause.at)} />
        </li>
      ))}
    </ul>
  )
}

function changeText(view: View, { what, detail }: PushCause): string {
  const t = view.t.publishing.why
  const units = (value: unknown): string => number(Number(value), view.language)
  switch (what) {
    case 'movement': {
      const buckets = (['onHand', 'reserved', 'unavailable'] as const).flatMap(name => {
        const moved = detail[name]
        return typeof moved === 'number' ? [`${view.t.sku.movements[name]} ${signed(moved, view.language)}`] : []
      })
      const order = typeof detail.order === 'string' ? [t.order(detail.order)] : []
      return [kindText(view, String(detail.kind)), String(detail.sku), String(detail.location), ...buckets, ...order].join(' · ')
    }
    case 'safety':
      return t.change.safety(units(detail.quantity))
    case 'buffer':
      return t.change.buffer(units(detail.units))
    default:
      return t.change[what]
  }
}
