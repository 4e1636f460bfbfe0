// A Vendure of its own: all in memory, on the loopback, paid by the dummy payment.
import { bootstrap, dummyPaymentHandler, JobQueueService } from '@vendure/core'

/** The database in memory has one connection, whose transactions mingle: what comes in at once is answered in turn. */
function inTurn() {
  let before = Promise.resolve()
  return (_request, response, next) => {
    const mine = before
    before = new Promise(resolve => response.once('close', resolve))
    mine.then(() => next())
  }
}

const app = await bootstrap({
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(process.env.PORT),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
    middleware: [{ route: '/', handler: inTurn(), beforeListen: true }],
  },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'],
    superadminCredentials: { identifier: process.env.PEER_USER, password: process.env.PEER_PASSWORD },
  },
  dbConnectionOptions: { type: 'sqljs', synchronize: true },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [],
})
await app.get(JobQueueService).start()
