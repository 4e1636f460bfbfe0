import { createRoute, z } from '@hono/zod-openapi'
import { movementsOfCause } from '../../../db/incoming.ts'
import { listTransfers, readTransfer, readTransferLines, type TransferRow } from '../../../db/transfers.ts'
import { possibleActs, underWay } from '../../domain/inventory/transfer.ts'
import { cancelTransfer, receiveTransfer, requestTransfer, resolveTransfer, sendTransfer } from '../../usecases/transfers.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Id, LocationCode, leaving, Sku } from '../shapes.ts'
import { ArriveIn, ResolveIn, SendIn, TransferIn, TransferOut, TransferWithLines } from './transfer-shape.ts'

const HISTORY_MOST = 1000
const ById = z.object({ id: Id })
const tags = ['Transfers']

const request = createRoute({
  method: 'post',
  path: '/v1/transfers',
  tags,
  summary: 'Ask for goods to be moved to another location',
  description: 'Nothing moves, and nothing is promised, before they are sent.',
  request: { headers: WriteHeaders, body: json(TransferIn) },
  responses: creates(TransferWithLines, 'The transfer.'),
})

const list = createRoute({
  method: 'get',
  path: '/v1/transfers',
  tags,
  summary: 'Transfers between locations',
  request: {
    query: z.strictObject({
      ...PAGE,
      state: z.enum(['requested', 'sent', 'received', 'cancelled']).optional(),
      late: z.stringbool().optional().openapi({ description: '`true`: those under way whose day has passed.', type: 'boolean' }),
      from: LocationCode.optional(),
      to: LocationCode.optional(),
      sku: Sku.optional(),
    }),
  },
  responses: answers(pageOf(TransferOut), 'The newest first.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/transfers/{id}',
  tags,
  summary: 'One transfer with its lines and what happened to it',
  request: { params: ById },
  responses: answers(TransferWithLines, 'The transfer.'),
})

const send = createRoute({
  method: 'post',
  path: '/v1/transfers/{id}/send',
  tags,
  summary: 'Send what was asked for, or a part of it',
  description:
    'Only units that are neither promised nor put aside; otherwise insufficient_stock with what is missing, and nothing leaves. That answer is not final: the same Idempotency-Key may succeed after a receipt.',
  request: { params: ById, headers: WriteHeaders, body: json(SendIn) },
  responses: answers(TransferWithLines, 'The transfer after it.'),
})

const receive = createRoute({
  method: 'post',
  path: '/v1/transfers/{id}/receive',
  tags,
  summary: 'What was sent arrived, in full or short',
  description: 'Never more than was sent, whatever keys are used: more is a conflict that says how much is left.',
  request: { params: ById, headers: WriteHeaders, body: json(ArriveIn) },
  responses: answers(TransferWithLines, 'The transfer after it.'),
})

const resolve = createRoute({
  method: 'post',
  path: '/v1/transfers/{id}/resolve',
  tags,
  summary: 'Say what became of the units that did not arrive',
  description: '`lost`, for a reason of the list: they are incoming no longer. `coming`: they are expected by another day.',
  request: { params: ById, headers: WriteHeaders, body: json(ResolveIn) },
  responses: answers(TransferWithLines, 'The transfer after it.'),
})

const cancel = createRoute({
  method: 'post',
  path: '/v1/transfers/{id}/cancel',
  tags,
  summary: 'Cancel what was not sent yet',
  request: { params: ById, headers: WriteHeaders },
  responses: answers(TransferWithLines, 'The transfer after it.'),
})

/** Goods that move between our own locations. */
export function transferRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const now = deps.now ?? (() => new Date())

  async function read(id: number): Promise<z.infer<typeof TransferWithLines>> {
    const [row, lines, history] = await Promise.all([
      readTransfer(deps.sql, { id }, now()),
      readTransferLines(deps.sql, id),
      movementsOfCause(deps.sql, 'transfer', id, HISTORY_MOST),
    ])
    if (row === null) throw new Fault('not_found', `There is no transfer ${id}.`)
    return {
      ...show(row),
      lines: lines.map(line => ({ ...line, lots: line.lots.map(shownLot) })),
      history: history.map(({ id: _, ...one }) => leaving(one)),
    }
  }

  app.openapi(request, async c => {
    const done = await requestTransfer(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json'))
    return c.json(await read(done.id), 201)
  })

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listTransfers(deps.sql, filter, now(), idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(get, async c => c.json(await read(c.req.valid('param').id), 200))

  app.openapi(send, async c => {
    const done = await sendTransfer(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))
    tellToken(c, done.token)
    return c.json(await read(done.id), 200)
  })

  app.openapi(receive, async c => {
    const receipt = c.req.valid('json')
    const done = await receiveTransfer(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, receipt)
    tellToken(c, done.token)
    return c.json({ ...(await read(done.id)), ...(done.warnings.length === 0 ? {} : { warnings: [...done.warnings] }) }, 200)
  })

  app.openapi(resolve, async c => {
    const done = await resolveTransfer(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json'))
    tellToken(c, done.token)
    return c.json(await read(done.id), 200)
  })

  app.openapi(cancel, async c => {
    const done = await cancelTransfer(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id)
    return c.json(await read(done.id), 200)
  })

  return app
}

const show = (row: TransferRow): z.infer<typeof TransferOut> => ({
  ...leaving(row),
  underWay: underWay(row),
  canNow: possibleActs(row.state, row),
})

type Lot = { readonly code: string; readonly expiresAt: string | null; readonly sent: number; readonly underWay: number }
const shownLot = (lot: Lot) => ({ ...lot, expiresAt: lot.expiresAt === null ? null : new Date(lot.expiresAt).toISOString() })
