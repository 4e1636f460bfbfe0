import { afterAll } from 'vitest'
import { settleDescribed } from '../connectors/described.ts'
import { dropAll } from './database.ts'

// Runs before each test file; hooks end in the reverse order, so this one comes after the file's own.
afterAll(dropAll)
afterAll(settleDescribed)
