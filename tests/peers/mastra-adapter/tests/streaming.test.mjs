/** What no case of the suite shows: calls that turn out to be the provider's, a consumer that leaves, keys in words. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { asked } from '../dist/asking.js'
import { describeFailure } from '../dist/errors.js'
import { waitBefore } from '../dist/retries.js'
import { transformMastraStreamToTanStack } from '../dist/transformer.js'
import { called, chunksOf, played, started } from './playing.mjs'

const STOP = { type: 'finish', finishReason: 'stop' }

test('a call that turns out to be the provider’s leaves every other call an index of its own', async () => {
  const own = called('a', { providerExecuted: true })
  const chunks = await chunksOf([started('a'), started('b'), own, started('c'), called('b'), called('c'), STOP])
  const calls = chunks.filter((chunk) => chunk.type === 'tool_call')
  assert.deepEqual(calls.map((chunk) => chunk.toolCall.id), ['b', 'c'])
  assert.equal(new Set(calls.map((chunk) => chunk.index)).size, 2)
})

test('a consumer that leaves has the model’s stream closed', async () => {
  let isClosed = false
  async function* endless() {
    try {
      for (;;) yield { type: 'text-delta', id: '0', delta: 'and ' }
    } finally {
      isClosed = true
    }
  }
  for await (const chunk of transformMastraStreamToTanStack(endless(), { model: 'm' })) if (chunk.content.length > 20) break
  assert.ok(isClosed)
})

test('an attempt that failed is over before the next one begins', async () => {
  const signals = []
  const busy = Object.assign(new Error('Busy'), { isRetryable: true, responseHeaders: { 'retry-after': '0' } })
  const model = {
    doStream: async ({ abortSignal }) => {
      assert.ok(signals.every((signal) => signal.aborted))
      signals.push(abortSignal)
      if (signals.length < 3) throw busy
      return { stream: played([STOP]) }
    },
  }
  const parts = []
  for await (const part of asked(model, { prompt: [] }, { maxRetries: 2 }, undefined)) parts.push(part)
  assert.deepEqual(parts, [STOP])
  assert.equal(signals.length, 3)
})

test('a provider is waited for as long as it asks, in any of its words, but no more than a minute', () => {
  const after = (headers) => waitBefore(1, { responseHeaders: headers })
  assert.equal(after({ 'retry-after': '2' }), 2000)
  assert.equal(after({ 'retry-after-ms': '150', 'retry-after': '2' }), 150)
  assert.equal(after({ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }), 0)
  assert.equal(after({ 'retry-after': '61' }), undefined)
  assert.ok(after({}) <= 500)
})

test('no key is told, neither a configured one nor one that looks like a key', () => {
  const words = 'Wrong key hunter2-hunter2, Bearer abc.def.ghi or sk-abcdefgh12345678'
  const { message } = describeFailure(new Error(words), ['hunter2-hunter2'])
  for (const secret of ['hunter2', 'abc.def', 'abcdefgh']) assert.ok(!message.includes(secret), message)
})
