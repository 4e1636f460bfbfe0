import type { AudienceRow } from '../../../../db/audiences.ts'
import { listed, number } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { may, type View } from '../../view.ts'

export const AUDIENCE_KINDS = ['region', 'group', 'tier', 'partner'] as const

type Given = {
  readonly view: View
  readonly audiences: readonly AudienceRow[]
  readonly channels: readonly { readonly code: string; readonly name: string }[]
}

/** The field of a channel in the form of a group. */
export const memberField = (code: string): string => `in:${code}`

/** Whom price lists can be for: regions, channel groups, partner tiers, partners. */
export function AudiencesPage({ view, audiences, channels }: Given) {
  const t = view.t.priceSettings.buyers
  const mayWrite = may(view, 'prices:write')
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <PriceTabs view={view} current="audiences" />
      <div class={mayWrite ? 'columns' : ''}>
        <div>
          {AUDIENCE_KINDS.map(kind => (
            <Kind view={view} kind={kind} rows={audiences.filter(one => one.kind === kind)} />
          ))}
        </div>
        {mayWrite ? <PutForm view={view} tiers={audiences.filter(one => one.kind === 'tier')} channels={channels} /> : null}
      </div>
    </Layout>
  )
}

function Kind({ view, kind, rows }: { view: View; kind: AudienceRow['kind']; rows: readonly AudienceRow[] }) {
  const t = view.t.priceSettings.buyers
  const members = (row: AudienceRow): string => {
    if (kind === 'partner') return row.tier ?? t.noTier
    return kind === 'tier' ? number(row.partners, view.language) : row.channels.length === 0 ? '–' : listed(row.channels, view.language)
  }
  return (
    <Panel id={`audience-${kind}`} title={t.kinds[kind]}>
      {rows.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.kinds[kind]} isStacked>
          <thead>
            <tr>
              <th>{t.code}</th>
              <th>{t.name}</th>
              <th>{kind === 'partner' ? t.tier : kind === 'tier' ? t.partners : t.members}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr id={`${kind}-${row.code}`}>
                <th scope="row">{row.code}</th>
                <td data-label={t.name}>{row.name}</td>
                <td data-label={kind === 'partner' ? t.tier : kind === 'tier' ? t.partners : t.members}>{members(row)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

function PutForm({ view, tiers, channels }: { view: View; tiers: readonly AudienceRow[]; channels: Given['channels'] }) {
  const t = view.t.priceSettings.buyers
  const draft = draftOf(view, '/prices/audiences')
  return (
    <Panel id="put-audience" title={t.add}>
      <div class="panel-body">
        <WriteForm view={view} action="/prices/audiences">
          <ChoiceEntry
            draft={draft}
            name="kind"
            label={t.kind}
            options={AUDIENCE_KINDS.map(kind => ({ value: kind, word: t.one[kind] }))}
          />
          <TextEntry draft={draft} name="code" label={t.code} required maxlength={40} hint={t.codeHint} />
          <TextEntry draft={draft} name="name" label={t.name} maxlength={120} />
          <ChoiceEntry
            draft={draft}
            name="tier"
            label={t.tier}
            none={t.noTier}
            options={tiers.map(({ code, name }) => ({ value: code, word: name }))}
          />
          <fieldset class="checks">
            <legend>{t.channels}</legend>
            {channels.map(channel => (
              <label class="check">
                <input
                  type="checkbox"
                  name={memberField(channel.code)}
                  value="yes"
                  checked={draft.typed(memberField(channel.code)) === 'yes'}
                />
                <span>{channel.name}</span>
              </label>
            ))}
          </fieldset>
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
