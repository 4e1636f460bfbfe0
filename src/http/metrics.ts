import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Sql } from '../../db/connect.ts'
import { driftGauges } from '../../db/drift-list.ts'
import { readGauges } from '../../db/gauges.ts'

/** What this process measures, and what it reads from the database when asked. */
export type Metrics = {
  readonly observeRequest: (route: string, status: number, ms: number) => void
  readonly countReservation: (outcome: string) => void
  /** The whole page in Prometheus' text format. Throws when the database does not answer. */
  readonly page: () => Promise<{ readonly type: string; readonly text: string }>
}

/** Makes the metrics of one app. Routes are labelled by pattern, so that their number stays bounded. */
export function makeMetrics(sql: Sql): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Histogram({
    name: 'concord_http_request_seconds',
    help: 'Time to answer a request, by route pattern',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const reservations = new Counter({
    name: 'concord_reservations_total',
    help: 'Reservation requests, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  const publications = new Gauge({
    name: 'concord_publications',
    help: 'Published fields, by channel, field and state',
    labelNames: ['channel', 'field', 'state'],
    registers,
  })
  const oldest = new Gauge({
    name: 'concord_publication_oldest_waiting_seconds',
    help: 'Age of the oldest value that waits to be sent, by channel',
    labelNames: ['channel'],
    registers,
  })
  const drifts = new Gauge({
    name: 'concord_drifts',
    help: 'Differences that a platform shows and that have not ended, by channel, field and likely cause',
    labelNames: ['channel', 'field', 'cause'],
    registers,
  })
  const unproven = new Gauge({
    name: 'concord_publications_unproven',
    help: 'Values that a platform accepted and was not seen to show yet, by channel',
    labelNames: ['channel'],
    registers,
  })
  const unprovenAge = new Gauge({
    name: 'concord_publication_oldest_unproven_seconds',
    help: 'Age of the oldest accepted value that is not proven, by channel',
    labelNames: ['channel'],
    registers,
  })
  const inbox = new Gauge({
    name: 'concord_inbox_messages',
    help: 'Messages taken in and not done, by state',
    labelNames: ['state'],
    registers,
  })
  const feed = new Gauge({
    name: 'concord_feed_lag_seconds',
    help: 'Age of the oldest change that a consumer has not passed',
    labelNames: ['consumer'],
    registers,
  })

  const alerts = new Gauge({ name: 'concord_alerts', help: 'Open alerts, by kind', labelNames: ['kind'], registers })
  const toTell = new Gauge({ name: 'concord_alert_deliveries_waiting', help: 'Deliveries of alerts that are still to be made', registers })

  async function readDatabase(): Promise<void> {
    const [now, drift] = await Promise.all([readGauges(sql), driftGauges(sql)])
    for (const gauge of [publications, oldest, drifts, unproven, unprovenAge, inbox, feed, alerts]) gauge.reset()
    for (const row of now.alerts) alerts.set({ kind: row.kind }, row.count)
    toTell.set(now.toTell)
    for (const row of now.publications) publications.set({ channel: row.channel, field: row.field, state: row.state }, row.count)
    for (const row of now.waiting) oldest.set({ channel: row.channel }, row.seconds)
    for (const row of drift.drifts) drifts.set({ channel: row.channel, field: row.field, cause: row.cause }, row.count)
    for (const row of drift.unproven) {
      unproven.set({ channel: row.channel }, row.count)
      unprovenAge.set({ channel: row.channel }, row.seconds)
    }
    for (const state of ['new', 'refused'] as const) inbox.set({ state }, now.inbox[state])
    for (const row of now.feed) feed.set({ consumer: row.consumer }, row.seconds)
  }

  // Looking a measurement up by its labels costs more than taking it.
  const known = new Map<string, ReturnType<typeof requests.labels>>()
  function requestsOf(route: string, status: number) {
    const name = `${status} ${route}`
    const found = known.get(name) ?? requests.labels({ route, status: String(status) })
    known.set(name, found)
    return found
  }

  return {
    observeRequest: (route, status, ms) => requestsOf(route, status).observe(ms / 1000),
    countReservation: outcome => reservations.inc({ outcome }),
    page: async () => {
      await readDatabase()
      return { type: registry.contentType, text: await registry.metrics() }
    },
  }
}
