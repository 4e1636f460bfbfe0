import type { LocationRow } from '../../../../db/locations.ts'
import type { LocationServices } from '../../../../db/routing-settings.ts'
import { HAZARDS } from '../../../values/hazard.ts'
import { actorName, listed } from '../../format.ts'
import { hoursText, NO_CLASS, WEEKDAYS } from '../../forms/place-given.ts'
import { type Draft, draftOf, LinesEntry, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { OrderTabs } from '../../parts/order-tabs.tsx'
import { Panel } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** What one location does for orders; whoever may, changes it here. */
export function PlacePage({ view, place, services }: { view: View; place: LocationRow; services: LocationServices }) {
  const t = view.t.routing.places
  const action = `/orders/places/${encodeURIComponent(place.code)}`
  const draft = draftOf(view, action)
  return (
    <Layout view={view} title={place.name}>
      <div class="page-head">
        <h1>{place.name}</h1>
        <p class="lead">
          {view.t.kinds[place.kind]} · {place.code} · {place.zone}
          {services.since === null ? null : (
            <>
              {' · '}
              {t.statedBy} {actorName(services.actor ?? 'system', view.t.actor.system)}, <At view={view} at={services.since} />
            </>
          )}
        </p>
      </div>
      <OrderTabs view={view} current="places" />
      <WriteForm view={view} action={action} id={`place-${services.since?.getTime() ?? 0}`} class="place-form">
        <fieldset class="columns even" disabled={!may(view, 'catalog:write')}>
          <Panel id="services" title={t.facts}>
            <Does draft={draft} services={services} />
          </Panel>
          <Panel id="hours" title={t.hours}>
            <When draft={draft} services={services} zone={place.zone} />
          </Panel>
          <Panel id="capacity" title={t.capacity}>
            <HowMuch draft={draft} services={services} />
          </Panel>
          <Panel id="where" title={t.address}>
            <Where draft={draft} services={services} />
          </Panel>
        </fieldset>
        {may(view, 'catalog:write') ? (
          <button type="submit" class="main">
            {t.save}
          </button>
        ) : null}
      </WriteForm>
    </Layout>
  )
}

type Part = { readonly draft: Draft; readonly services: LocationServices }

const shown = (value: number | string | null): string => (value === null ? '' : `${value}`)
const classes = (value: readonly string[] | null): string => (value === null ? '' : value.length === 0 ? NO_CLASS : value.join(', '))

function Does({ draft, services }: Part) {
  const t = draft.view.t.routing.places
  // What a refused form did not send was unticked.
  const ticked = (name: 'ships' | 'collects'): boolean => draft.typed(name, services[name] ? 'yes' : '') === 'yes'
  return (
    <div class="form panel-body">
      <label class="check">
        <input type="checkbox" name="ships" value="yes" checked={ticked('ships')} /> {t.shipsLabel}
      </label>
      <label class="check">
        <input type="checkbox" name="collects" value="yes" checked={ticked('collects')} /> {t.collectsLabel}
      </label>
      <TextEntry
        draft={draft}
        name="shipsTo"
        label={t.shipsTo}
        value={services.shipsTo?.join(', ') ?? ''}
        hint={t.shipsToHint}
        maxlength={1000}
      />
      <div class="form-row top">
        <NumberEntry draft={draft} name="transitDays" label={t.transitDays} value={shown(services.transitDays)} />
        <NumberEntry draft={draft} name="transitDaysAbroad" label={t.transitDaysAbroad} value={shown(services.transitDaysAbroad)} />
      </div>
      <div class="form-row top">
        <TextEntry draft={draft} name="shipsHazards" label={t.shipsHazards} value={classes(services.shipsHazards)} maxlength={100} />
        <TextEntry
          draft={draft}
          name="handsOverHazards"
          label={t.handsOverHazards}
          value={classes(services.handsOverHazards)}
          maxlength={100}
        />
      </div>
      <span class="field-hint">{t.hazardsHint(listed(HAZARDS, draft.view.language))}</span>
    </div>
  )
}

function When({ draft, services, zone }: Part & { readonly zone: string }) {
  const t = draft.view.t.routing.places
  return (
    <div class="form panel-body">
      <div class="hours">
        {WEEKDAYS.map(day => (
          <TextEntry draft={draft} name={`hours-${day}`} label={t.hoursOf[day]} value={hoursText(services.hours, day)} maxlength={100} />
        ))}
      </div>
      <span class="field-hint">{t.hoursHint(zone)}</span>
      <div class="form-row top">
        <TextEntry draft={draft} name="cutOff" label={t.cutOff} value={shown(services.cutOff)} maxlength={5} hint={t.cutOffHint} />
        <NumberEntry draft={draft} name="leadMinutes" label={t.leadMinutes} value={shown(services.leadMinutes)} hint={t.leadHint} />
      </div>
      <LinesEntry draft={draft} name="holidays" label={t.holidays} rows={2} value={services.holidays.join(', ')} hint={t.holidaysHint} />
      <div class="form-row top">
        <TextEntry
          draft={draft}
          name="holidaysOf"
          label={t.holidaysOf}
          value={shown(services.holidaysOf)}
          maxlength={20}
          hint={t.holidaysOfHint}
        />
        <TextEntry draft={draft} name="openDays" label={t.openDays} value={services.openDays.join(', ')} maxlength={1000} />
      </div>
    </div>
  )
}

function HowMuch({ draft, services }: Part) {
  const t = draft.view.t.routing.places
  return (
    <div class="form panel-body">
      <div class="form-row top">
        <NumberEntry draft={draft} name="ordersPerDay" label={t.ordersPerDay} value={shown(services.ordersPerDay)} hint={t.emptyAny} />
        <NumberEntry draft={draft} name="unitsPerDay" label={t.unitsPerDay} value={shown(services.unitsPerDay)} hint={t.emptyAny} />
      </div>
      <div class="form-row top">
        <NumberEntry
          draft={draft}
          name="parcelCost"
          label={t.parcelCost}
          value={shown(services.parcelCost)}
          kind="amount"
          hint={t.asRules}
        />
        <NumberEntry draft={draft} name="unitCost" label={t.unitCost} value={shown(services.unitCost)} kind="amount" hint={t.asRules} />
      </div>
      <NumberEntry draft={draft} name="priority" label={t.priority} value={shown(services.priority)} kind="signed" hint={t.priorityHint} />
    </div>
  )
}

function Where({ draft, services }: Part) {
  const t = draft.view.t.routing.places
  return (
    <div class="form panel-body">
      <TextEntry draft={draft} name="address" label={t.address} value={shown(services.address)} maxlength={500} />
      <TextEntry draft={draft} name="postalCode" label={t.postalCode} value={shown(services.postalCode)} maxlength={20} />
      <div class="form-row top">
        <TextEntry draft={draft} name="latitude" label={t.latitude} value={shown(services.latitude)} maxlength={20} />
        <TextEntry draft={draft} name="longitude" label={t.longitude} value={shown(services.longitude)} maxlength={20} />
      </div>
    </div>
  )
}
