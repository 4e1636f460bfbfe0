// A Medusa of its own: without its admin pages, on the loopback, with a database of its own.
const { defineConfig } = require('@medusajs/framework/utils')

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      ...{ storeCors: '', adminCors: '', authCors: '' },
      ...{ jwtSecret: process.env.PEER_SECRET, cookieSecret: process.env.PEER_SECRET },
    },
  },
})
