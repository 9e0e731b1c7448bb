/** Calls of tools where a stream goes wrong, and results and approvals where they come in another way than usual. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { called, chunksOf, FINISH, says, started } from './playing.mjs'

const CUT_INPUT = '{"city":"Par'
const typesOf = (chunks) => chunks.map((chunk) => chunk.type)
const idsOf = (chunks) => chunks.filter(({ type }) => type === 'tool_call').map(({ toolCall }) => toolCall.id)
const codeOf = (chunks) => chunks.at(-1).error?.code

for (const [how, call] of [
  ['without an id', called(undefined)],
  ['with an empty id', called('')],
  ['without a name', called('a', { toolName: undefined })],
]) {
  test(`a call ${how} ends the stream, for nobody could run or answer it`, async () => {
    const chunks = await chunksOf([call, FINISH])
    assert.deepEqual(typesOf(chunks), ['error'])
    assert.equal(codeOf(chunks), 'TOOL_CALL_UNNAMED')
  })
}

test('a call has the name of its start where it comes without one', async () => {
  const [call] = await chunksOf([started('a'), called('a', { toolName: '' }), FINISH])
  assert.equal(call.toolCall.function.name, 'look')
})

for (const [how, end, code] of [
  ['an error', { type: 'error', error: { message: 'Busy', code: 'busy' } }, 'busy'],
  ['a raised error', () => { throw Object.assign(new Error('Busy'), { code: 'busy' }) }, 'busy'],
  ['nothing', { type: 'text-end', id: '0' }, 'STREAM_TRUNCATED'],
]) {
  test(`a complete call behind an open one is not lost where the stream ends in ${how}`, async () => {
    const chunks = await chunksOf([started('a'), called('b'), says('Hm.'), end])
    assert.deepEqual(typesOf(chunks), ['content', 'tool_call', 'error'])
    assert.deepEqual(idsOf(chunks), ['b'])
    assert.equal(chunks[1].index, 1)
    assert.equal(codeOf(chunks), code)
  })
}

test('a call that is let go because the stream failed is followed by its result, unless somebody had to be asked', async () => {
  const parts = [started('a'), called('b'), { type: 'tool-result', toolCallId: 'b', result: 1 }, { type: 'error', error: 'x' }]
  assert.deepEqual(typesOf(await chunksOf(parts)), ['tool_call', 'tool_result', 'error'])
  const asked = { needsApproval: new Set(['look']), approve: async () => true }
  assert.deepEqual(typesOf(await chunksOf(parts, asked)), ['tool_call', 'error'])
})

test('a call that waits for the answer about another is not lost where there is no answer', async () => {
  const options = { needsApproval: new Set(['look']), approve: () => Promise.reject(new Error('Nobody is there')) }
  const chunks = await chunksOf([started('o'), called('a'), called('b'), called('c', { toolName: 'go' }), FINISH], options)
  assert.deepEqual(idsOf(chunks), ['a', 'b', 'c'])
  assert.equal(chunks.at(-1).error.message, 'Nobody is there')
})

test('nothing follows an abort, not even a call that was complete', async () => {
  const controller = new AbortController()
  const parts = [started('a'), called('b'), () => controller.abort()]
  const chunks = await chunksOf(parts, { signal: controller.signal })
  assert.deepEqual(typesOf(chunks), ['error'])
  assert.equal(codeOf(chunks), 'ABORTED')
})

test('a malformed call holds up no later one', async () => {
  const chunks = await chunksOf([called('a', { input: CUT_INPUT }), called('b'), says('Hm.'), FINISH])
  assert.deepEqual(typesOf(chunks), ['tool_call', 'content', 'error'])
  assert.deepEqual(idsOf(chunks), ['b'])
  assert.equal(codeOf(chunks), 'TOOL_ARGS_PARSE_ERROR')
})

for (const [how, rest] of [
  ['the end of the stream', []],
  ['an error', [{ type: 'error', error: 'Busy' }]],
  ['a filter', [{ ...FINISH, finishReason: 'content-filter' }]],
  ['a call of its id with good arguments', [called('a'), FINISH]],
]) {
  test(`malformed arguments are what is told, also before ${how}`, async () => {
    const chunks = await chunksOf([called('a', { input: CUT_INPUT }), ...rest])
    assert.deepEqual(typesOf(chunks), ['error'])
    assert.equal(codeOf(chunks), 'TOOL_ARGS_PARSE_ERROR')
  })
}

test('a call that a limit has cut is left out', async () => {
  const [done] = await chunksOf([called('a', { input: CUT_INPUT }), { ...FINISH, finishReason: 'length' }])
  assert.equal(done.finishReason, 'length')
})

for (const [what, input] of Object.entries({
  'a NaN': { a: [Number.NaN] },
  'an infinite number': { a: { b: Number.POSITIVE_INFINITY } },
  'a Map': new Map([['a', 1]]),
  'a Map inside': { a: new Map() },
  'a date': new Date(0),
  'a big integer': { a: 10n },
})) {
  test(`${what} as an input is malformed, for no JSON says it`, async () => {
    assert.equal(codeOf(await chunksOf([called('a', { input }), FINISH])), 'TOOL_ARGS_PARSE_ERROR')
  })
}

test('an input that is an object keeps its values', async () => {
  const input = { text: 'é', deep: [{ number: -1.5e-7, nothing: null, flag: false }], absent: undefined }
  const [call] = await chunksOf([called('a', { input }), FINISH])
  assert.equal(call.toolCall.function.arguments, '{"text":"é","deep":[{"number":-1.5e-7,"nothing":null,"flag":false}]}')
})

for (const [when, parts] of [
  ['never started', []],
  ['started', [started('a')]],
]) {
  test(`a result waits for its call that is ${when} when it comes, and only the first counts`, async () => {
    const result = (value) => ({ type: 'tool-result', toolCallId: 'a', result: value })
    const chunks = await chunksOf([...parts, result(1), result(2), called('a'), result(3), FINISH])
    assert.deepEqual(typesOf(chunks), ['tool_call', 'tool_result', 'done'])
    assert.equal(chunks[1].content, '1')
    assert.equal(chunks[2].finishReason, 'stop')
  })
}

test('a result of a call that never comes is dropped', async () => {
  const chunks = await chunksOf([{ type: 'tool-result', toolCallId: 'a', result: 1 }, FINISH])
  assert.deepEqual(typesOf(chunks), ['done'])
})

for (const answer of [undefined, null, 'yes', 1, false]) {
  test(`the answer ${String(answer)} to a question is no leave`, async () => {
    const options = { needsApproval: new Set(['look']), approve: async () => answer }
    const chunks = await chunksOf([called('a'), { type: 'tool-result', toolCallId: 'a', result: 1 }, FINISH], options)
    assert.deepEqual(typesOf(chunks), ['tool_call', 'approval-requested', 'tool_result', 'done'])
    assert.ok('error' in JSON.parse(chunks[2].content))
    assert.equal(chunks[3].finishReason, 'stop')
  })
}

test('a call of an id that is the provider’s holds up nothing', async () => {
  const chunks = await chunksOf([called('a', { providerExecuted: true }), started('a'), called('b'), FINISH])
  assert.deepEqual(idsOf(chunks), ['b'])
  assert.equal(chunks.at(-1).finishReason, 'tool_calls')
})

for (const [word, reason] of Object.entries({
  maxTokens: 'length',
  'MAX-TOKENS': 'length',
  contentFilter: 'content_filter',
  EndTurn: 'stop',
  'max tokens': 'stop', // only case, hyphens and underscores make no difference
})) {
  test(`the finish reason ${word} is ${reason}`, async () => {
    const chunks = await chunksOf([says('Hm.'), { ...FINISH, finishReason: word }])
    assert.equal(chunks.at(-1).finishReason, reason)
  })
}
