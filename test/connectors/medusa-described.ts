import { type Description, isJson } from './described.ts'
import { knownAnswers, officialMedusa, wrongWith } from './medusa-schema.ts'

/** The description of the Admin API, and what a real server answered. What stands in front of it answers in HTML. */
export const description: Description = () => {
  const official = officialMedusa()
  if (official === null) return null
  const known = knownAnswers(official)
  return ({ method, url: { pathname: path, searchParams: query }, asked, status, answered }) => {
    const call = { method, path, query, body: asked === '' ? undefined : JSON.parse(asked), status }
    if (answered === null || !isJson(answered))
      return {
        request: official.wrongRequest({ ...call, answer: null }),
        reply: answered !== null && status === 200 ? ['it is no JSON'] : null,
      }
    const request = official.wrongRequest({ ...call, answer: null })
    return { request, reply: wrongWith(official, known, { ...call, answer: JSON.parse(answered) }).slice(request.length) }
  }
}
