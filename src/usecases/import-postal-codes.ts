import { putPostalAreas } from '../../db/postal-areas.ts'
import { Fault } from '../values/fault.ts'
import { plainPostalCode } from '../values/postal-code.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { type ByteSource, decode } from './import-text.ts'

/** Codes of one country: more tell no distance better, and one statement carries them. */
const AREAS_MOST = 200_000
/** Of all countries of a file: it is in memory until its last line is read. */
const ALL_MOST = 500_000
/** GeoNames' longest lines have a few hundred characters. */
const LINE_MOST = 10_000

type Sum = { latitude: number; longitude: number; rows: number }

/**
 * Takes in where postal codes lie: GeoNames' file of a country (tab-separated, without a header) or lines of country,postal_code,latitude,longitude. What a file tells of a
 * country takes the place of what was known of it; a code of several places lies in their middle. Answers how many codes each country has. Throws `invalid` with the line that
 * cannot be read: then nothing of the file is taken in.
 */
export async function importPostalCodes(context: Context, source: ByteSource): Promise<Record<string, number>> {
  const countries = new Map<string, Map<string, Sum>>()
  let [line, all] = [0, 0]
  for await (const text of linesOf(source)) {
    line++
    if (text.trim() === '' || (line === 1 && /^country,/i.test(text))) continue
    const { country, code, latitude, longitude } = readLine(text, line)
    const areas = countries.get(country) ?? new Map<string, Sum>()
    if (!areas.has(code) && ++all > ALL_MOST)
      throw new Fault('invalid', `A file has at most ${ALL_MOST} postal codes: bring one country after the other.`, { field: 'file' })
    const was = areas.get(code) ?? { latitude: 0, longitude: 0, rows: 0 }
    areas.set(code, { latitude: was.latitude + latitude, longitude: was.longitude + longitude, rows: was.rows + 1 })
    countries.set(country, areas)
    if (areas.size > AREAS_MOST)
      throw new Fault('invalid', `${country} has more than ${AREAS_MOST} postal codes: bring a file of outward codes or regions.`, {
        field: 'file',
      })
  }
  if (countries.size === 0) throw new Fault('invalid', 'There is no postal code in the file.', { field: 'file' })
  const told: Record<string, number> = {}
  for (const [country, areas] of countries) {
    const body = { country, areas: [...areas].map(([code, one]) => [code, one.latitude / one.rows, one.longitude / one.rows]) }
    const key = crypto.randomUUID()
    const done = await carryOut(key, () => putPostalAreas(context.sql, { ...command(context, 'postal.areas', key, body), ...body }))
    if (done === null) throw keyConflict()
    told[country] = done
  }
  return told
}

async function* linesOf(source: ByteSource): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of decode(source, 'utf-8')) {
    const lines = (rest + piece).split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > LINE_MOST)
      throw new Fault('invalid', `A line of postal codes has at most ${LINE_MOST} characters.`, { field: 'file' })
  }
  yield rest
}

/** GeoNames: country, code, place, three regions with a name and a code each, latitude, longitude, accuracy. */
const GEONAMES = { latitude: 9, longitude: 10 }

function readLine(text: string, line: number): { country: string; code: string; latitude: number; longitude: number } {
  const isGeoNames = text.includes('\t')
  const cells = text.split(isGeoNames ? '\t' : ',').map(cell => cell.trim())
  const [country = '', written = ''] = cells
  const [latitude, longitude] = (isGeoNames ? [cells[GEONAMES.latitude], cells[GEONAMES.longitude]] : [cells[2], cells[3]]).map(cell =>
    cell ? Number(cell) : Number.NaN,
  )
  const code = plainPostalCode(written)
  const isRead = /^[A-Z]{2}$/.test(country) && code !== null && latitude !== undefined && longitude !== undefined
  // Not a number is neither above nor below anything.
  if (!isRead || !(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180))
    throw new Fault('invalid', `Line ${line} is neither one of GeoNames' postal codes nor country,postal_code,latitude,longitude.`, {
      field: `line ${line}`,
      expected: 'DE,10115,52.53,13.38',
    })
  return { country, code, latitude, longitude }
}
