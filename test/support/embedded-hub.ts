// A hub that does nothing but hold an embedded PostgreSQL, as a process of its own that tests can kill. Tells its parent what it got.
import { type EmbeddedOptions, startEmbedded } from '../../db/embedded.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as EmbeddedOptions
try {
  const said: string[] = []
  const server = await startEmbedded({ ...options, say: line => said.push(line) })
  process.send?.({ url: server.url, adopted: server.adopted, pid: server.pid, said })
  process.once('message', async () => {
    await server.stop()
    process.disconnect()
  })
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) })
  process.disconnect()
}
