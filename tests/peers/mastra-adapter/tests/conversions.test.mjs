/** Messages and tools, where the cases of the suite do not look: what JavaScript itself would lose or change. */

import assert from 'node:assert/strict'
import test from 'node:test'

import { z } from 'zod'

import { parseExactly } from '../dist/exactJson.js'
import { convertToAISDKMessages } from '../dist/messages.js'
import { ToolNames } from '../dist/toolNames.js'
import { convertToolsToAISDK } from '../dist/tools.js'

const called = (args) => [
  {
    role: 'assistant',
    content: null,
    toolCalls: [{ id: 'c1', type: 'function', function: { name: 'a.b', arguments: args } }],
  },
]
const imageAt = (value) => [{ role: 'user', content: [{ type: 'image', source: { type: 'url', value } }] }]

test('numbers that no double holds are written with their digits', () => {
  const text = '[12345678901234567890,-9007199254740993,1e400,0.30000000000000000001]'
  assert.equal(JSON.stringify(parseExactly(text)), text)
})

test('numbers that a double holds are plain numbers, however they are written', () => {
  assert.deepEqual(parseExactly('[1.50, 1e21, 100000000000000000000, 1E-7, -0, 0.1]'), [1.5, 1e21, 1e20, 1e-7, -0, 0.1])
})

test('the arguments of an earlier call keep the digits of a big number', () => {
  const [{ content }] = convertToAISDKMessages(called('{"id": 12345678901234567890}'))
  assert.equal(JSON.stringify(content[0].input), '{"id":12345678901234567890}')
})

test('arguments that are no JSON are an error that names the tool and does not show them', () => {
  assert.throws(
    () => convertToAISDKMessages(called('{"password": "secret')),
    (error) => {
      return /a\.b/.test(error.message) && !/secret/.test(error.message)
    },
  )
})

test('a call and its result have the name under which the provider knows the tool', () => {
  const result = { role: 'tool', toolCallId: 'c1', content: 'done' }
  const [turn, answer] = convertToAISDKMessages([...called('{}'), result], new ToolNames(['a.b']))
  assert.equal(turn.content[0].toolName, 'a_b')
  assert.equal(answer.content[0].toolName, 'a_b')
})

test('a URL is a URL for the model, and an image at one is of some image type', () => {
  const [{ content }] = convertToAISDKMessages(imageAt('https://example.com/cat.png'))
  assert.deepEqual(content, [{ type: 'file', data: new URL('https://example.com/cat.png'), mediaType: 'image/*' }])
})

test('a URL that is none is an error', () => {
  assert.throws(() => convertToAISDKMessages(imageAt('cat.png')), /image has a URL that cannot be read/)
})

test('a document at a URL that tells no type needs one', () => {
  const at = (value) => [{ role: 'user', content: [{ type: 'document', source: { type: 'url', value } }] }]
  assert.throws(() => convertToAISDKMessages(at('https://example.com/report')), /document needs the media type/)
  assert.equal(
    convertToAISDKMessages(at('https://example.com/report.pdf?v=2'))[0].content[0].mediaType,
    'application/pdf',
  )
})

test('a data URI that is percent-encoded keeps bytes that are no UTF-8', () => {
  const part = { type: 'document', source: { type: 'url', value: 'data:application/x-bytes,%FF%00a%' } }
  const [{ content }] = convertToAISDKMessages([{ role: 'user', content: [part] }])
  assert.deepEqual(content, [{ type: 'file', data: '/wBhJQ==', mediaType: 'application/x-bytes' }])
})

test('a result whose call is not in the list is sent under the id of its call', () => {
  const [{ content }] = convertToAISDKMessages([{ role: 'tool', toolCallId: 'c9', content: 'late' }])
  assert.deepEqual(content, [
    { type: 'tool-result', toolCallId: 'c9', toolName: 'c9', output: { type: 'text', value: 'late' } },
  ])
})

test('a schema of Zod becomes JSON Schema', () => {
  const inputSchema = z.object({ city: z.string().describe('Where'), days: z.number().int().optional() })
  const [tool] = convertToolsToAISDK([{ name: 'forecast', description: 'Tells it', inputSchema }])
  assert.equal(tool.inputSchema.properties.city.description, 'Where')
  assert.deepEqual(tool.inputSchema.required, ['city'])
  assert.equal(tool.inputSchema.$schema, undefined)
})

test("a tool's schema for Gemini has no references, and one that refers to itself stays as it is", () => {
  const $defs = { city: { type: 'string' }, tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' } } } }
  const refersTo = ($ref) => ({ type: 'object', properties: { it: { $ref } }, $defs })
  const [plain, tree] = convertToolsToAISDK(
    [
      { name: 'plain', description: '', inputSchema: refersTo('#/$defs/city') },
      { name: 'tree', description: '', inputSchema: refersTo('#/$defs/tree') },
    ],
    new ToolNames([]),
    'google',
  )
  assert.deepEqual(plain.inputSchema, { type: 'object', properties: { it: { type: 'string' } } })
  assert.deepEqual(tree.inputSchema, refersTo('#/$defs/tree'))
})

test('a file keeps the name that its metadata says', () => {
  const source = { type: 'data', value: 'JVBERi0=', mimeType: 'application/pdf' }
  const part = { type: 'document', source, metadata: { filename: 'bill.pdf' } }
  const [{ content }] = convertToAISDKMessages([{ role: 'user', content: [part] }])
  assert.equal(content[0].filename, 'bill.pdf')
})
