/** What the provider's own chunks mend of the parts that a package has made of them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { repaired } from '../dist/rawChunks.js'
import { called, played, says, started } from './playing.mjs'

const raw = (rawValue) => ({ type: 'raw', rawValue })
const finish = (finishReason, usage = {}) => ({ type: 'finish', finishReason, usage })
const chat = (choice, more = {}) => raw({ choices: [{ index: 0, ...choice }], ...more })
const gemini = (candidate, more = {}) => raw({ candidates: [candidate], ...more })

async function mended(...parts) {
  const given = []
  for await (const part of repaired(played(parts))) given.push(part)
  return given
}

for (const [where, chunk] of Object.entries({
  'Chat Completions': { id: 'r1', model: 'm1', choices: [] },
  Gemini: { responseId: 'r1', modelVersion: 'm1', candidates: [{}] },
  Responses: { type: 'response.in_progress', response: { id: 'r1', model: 'm1' } },
  Messages: { type: 'message_start', message: { id: 'r1', model: 'm1' } },
})) {
  test(`a chunk of ${where} tells who answers, once, before the parts that are made of it`, async () => {
    const parts = await mended(raw(chunk), says('Hm.'), raw(chunk), says('Hm.'))
    assert.deepEqual(parts, [{ type: 'response-metadata', id: 'r1', modelId: 'm1' }, says('Hm.'), says('Hm.')])
  })
}

test('an id or a model that is empty is none, and the first that is there counts', async () => {
  const parts = await mended(raw({ id: '', model: '' }), raw({ id: 'r1', model: '' }), raw({ id: 'r2', model: 'm1' }))
  assert.deepEqual(parts.at(-1), { type: 'response-metadata', id: 'r1', modelId: 'm1' })
})

test('an error that the package skips is told, behind what its chunk says', async () => {
  const error = { code: 503, message: 'Busy' }
  const parts = await mended(chat({ delta: { content: 'Hm.' } }, { error }), says('Hm.'), finish('stop'))
  assert.deepEqual(parts.slice(0, 2), [says('Hm.'), { type: 'error', error }])
})

test('an error that the package tells, too, is told once, in the provider’s words', async () => {
  const parts = await mended(raw({ error: { code: 503, message: 'Busy' } }), { type: 'error', error: 'Busy' })
  assert.deepEqual(parts, [{ type: 'error', error: { code: 503, message: 'Busy' } }])
})

test('an error behind which the stream breaks off is told', async () => {
  const error = { message: 'Busy' }
  assert.deepEqual(await mended(raw({ error })), [{ type: 'error', error }])
  assert.deepEqual(await mended(raw({ error: null }), raw({ error: '' })), [])
})

test('an error on which the package fails is told before the failure', async () => {
  const given = []
  const fails = () => { throw new TypeError('Cannot read properties of undefined') }
  const reading = async () => {
    for await (const part of repaired(played([raw({ error: { message: 'Busy' } }), fails]))) given.push(part)
  }
  await assert.rejects(reading, TypeError)
  assert.deepEqual(given, [{ type: 'error', error: { message: 'Busy' } }])
})

test('what the provider counted goes before what the package made of it', async () => {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 4, thoughtsTokenCount: 6, totalTokenCount: 20 }
  const parts = await mended(gemini({ finishReason: 'STOP' }, { usageMetadata }), finish('stop', { outputTokens: 10 }))
  assert.deepEqual(parts, [finish('stop', usageMetadata)])
})

test('counts that come in several events are joined, and a package that counts by itself is believed', async () => {
  const [, messages] = await mended(
    raw({ type: 'message_start', message: { id: 'r1', usage: { input_tokens: 3, output_tokens: 1 } } }),
    raw({ type: 'message_delta', usage: { input_tokens: null, output_tokens: 9 } }),
    raw({ type: 'message_stop' }),
    finish('stop'),
  )
  assert.deepEqual(messages.usage, { input_tokens: 3, output_tokens: 9 })
  assert.deepEqual(await mended(chat({}), finish('stop', { inputTokens: 5 })), [finish('stop', { inputTokens: 5 })])
  const [last] = await mended(
    gemini({}, { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4 } }),
    gemini({ finishReason: 'STOP' }, { usageMetadata: { promptTokenCount: 3 } }),
    finish('stop'),
  )
  assert.deepEqual(last.usage, { promptTokenCount: 3 })
})

for (const [chunk, word] of [
  [chat({ finish_reason: 'content_filter' }), 'content_filter'],
  [gemini({ finishReason: 'MAX_TOKENS' }), 'MAX_TOKENS'],
  [raw({ promptFeedback: { blockReason: 'OTHER' } }), 'content_filter'],
]) {
  test(`a reason that the package does not know is the provider's own, here ${word}`, async () => {
    for (const lost of ['unknown', undefined, { unified: 'other' }]) {
      assert.equal((await mended(chunk, finish(lost))).at(-1).finishReason, word)
    }
    assert.equal((await mended(chunk, finish('tool-calls'))).at(-1).finishReason, 'tool-calls')
  })
}

test('only the first of several answers tells the reason', async () => {
  const two = raw({ choices: [{ index: 1, finish_reason: 'length' }, { index: 0, finish_reason: 'content_filter' }] })
  assert.equal((await mended(two, finish('other'))).at(-1).finishReason, 'content_filter')
})

for (const [where, chunk, end] of [
  ['Gemini', gemini({ content: {} }), gemini({ finishReason: 'STOP' })],
  ['Responses', raw({ type: 'response.output_text.delta' }), raw({ type: 'response.completed' })],
  ['Messages', raw({ type: 'message_delta', delta: { stop_reason: 'end_turn' } }), raw({ type: 'message_stop' })],
]) {
  test(`a finish without the end that ${where} sends is a stream that was cut`, async () => {
    const [cut] = await mended(chunk, finish('stop'))
    assert.equal(cut.error.code, 'STREAM_TRUNCATED')
    assert.deepEqual(await mended(chunk, end, finish('stop')), [finish('stop')])
  })
}

test('Chat Completions may end in a [DONE] that no part shows, so its finish is believed', async () => {
  assert.deepEqual(await mended(chat({ delta: { content: 'Hm.' } }), says('Hm.'), finish('stop')), [says('Hm.'), finish('stop')])
})

test('a stream of which nothing is there but a finish without a reason is empty', async () => {
  const start = { type: 'stream-start', warnings: [] }
  assert.equal((await mended(start, finish('unknown'))).at(-1).error.code, 'STREAM_TRUNCATED')
  assert.deepEqual(await mended(start, finish('stop')), [start, finish('stop')])
  assert.deepEqual((await mended(start, says('Hm.'), finish('unknown'))).at(-1), finish('unknown'))
})

test('a refusal that no part tells is text, in its place', async () => {
  const refused = raw({ type: 'response.refusal.delta', delta: 'I ' })
  assert.deepEqual(await mended(refused, chat({ delta: { refusal: 'cannot' } })), [says('I '), says('cannot')].map(unblocked))
})

test('reasoning that no part tells is reasoning, and what a part tells is not doubled', async () => {
  const thinks = (delta) => ({ type: 'reasoning-delta', delta })
  const details = chat({ delta: { reasoning_details: [{ type: 'reasoning.text', text: 'So ' }] } })
  const text = chat({ delta: { reasoning_text: 'it ' } })
  const event = raw({ type: 'response.reasoning_text.delta', delta: 'is' })
  assert.deepEqual(await mended(details, text, event), [thinks('So '), thinks('it '), thinks('is')])
  assert.deepEqual(await mended(details, thinks('So '), text), [thinks('So '), thinks('it ')])
})

test('calls have the ids that the provider gave them, where it gave some', async () => {
  const parts = [{ text: 'Hm.' }, { functionCall: { id: 'fc-1', name: 'look' } }, { functionCall: { name: 'look' } }]
  const given = await mended(
    gemini({ content: { parts } }),
    called('own', { providerExecuted: true }),
    started('x'),
    called('x'),
    called('y'),
    { type: 'tool-result', toolCallId: 'x', result: 1 },
  )
  assert.deepEqual(given.map((part) => part.id ?? part.toolCallId), ['own', 'fc-1', 'fc-1', 'y', 'fc-1'])
})

function unblocked({ id: _, ...part }) {
  return part
}
