/** Structured output, where the cases of the suite do not look: odd schemas, hostile texts, and who is asked again. */

import assert from 'node:assert/strict'
import test from 'node:test'

import { AdapterError } from '../dist/errors.js'
import {
  capabilityOf,
  parseJsonWithFallbacks,
  structuredOutput,
  transformSchemaForProvider,
} from '../dist/structured/index.js'

const NAMED = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
const LIST = {
  type: 'array',
  items: { $ref: '#/$defs/item' },
  $defs: { item: { anyOf: [{ type: 'integer' }, { $ref: '#' }] } },
}
const CHAT = { model: 'm', messages: [{ role: 'user', content: 'Who?' }] }
const FINISH = { type: 'finish', finishReason: 'stop' }

/** A model that gives these answers in turn, and remembers how it was asked. */
function played(...answers) {
  const asked = []
  const ask = async function* (chat, changes) {
    asked.push({ chat, changes })
    for (const part of answers[asked.length - 1]) {
      if (part instanceof Error) throw part
      yield part
    }
  }
  return { ask, asked }
}

const said = (text) => [{ type: 'text-delta', id: '0', delta: text }, FINISH]
const calling = (input) => [{ type: 'tool-call', toolCallId: 'c', toolName: 'structured_output', input }, FINISH]
const failing = (properties) => [Object.assign(new Error('Refused'), properties)]
const answerOf = ({ ask }, model, outputSchema = NAMED, maxRetries = 0) =>
  structuredOutput(ask, { chatOptions: CHAT, outputSchema }, { model, maxRetries })

test('a list is asked of a tool, and of OpenAI, as the only property of an object, and comes back a list', async () => {
  for (const [model, answer] of [
    ['anthropic/claude-sonnet-4-5', calling('{"value": [1, [2]]}')],
    ['openai/gpt-4o', said('{"value": [1, [2]]}')],
  ]) {
    const model_ = played(answer)
    const { data, rawText } = await answerOf(model_, model, LIST)
    assert.deepEqual({ data, rawText }, { data: [1, [2]], rawText: '{"value": [1, [2]]}' })
    const { tools, responseFormat } = model_.asked[0].changes
    const sent = tools?.[0].inputSchema ?? responseFormat.schema
    assert.equal(sent.type, 'object')
    assert.equal(sent.$defs.item.anyOf[1].$ref, '#/properties/value')
  }
})

test('an object that has a property called value of its own is not taken apart', async () => {
  const schema = { type: 'object', properties: { value: { type: 'integer' } }, required: ['value'] }
  const { data } = await answerOf(played(calling('{"value": 1}')), 'anthropic/claude-sonnet-4-5', schema)
  assert.deepEqual(data, { value: 1 })
})

test('tools and their choice of the chat are not offered beside the structure', async () => {
  const model = played(said('{"name": "Ada"}'))
  const chatOptions = { ...CHAT, tools: [{ name: 'look', description: 'Looks' }], toolChoice: 'required' }
  await structuredOutput(model.ask, { chatOptions, outputSchema: NAMED }, { model: 'openai/gpt-4o', maxRetries: 0 })
  assert.deepEqual(Object.keys(model.asked[0].chat).sort(), ['messages', 'model', 'systemPrompts', 'temperature'])
})

test('another way is tried only behind an answer or a request that is not understood', async () => {
  for (const [properties, times] of [
    [{ statusCode: 400 }, 2],
    [{ statusCode: 422 }, 2],
    [{ statusCode: 401 }, 1],
    [{ statusCode: 403 }, 1],
    [{ statusCode: 429 }, 1],
    [{ statusCode: 500 }, 1],
    [{}, 1],
  ]) {
    const model = played(failing(properties), calling('{"name": "Ada"}'))
    await answerOf(model, 'mistral/mistral-large-latest').catch(() => undefined)
    assert.equal(model.asked.length, times, JSON.stringify(properties))
  }
})

test('an abort stays what it is, and nothing is asked behind it', async () => {
  const aborted = new AdapterError('The request was aborted', 'ABORTED')
  const model = played([aborted], calling('{"name": "Ada"}'))
  await assert.rejects(answerOf(model, 'mistral/mistral-large-latest', NAMED, 2), (error) => error === aborted)
  assert.equal(model.asked.length, 1)
})

test('an answer that breaks off without an end is no answer, though its text is JSON', async () => {
  const cut = [{ type: 'text-delta', id: '0', delta: '{"name": "Ada"}' }]
  await assert.rejects(answerOf(played(cut), 'openai/gpt-4o', NAMED, 2), {
    name: 'EndingError',
    code: 'STREAM_TRUNCATED',
  })
})

test('an error part and an unfinished answer are told with their own words', async () => {
  const failed = [{ type: 'error', error: { message: 'The engine is overloaded', code: 'overloaded' } }, FINISH]
  await assert.rejects(answerOf(played(failed), 'openai/gpt-4o'), {
    code: 'overloaded',
    message: /The engine is overloaded/,
  })
  const cut = [
    { type: 'text-delta', id: '0', delta: '{}' },
    { type: 'finish', finishReason: { unified: 'length', raw: 'max' } },
  ]
  await assert.rejects(answerOf(played(cut), 'openai/gpt-4o'), { code: 'length' })
})

test('the error behind several attempts tells how many and in which ways', async () => {
  const model = played(said('No.'), said('Never.'))
  await assert.rejects(answerOf(model, 'openai/gpt-4o', NAMED, 1), {
    message: /after 2 attempts \(native, native\).*The text begins: Never\./,
  })
  assert.match(model.asked[1].chat.systemPrompts.at(-1), /attempt 2/)
})

test('an error shows two hundred characters at most, and no half of one', async () => {
  const text = `${'x'.repeat(199)}😀${'y'.repeat(50)}`
  await assert.rejects(answerOf(played(said(text)), 'openai/gpt-4o'), (error) => {
    return error.message.endsWith(`${'x'.repeat(199)}…`) && error.message.isWellFormed()
  })
})

test('a schema that cannot be used is refused before anything is asked', async () => {
  for (const outputSchema of [
    { type: 'object', properties: { a: { type: 'string', pattern: '[' } } },
    { type: 'object', properties: { a: { $ref: 'https://example.com/schema' } } },
    { anyOf: [{ $ref: '#' }] },
  ]) {
    const model = played(said('{}'))
    await assert.rejects(answerOf(model, 'openai/gpt-4o', outputSchema), { name: 'SchemaError' })
    assert.equal(model.asked.length, 0)
  }
})

test('a reference to an optional property leads to it still, and takes no null by that', () => {
  const schema = {
    type: 'object',
    properties: { home: { type: 'string' }, work: { $ref: '#/properties/home' } },
    required: ['work'],
  }
  const { properties } = transformSchemaForProvider(schema, 'openai')
  assert.deepEqual(properties.home, { anyOf: [{ type: 'string' }, { type: 'null' }] })
  assert.deepEqual(properties.work, { $ref: '#/properties/home/anyOf/0' })
})

test('a list of types is told to Gemini as variants, each with its own limits', () => {
  const schema = {
    type: 'object',
    properties: { id: { type: ['string', 'integer', 'null'], minLength: 2, minimum: 3, title: 'Id' } },
  }
  assert.deepEqual(transformSchemaForProvider(schema, 'google').properties.id, {
    title: 'Id',
    anyOf: [{ type: 'string', minLength: 2 }, { type: 'integer', minimum: 3 }, { type: 'null' }],
  })
})

test('references that would grow without bounds are refused for Gemini', () => {
  const $defs = { d0: { type: 'string' } }
  for (let n = 1; n < 40; n += 1) {
    const $ref = `#/$defs/d${n - 1}`
    $defs[`d${n}`] = { type: 'object', properties: { a: { $ref }, b: { $ref } } }
  }
  assert.throws(() => transformSchemaForProvider({ $ref: '#/$defs/d39', $defs }, 'google'), /too large/)
})

test('a caller keeps the schema that was transformed', () => {
  const schema = { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string' } } } } }
  const before = structuredClone(schema)
  transformSchemaForProvider(schema, 'openai')
  transformSchemaForProvider(schema, 'google')
  assert.deepEqual(schema, before)
})

test("a family is found behind routers, and a server of anybody's models has none", () => {
  const ways = [
    'openai/gpt-5',
    'openrouter/anthropic/claude-sonnet-4',
    'netlify/gemini/x',
    'lab/mixtral-8x7b',
    'ollama/mistral-nemo',
    'x/y',
  ]
  assert.deepEqual(
    ways.map((id) => capabilityOf(id).support),
    ['native', 'tool-based', 'native', 'constrained', 'instruction', 'instruction'],
  )
})

test('tuples, anchors, older drafts and deep answers are held against their schema', () => {
  const tuple = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    items: [{ type: 'string' }],
    additionalItems: false,
  }
  assert.deepEqual(parseJsonWithFallbacks('["a"]', tuple).data, ['a'])
  assert.throws(() => parseJsonWithFallbacks('["a", 1]', tuple), { name: 'AnswerError' })
  const anchored = { properties: { a: { $ref: '#text' } }, $defs: { text: { $anchor: 'text', type: 'string' } } }
  assert.throws(() => parseJsonWithFallbacks('{"a": 1}', anchored), { name: 'AnswerError' })
  assert.deepEqual(parseJsonWithFallbacks('{"a": null}', anchored).data, {})
  const old = { id: 'x', $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' }
  assert.deepEqual(parseJsonWithFallbacks('{}', old).data, {})
  const node = { $ref: '#/$defs/node', $defs: { node: { properties: { n: { $ref: '#/$defs/node' } } } } }
  const deep = `${'{"n":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  assert.throws(() => parseJsonWithFallbacks(deep, node), { name: 'AnswerError', message: /nests too deeply/ })
})

test('a pattern is a Unicode one, and one that is none is read as JavaScript reads it', () => {
  const withPattern = (pattern) => ({ properties: { a: { type: 'string', pattern } } })
  assert.deepEqual(parseJsonWithFallbacks('{"a": "é"}', withPattern('^\\p{L}$')).data, { a: 'é' })
  assert.throws(() => parseJsonWithFallbacks('{"a": "!"}', withPattern('^\\p{L}$')), { name: 'AnswerError' })
  assert.deepEqual(parseJsonWithFallbacks('{"a": "x.y"}', withPattern('^[\\w-.]+$')).data, { a: 'x.y' })
})

test('a member called __proto__ is a member', () => {
  const { data } = parseJsonWithFallbacks('{"__proto__": {"x": 1}, "a": null}', {
    properties: { a: { type: 'string' } },
  })
  assert.deepEqual(Object.entries(data), [['__proto__', { x: 1 }]])
})

test('what stands in a value that was cut is no answer', () => {
  for (const text of ['{"a": {"b": 1}, "c', '[{"a": 1}, {"a":', '{"a": {"b": 1}, "c": tru', '{"a": [1], "b": "x\\']) {
    assert.throws(() => parseJsonWithFallbacks(text), { name: 'AnswerError' }, text)
  }
})

test('a bracket, a quote or a fence of the sentence hides no answer', () => {
  for (const text of [
    '{ "so: {"ok": 1}',
    '{\'a\': 1} or {"ok": 1}',
    '[see {"ok": 1} there',
    'a 5" [pipe {"ok": 1}',
    '``` {"ok": 1}',
  ]) {
    assert.deepEqual(parseJsonWithFallbacks(text).data, { ok: 1 }, text)
  }
})

test('hostile texts take time in proportion to their length', { timeout: 20_000 }, () => {
  for (const piece of ['{"a":', '{"a{', '[{"a":1},', '"{', '```\n', '<think>', '{"x":"', '{"\\"']) {
    const text = piece.repeat(100_000)
    assert.throws(() => parseJsonWithFallbacks(`${text} x`, NAMED), { name: 'AnswerError' }, piece)
  }
})

test('a pattern that would never end is given up, and nobody is asked again for it', async () => {
  const schema = { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } }
  const text = JSON.stringify({ name: `${'a'.repeat(40)}!` })
  assert.throws(() => parseJsonWithFallbacks(text, schema), { name: 'SchemaError', message: /patterns take too long/ })
  const model = played(said(text))
  await assert.rejects(answerOf(model, 'google/gemini-2.5-flash', schema, 2), /patterns take too long/)
  assert.equal(model.asked.length, 1)
  assert.deepEqual(parseJsonWithFallbacks('{"name": "aaa"}', schema).data, { name: 'aaa' })
  assert.throws(() => parseJsonWithFallbacks('{"name": "b"}', schema), /must match pattern/)
})

test('any compatible server is asked by instruction, whatever its model is called', () => {
  assert.equal(capabilityOf('openai-compatible/gpt-4o').support, 'instruction')
})

test('a schema that Gemini cannot take is named for what it has', () => {
  const map = { type: 'object', additionalProperties: { type: 'string' } }
  assert.throws(() => transformSchemaForProvider(map, 'google'), /knows no map, and the schema has one at the root/)
})
