import { expect, test } from 'vitest'
import { type Answer, makeReader } from './connection.ts'

const plain = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"a"}'
const refused = 'HTTP/1.1 409 Conflict\r\ncontent-length: 8\r\n\r\n{"no":1}'
const empty = 'HTTP/1.1 204 No Content\r\n\r\n'
const chunked =
  'HTTP/1.1 422 Unprocessable Content\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\r\r\nA;x=y\r\n0123456\r\n9\r\n0\r\nx: y\r\n\r\n'

test.each([1, 2, 3, 7, 50, 1000])('the clients of the bench read whole answers that arrive in pieces of %i bytes', size => {
  const came: Answer[] = []
  const read = makeReader(answer => came.push(answer))
  const bytes = Buffer.from(plain + refused + chunked + empty + plain)
  for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
  expect(came).toEqual([
    { status: 201, text: '' },
    { status: 409, text: '{"no":1}' },
    { status: 422, text: 'ab\r0123456\r\n9' },
    { status: 204, text: '' },
    { status: 201, text: '' },
  ])
})
