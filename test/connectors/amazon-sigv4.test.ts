import { describe, expect, test } from 'vitest'
import { regionOf } from '../../connectors/amazon/queue.ts'
import { sign } from '../../connectors/amazon/sigv4.ts'

const KEY = { keyId: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', region: 'us-east-1', service: 'service' }
const AT = new Date('2015-08-30T12:36:00Z')
const form = { 'content-type': 'application/x-www-form-urlencoded' }

/** Signatures that AWS publishes in its Signature Version 4 test suite. */
const published = [
  ['get-vanilla', 'GET', '', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '?Param2=value2&Param1=value1',
    {},
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  ['post-x-www-form-urlencoded', 'POST', '', form, 'Param1=value1', 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'],
] as const

describe('signing for AWS', () => {
  test.each(published)('gives the published signature for %s', async (_name, method, query, headers, body, signature) => {
    const signed = await sign({ method, url: `https://example.amazonaws.com/${query}`, headers, body }, KEY, AT)
    expect(signed.authorization).toContain(`Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, `)
    expect(signed.authorization).toMatch(new RegExp(`Signature=${signature}$`))
    expect(signed['x-amz-date']).toBe('20150830T123600Z')
  })

  test('signs every header that is sent, the host included', async () => {
    const headers = { 'x-amz-target': 'AmazonSQS.ReceiveMessage', 'content-type': 'application/x-amz-json-1.0' }
    const signed = await sign({ method: 'POST', url: 'https://sqs.eu-west-1.amazonaws.com/', headers, body: '{}' }, KEY, AT)
    expect(signed.authorization).toContain('SignedHeaders=content-type;host;x-amz-date;x-amz-target,')
  })

  test.each([
    ['https://sqs.eu-west-1.amazonaws.com/1/q', 'eu-west-1'],
    ['https://vpce-1.sqs.us-west-2.vpce.amazonaws.com/1/q', 'us-west-2'],
    ['http://127.0.0.1:4000/1/q', 'us-east-1'],
  ])('reads the region out of %s', (url, region) => expect(regionOf(url)).toBe(region))
})
