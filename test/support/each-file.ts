import { afterAll } from 'vitest'
import { settleDescribed } from '../connectors/described.ts'
import { dropAll } from './database.ts'
import { beginFile } from './of-this-file.ts'

// Runs before each test file, also where one worker runs several; hooks end in the reverse order, so this one comes after the file's own.
beginFile()
afterAll(dropAll)
afterAll(settleDescribed)
